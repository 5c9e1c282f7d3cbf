"""What comes back of frames that the bundled model is given, and what becomes of things animated from their first frames."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from benchmarks.harness import Benchmark, Number, Options, Reading, at_least, main

if TYPE_CHECKING:
    from misora.evaluate.examples import Example
    from misora.evaluate.judge import Judge
    from misora.model.bundle import Model
    from misora.video.clip import Clip

_GROUP = 4
_WHERE: dict[str, Callable[[int], tuple[int, ...]]] = {
    "first": lambda _: (0,),
    "last": lambda groups: (groups - 1,),
    "ends": lambda groups: (0, groups - 1),
    "middle": lambda groups: (groups // 2,),
}


def measure(options: Options) -> Iterator[Reading]:
    """Pin groups of held-out films, sample the rest, and compare.

    Args:
        options: the seed, and whether to take many clips.

    Yields:
        Decibels of the pinned groups less those of the autoencoder alone, and shares of animated clips that keep their things.
    """
    import os

    from benchmarks.autoencoder import filmed
    from misora.evaluate.judge import Judge
    from misora.model.bundle import load_model

    model, workers = load_model(), min(2, os.cpu_count() or 1)
    examples = filmed(256 if options.full else 128, seed=options.seed, workers=workers, model=model)
    for where, groups_of in _WHERE.items():
        some = examples if where == "first" else examples[:32]
        clips = _finished(model, some, groups_of, seed=options.seed)
        value, settings = _difference_db(model, some, clips, groups_of)
        yield Reading(name=f"known_{where}_db", value=round(value, 3), settings=settings)
        if where == "first":
            yield from _kept(Judge.load(), some, clips)


def _finished(
    model: Model, examples: Sequence[Example], groups_of: Callable[[int], tuple[int, ...]], *, seed: int
) -> list[Clip]:
    """Sample what is not pinned, with the words of each film."""
    from dataclasses import replace

    from misora.evaluate.prompts import SuiteSettings, canvas_of, grammar_of
    from misora.evaluate.text_suite import generated_clips
    from misora.generate.canvas import Pin

    settings = SuiteSettings(num_prompts=len(examples), seed=seed)
    canvases = []
    for index, each in enumerate(examples):
        pins = tuple(
            Pin(clip=_group(each.clip, number), at_seconds=number * _GROUP / each.script.fps)
            for number in groups_of(each.clip.num_frames // _GROUP)
        )
        canvases.append(replace(canvas_of(each.script, settings, index=index, grammar=grammar_of(model)), pins=pins))
    return generated_clips(model, canvases, settings=settings)


def _group(clip: Clip, number: int) -> Clip:
    from misora.video.clip import Clip

    frames = slice(number * _GROUP, (number + 1) * _GROUP)
    return Clip(frames=clip.frames[frames], pts_seconds=clip.pts_seconds[frames])


def _difference_db(
    model: Model, examples: Sequence[Example], clips: Sequence[Clip], groups_of: Callable[[int], tuple[int, ...]]
) -> tuple[float, dict[str, float]]:
    """How many decibels pinned groups lie above (or below) what the autoencoder makes of them in the whole film."""
    from misora.evaluate.reconstruction import likeness
    from misora.evaluate.text_suite import reconstructed

    made, redone, real = [], [], []
    for each, clip in zip(examples, clips, strict=True):
        plain = reconstructed(model, each.clip)
        for number in groups_of(each.clip.num_frames // _GROUP):
            frames = slice(number * _GROUP, (number + 1) * _GROUP)
            made.append(clip.frames[frames])
            redone.append(plain.frames[frames])
            real.append(each.clip.frames[frames])
    ours, alone = likeness(made, real).psnr_db, likeness(redone, real).psnr_db
    return ours - alone, {"clips": len(clips), "psnr_db": round(ours, 2), "autoencoder_db": round(alone, 2)}


def _kept(judge: Judge, examples: Sequence[Example], clips: Sequence[Clip]) -> Iterator[Reading]:
    from misora.evaluate.report import score

    made = [judge.judge(clip, each.script) for clip, each in zip(clips, examples, strict=True)]
    true = [judge.judge(each.clip, each.script) for each in examples]
    for name in ("colour", "count", "shape", "motion"):
        ours, truth = (score([verdict.claims[name] for verdict in verdicts]) for verdicts in (made, true))
        settings = {"of": ours.num_all, "low": round(ours.interval.low, 4), "truth": round(truth.value, 4)}
        yield Reading(name=f"animated_{name}", value=round(ours.value, 4), settings=settings)


_PINNED = "pinned groups in generated videos less the autoencoder alone, dB"
BENCHMARK = Benchmark(
    name="known",
    about="Known groups of held-out films come back, and things animated from their first group stay what they are.",
    minutes=9,
    numbers=(
        *(Number(name=f"known_{where}_db", about=f"{where}: {_PINNED}", bar=at_least(-0.5)) for where in _WHERE),
        *(
            Number(
                name=f"animated_{name}",
                about=f"share of videos animated from a first group that keep their {name}",
                bar=at_least(0.90) if name in ("colour", "count") else None,
                floor=1.0,
            )
            for name in ("colour", "count", "shape", "motion")
        ),
    ),
    measure=measure,
)

if __name__ == "__main__":
    main(BENCHMARK)
