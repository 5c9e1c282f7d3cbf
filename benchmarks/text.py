"""How well the bundled model follows sentences that it never met in training."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.harness import Benchmark, Number, Options, Reading, at_least, main

_BARS = {"floor": at_least(0.90), "colour": at_least(0.80), "motion": at_least(0.70)}
_SHOWN = ("shape", "count", "cut_time", "swap", "all")


def measure(options: Options) -> Iterator[Reading]:
    """Run the text suite on the bundled model.

    Args:
        options: the seed, and whether to take 512 prompts.

    Yields:
        The share of videos accepted by attribute, with truth, reconstruction, chance and false accepts beside it.
    """
    import os

    from misora.evaluate.judge import Judge
    from misora.evaluate.text_suite import SuiteSettings, row_as_dict, run_text_suite
    from misora.model.bundle import load_model

    settings = SuiteSettings(num_prompts=512 if options.full else 128, seed=options.seed)
    workers = min(2, os.cpu_count() or 1)
    report = run_text_suite(load_model(), Judge.load(), settings=settings, workers=workers)
    for name, row in report.rows.items():
        plain = {"prompts": settings.num_prompts, "steps": settings.steps, "guidance": settings.guidance}
        value = row.generated.value if row.generated.num_all else float("nan")
        yield Reading(name=f"text_{name}", value=value, settings={**plain, **row_as_dict(row)}, floor=row.truth.value)


BENCHMARK = Benchmark(
    name="text",
    about="The text suite: videos of held-out sentences, judged by pixels against the sentence.",
    minutes=6,
    numbers=tuple(
        Number(name=f"text_{name}", about=f"share of held-out prompts shown right in {name.replace('_', ' ')}", bar=bar)
        for name, bar in [*_BARS.items(), *((name, None) for name in _SHOWN)]
    ),
    measure=measure,
)

if __name__ == "__main__":
    main(BENCHMARK)
