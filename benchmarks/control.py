"""Whether the bundled model does where and when what it is told: cameras, storyboards, drafts, borders."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.harness import Benchmark, Number, Options, Reading, main

_NUM_CASES, _NUM_FULL = 64, 256
_SHOWN = {
    "camera_words_named_right": "videos whose camera the judge names as it was told",
    "storyboard_all": "cards shown right in their own span",
    "storyboard_all_of_single": "that share over the share of the same prompts alone, in videos as long",
    "storyboard_cut_in_time": "storyboards with one cut, less than a latent frame from where it was told",
    "draft_to_final_in_place": "finals in which every thing stands within a tenth of a height of its place in the draft",
    "draft_to_final_same_colours": "finals with the colours of their draft",
    "draft_to_final_same_count": "finals with as many things as their draft",
    "reframe_smooth": "reframed films whose border stays within the 95th percentile of filmed ones",
    "inpaint_smooth": "inpainted films whose border stays within the 95th percentile of filmed ones",
}


def measure(options: Options) -> Iterator[Reading]:
    """Run the control suite.

    Args:
        options: the seed, and whether to take many cases.

    Yields:
        Every number of every part that the model was taught, or does all the same; what it was not taught is 0 in
        `control_taught`'s settings.
    """
    from misora.evaluate.control import PARTS, ControlSettings, run_control_suite
    from misora.evaluate.judge import Judge
    from misora.evaluate.report import ratio, ratio_interval
    from misora.model.bundle import load_model

    settings = ControlSettings(num_cases=_NUM_FULL if options.full else _NUM_CASES, seed=options.seed)
    report = run_control_suite(load_model(), Judge.load(), settings=settings)
    taught = {_plain(name): part.is_taught for name, part in report.parts.items()}
    yield Reading(name="control_taught", value=sum(taught.values()) / len(PARTS), settings=taught)
    for name, part in report.parts.items():
        beside = {"taught": part.is_taught, "cases": settings.num_cases, "steps": settings.steps}
        for what, found in part.scores.items():
            ends = {"of": found.num_all, "low": found.interval.low, "high": found.interval.high}
            yield Reading(name=f"{_plain(name)}_{_plain(what)}", value=found.value, settings={**beside, **ends})
        for what, value in part.values.items():
            yield Reading(name=f"{_plain(name)}_{_plain(what)}", value=value, settings=beside)
    cards = report.parts["storyboard"].scores
    both = cards["all"], cards["all, single prompts"]
    ends = {"low": ratio_interval(*both).low, "high": ratio_interval(*both).high}
    yield Reading(name="storyboard_all_of_single", value=ratio(*both), settings=ends)


def _plain(name: str) -> str:
    return name.replace(",", "").replace(" ", "_")


BENCHMARK = Benchmark(
    name="control",
    about="Camera words, storyboards, drafts and finals, borders of reframe and inpaint, on held-out scripts.",
    minutes=25,
    numbers=(
        Number(name="control_taught", about="parts of the control suite that the bundled model was taught", floor=1.0),
        *(Number(name=name, about=f"share of {about}", floor=1.0) for name, about in _SHOWN.items()),
    ),
    measure=measure,
)

if __name__ == "__main__":
    main(BENCHMARK)
