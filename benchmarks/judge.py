"""How often the judge of the text suite errs: on filmed truth, and on truth with one attribute wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from benchmarks.harness import Benchmark, Number, Options, Reading, at_least, main

if TYPE_CHECKING:
    from misora.evaluate.report import Score

ATTRIBUTES = ("floor", "colour", "shape", "motion", "count", "cut_time", "swap")
_BAR = at_least(0.97)


def measure(options: Options) -> Iterator[Reading]:
    """Film truth and errors, and let the judge look at both; with a bundled model, at its reconstructions too.

    Args:
        options: the seed, and whether to film more.

    Yields:
        Shares of accepted truth and of rejected errors, by attribute.
    """
    import os

    from misora.core.errors import UsageError
    from misora.evaluate.calibrate import accepted, film_truth, film_wrong, rejected
    from misora.evaluate.judge import Judge
    from misora.evaluate.text_suite import reconstructed
    from misora.model.bundle import load_model

    judge, workers = Judge.load(), min(2, os.cpu_count() or 1)
    num_truth, num_wrong, extra = (2000, 800, 500) if options.full else (540, 220, 200)
    try:
        model = load_model()
    except UsageError:
        model = None
    truth = film_truth(num_truth, seed=options.seed, extra=extra, workers=workers)
    looks = {"": None} if model is None else {"": None, "reconstructed_": lambda clip: reconstructed(model, clip)}
    for kind, redo in looks.items():
        for name, measured in accepted(judge, truth, redo=redo).items():
            yield _reading(f"{kind}truth_accepted_{name}", measured)
    for name in ATTRIBUTES:
        pairs = film_wrong(name, num_wrong, seed=options.seed, workers=workers)
        for kind, redo in looks.items():
            yield _reading(f"{kind}wrong_rejected_{name}", rejected(judge, pairs, attribute=name, redo=redo))


def _reading(name: str, measured: Score) -> Reading:
    settings = {
        "of": measured.num_all,
        "low": round(measured.interval.low, 4),
        "high": round(measured.interval.high, 4),
    }
    return Reading(name=name, value=round(measured.value, 4), settings=settings)


BENCHMARK = Benchmark(
    name="judge",
    about="The judge of the text suite on filmed truth it has never seen, and on truth with one attribute wrong.",
    minutes=10,
    numbers=tuple(
        Number(
            name=f"{kind}_{name}",
            about=f"{words} {name.replace('_', ' ')}",
            bar=_BAR,
            floor=1.0,
            family=f"{words} an attribute, the lowest of {len(ATTRIBUTES)}",
        )
        for kind, words in (
            ("truth_accepted", "share of filmed truth accepted in"),
            ("wrong_rejected", "share of truth rejected that is wrong in"),
        )
        for name in ATTRIBUTES
    ),
    measure=measure,
)

if __name__ == "__main__":
    main(BENCHMARK)
