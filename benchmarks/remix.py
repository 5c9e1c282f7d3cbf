"""How a remix follows its strength: away from the source, towards the new prompt."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from benchmarks.harness import Benchmark, Number, Options, Reading, at_least, main

if TYPE_CHECKING:
    from misora.evaluate.report import Score

_NUM_CASES, _NUM_FULL = 64, 256
_ORDERS = ("distance", "closeness", "both")


def measure(options: Options) -> Iterator[Reading]:
    """Remix held-out films at five strengths.

    Args:
        options: the seed, and whether to take many films.

    Yields:
        The share of films whose remixes are in order, and what lies beside it.
    """
    from misora.evaluate.judge import Judge
    from misora.evaluate.remix import RemixSettings, as_dict, run_remix_suite
    from misora.model.bundle import load_model

    settings = RemixSettings(num_cases=_NUM_FULL if options.full else _NUM_CASES, seed=options.seed)
    report = run_remix_suite(load_model(), Judge.load(), settings=settings)
    known = as_dict(report)
    for name in (*_ORDERS, "change"):
        found = report.orders[name]
        yield Reading(name=f"remix_{name}_ordered", value=found.value, settings={**known, **_ends(found)})
        if name in _ORDERS:
            yield Reading(name=f"remix_{name}_ordered_low", value=found.interval.low, settings={"of": found.num_all})


def _ends(found: Score) -> dict[str, float]:
    return {"low": found.interval.low, "high": found.interval.high}


_ABOUT = {
    "distance": "films of which the distance to the source rises over five strengths",
    "closeness": "films of which the closeness to the new prompt rises over five strengths, but for the judge's noise",
    "both": "films of which both are in order",
    "change": "films of which the closeness in what the new prompt says otherwise rises, but for the judge's noise",
}
BENCHMARK = Benchmark(
    name="remix",
    about="Remixes of held-out films at five strengths: farther from the source, closer to the new prompt.",
    minutes=12,
    numbers=(
        *(Number(name=f"remix_{name}_ordered", about=f"share of {_ABOUT[name]}", floor=1.0) for name in _ABOUT),
        *(
            Number(
                name=f"remix_{name}_ordered_low",
                about=f"lower end at 95 % of the share of {_ABOUT[name]}",
                bar=at_least(0.9),
            )
            for name in _ORDERS
        ),
    ),
    measure=measure,
)

if __name__ == "__main__":
    main(BENCHMARK)
