"""How often the judge of the text suite errs: on filmed truth, and under scripts with one attribute wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from benchmarks.harness import Benchmark, Number, Options, Reading, at_least, main

if TYPE_CHECKING:
    from misora.evaluate.report import Score

COUNTED = ("floor", "colour", "shape", "motion", "count", "cut_time", "swap")
PRINTED = ("camera", "relation")
WORLDS = {"first": "", "wide": "wide_"}
_BAR = at_least(0.97)


def measure(options: Options) -> Iterator[Reading]:
    """Film truth of both grammars and let the judge look at it; with a bundled model, at its reconstructions too.

    Args:
        options: the seed, and whether to film more.

    Yields:
        Shares of accepted truth and of rejected errors, by attribute.
    """
    import os

    from misora.core.errors import UsageError
    from misora.evaluate.calibrate import film_truth, measured
    from misora.evaluate.judge import Judge
    from misora.evaluate.text_suite import reconstructed
    from misora.model.bundle import load_model
    from misora.worlds.grammar import grammar_named

    judge, workers = Judge.load(), min(2, os.cpu_count() or 1)
    num, extra = (2000, 500) if options.full else (540, 150)
    try:
        model = load_model()
    except UsageError:
        model = None
    looks = {"": None} if model is None else {"": None, "reconstructed_": lambda clip: reconstructed(model, clip)}
    for name, prefix in WORLDS.items():
        grammar = grammar_named(name)
        truth = film_truth(num, seed=options.seed, extra=extra, workers=workers, grammar=grammar)
        for kind, redo in looks.items():
            errors = measured(judge, truth, seed=options.seed, grammar=grammar, redo=redo)
            for attribute, share in errors.accepted.items():
                yield _reading(f"{prefix}{kind}truth_accepted_{attribute}", share)
            for attribute, share in errors.rejected.items():
                yield _reading(f"{prefix}{kind}wrong_rejected_{attribute}", share)


def _reading(name: str, measured: Score) -> Reading:
    settings = {
        "of": measured.num_all,
        "low": round(measured.interval.low, 4),
        "high": round(measured.interval.high, 4),
    }
    return Reading(name=name, value=round(measured.value, 4), settings=settings)


def _numbers() -> Iterator[Number]:
    for world, prefix in WORLDS.items():
        where = " of the wide playroom" if prefix else ""
        for kind, words in (
            ("truth_accepted", f"share of filmed truth{where} accepted in"),
            ("reconstructed_truth_accepted", f"share of reconstructed truth{where} accepted in"),
            ("wrong_rejected", f"share of truth{where} rejected under a script wrong in"),
        ):
            asked = COUNTED if world == "first" else (*COUNTED, *PRINTED)
            for name in asked:
                is_held = name in COUNTED
                yield Number(
                    name=f"{prefix}{kind}_{name}",
                    about=f"{words} {name.replace('_', ' ')}",
                    bar=_BAR if is_held else None,
                    floor=1.0,
                    family=f"{words} an attribute, the lowest of {len(COUNTED)}" if is_held else "",
                )


BENCHMARK = Benchmark(
    name="judge",
    about="The judge of the text suite on filmed truth it has never seen, and under scripts with one attribute wrong.",
    minutes=25,
    numbers=tuple(_numbers()),
    measure=measure,
)

if __name__ == "__main__":
    main(BENCHMARK)
