"""How few solver steps show a sentence as well as a hundred, and what step caching loses."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from benchmarks.harness import Benchmark, Number, Options, Reading, at_most, main

if TYPE_CHECKING:
    from misora.evaluate.judge import Judge
    from misora.generate.canvas import Canvas
    from misora.generate.sample import Speed
    from misora.model.bundle import Model
    from misora.video.clip import Clip
    from misora.worlds.script import Script

_REFERENCE = 100
_ATTRIBUTES = ("floor", "colour", "shape", "motion", "count")


def measure(options: Options) -> Iterator[Reading]:
    """Make the same held-out prompts with the same noise at several numbers of steps, and judge them.

    Args:
        options: the seed, and whether to take many prompts.

    Yields:
        Mean score of five attributes at each number of steps and speed, beside that of a hundred steps.
    """
    from misora.evaluate.judge import Judge
    from misora.evaluate.prompts import SuiteSettings, canvas_of, grammar_of, prompt_script
    from misora.evaluate.reconstruction import likeness
    from misora.generate.sample import DEFAULT_STEPS
    from misora.model.bundle import load_model

    model, judge = load_model(), Judge.load()
    settings = SuiteSettings(num_prompts=512 if options.full else 96, seed=options.seed, varied_share=0.0)
    grammar = grammar_of(model)
    scripts = [prompt_script(settings, model.limits, grammar, index=index) for index in range(settings.num_prompts)]
    canvases = [canvas_of(script, settings, index=index, grammar=grammar) for index, script in enumerate(scripts)]
    clips: dict[tuple[int, Speed], list[Clip]] = {}
    best = float("nan")
    wishes: list[tuple[int, Speed]] = [(_REFERENCE, "exact"), (32, "exact"), (DEFAULT_STEPS, "exact"), (8, "exact")]
    for steps, speed in [*wishes, (DEFAULT_STEPS, "fast")]:
        begin = time.perf_counter()
        clips[steps, speed] = _made(model, canvases, steps=steps, speed=speed)
        seconds = (time.perf_counter() - begin) / len(canvases)
        value = _score(judge, clips[steps, speed], scripts)
        best = value if steps == _REFERENCE else best
        name = f"score_{steps}_{speed}"
        told = {
            "prompts": len(canvases),
            "seconds_a_clip": round(seconds, 3),
            "below_reference": round(best - value, 4),
        }
        yield Reading(name=name, value=round(value, 4), settings=told)
        if (steps, speed) == (DEFAULT_STEPS, "exact"):
            yield Reading(name="exact_below_reference", value=round(best - value, 4), settings=told)
    exact, fast = (clips[DEFAULT_STEPS, speed] for speed in ("exact", "fast"))
    apart = likeness([clip.frames for clip in fast], [clip.frames for clip in exact])
    yield Reading(name="fast_psnr_db", value=round(apart.psnr_db, 2), settings={"prompts": len(canvases)})


def _made(model: Model, canvases: Sequence[Canvas], *, steps: int, speed: Speed) -> list[Clip]:
    """One canvas at a time, as the command makes them: step caches decide for a whole pack."""
    from misora.generate.latents import decode
    from misora.generate.sample import sample

    made = []
    for canvas in canvases:
        [latents] = sample(model, [canvas], steps=steps, speed=speed)
        made.append(decode(model, latents, canvas))
    return made


def _score(judge: Judge, clips: Sequence[Clip], scripts: Sequence[Script]) -> float:
    """Mean over attributes of the share of videos accepted."""
    verdicts = [judge.judge(clip, script) for clip, script in zip(clips, scripts, strict=True)]
    shares = [sum(verdict.claims[name] is True for verdict in verdicts) / len(verdicts) for name in _ATTRIBUTES]
    return sum(shares) / len(shares)


BENCHMARK = Benchmark(
    name="steps",
    about="Scores of the same prompts and noise at 100, 32, 16 and 8 steps, and with step caching.",
    minutes=12,
    numbers=(
        Number(
            name="exact_below_reference",
            about="score lost by the default steps against 100, mean of five attributes",
            bar=at_most(0.01),
        ),
        Number(name="fast_psnr_db", about="`--speed fast` against exact, mean of clips, dB"),
    ),
    measure=measure,
)

if __name__ == "__main__":
    main(BENCHMARK)
