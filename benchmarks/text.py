"""How well the bundled model follows sentences that it never met in training, as a share of what the judge says of truth."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.harness import Benchmark, Number, Options, Reading, at_least, main

_BARS = {"floor": 0.95, "colour": 0.93, "motion": 0.88, "count": 0.85, "shape": 0.75}
_SHOWN = ("cut_time", "swap", "both_colours", "camera", "relation", "all")
_NUM_PROMPTS, _NUM_FULL = 1024, 2048


def measure(options: Options) -> Iterator[Reading]:
    """Run the text suite on the bundled model, in the grammar that it names.

    Args:
        options: the seed, and whether to take twice as many prompts.

    Yields:
        By attribute the share of videos accepted, and where it has a bar the lower end of that share over truth's; with
        truth, reconstruction, chance and false accepts beside it; then by motion, size, aspect, duration and lines.
    """
    import os

    from misora.evaluate.judge import Judge
    from misora.evaluate.prompts import SuiteSettings
    from misora.evaluate.text_report import row_as_dict
    from misora.evaluate.text_suite import run_text_suite
    from misora.model.bundle import load_model

    settings = SuiteSettings(num_prompts=_NUM_FULL if options.full else _NUM_PROMPTS, seed=options.seed)
    workers = min(2, os.cpu_count() or 1)
    report = run_text_suite(load_model(), Judge.load(), settings=settings, workers=workers)
    plain = {"prompts": settings.num_prompts, "steps": settings.steps, "guidance": settings.guidance}
    plain["grammar"] = report.grammar
    for name, row in report.rows.items():
        told = {**plain, **row_as_dict(row)}
        yield Reading(name=f"text_{name}", value=row.generated.value, settings=told, floor=row.truth.value)
        if name in _BARS:
            yield Reading(name=f"text_{name}_of_truth", value=row.interval.low, settings={**plain, "raw": row.of_truth})
    for kind, (made, true) in report.motions.items():
        settings_of = {**plain, "of": made.num_all, "low": made.interval.low, "high": made.interval.high}
        yield Reading(name=f"text_motion_{kind}", value=made.value, settings=settings_of, floor=true.value)
    for kind, values in report.groups.items():
        for value, scores in values.items():
            shares = {name: each.value for name, each in scores.items()}
            told = {**plain, "of": scores["all"].num_all, **shares}
            yield Reading(name=f"text_by_{kind}_{value.replace(' ', '_')}", value=scores["all"].value, settings=told)


def _numbers() -> Iterator[Number]:
    for name, bar in _BARS.items():
        yield Number(name=f"text_{name}", about=f"share of held-out prompts shown right in {name}")
        yield Number(
            name=f"text_{name}_of_truth",
            about=f"that share in {name} as a part of truth's, lower end of its interval at 95 %",
            bar=at_least(bar),
            floor=1.0,
        )
    for name in _SHOWN:
        yield Number(name=f"text_{name}", about=f"share of held-out prompts shown right in {name.replace('_', ' ')}")


BENCHMARK = Benchmark(
    name="text",
    about="The text suite: videos of held-out sentences, judged by pixels against the sentence.",
    minutes=60,
    numbers=tuple(_numbers()),
    measure=measure,
)

if __name__ == "__main__":
    main(BENCHMARK)
