"""Pinned frames in every ability that pins exactly, before they are laid over, and what each ability takes."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist, fmean, stdev
from typing import TYPE_CHECKING

from benchmarks.harness import Benchmark, Number, Options, Reading, at_least, main

if TYPE_CHECKING:
    from misora.evaluate.seams import Filmed
    from misora.generate.canvas import Canvas
    from misora.generate.studio import Studio
    from misora.model.bundle import Model
    from misora.video.clip import Clip

NAMES = ("animate", "frames", "extend", "loop", "connect", "recut", "storyboard", "inpaint", "reframe")
BATCH, FEW_STEPS = 8, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One film to be laid.

    Attributes:
        studio: the model.
        film: the clip and its words.
        folder: where files may be written.
        index: of the case; names its noise.
    """

    studio: Studio
    film: Filmed
    folder: Path
    index: int

    def part(self, first: int, last: int) -> Clip:
        """Some frames of the film."""
        from misora.video.clip import Clip

        clip = self.film.clip
        return Clip.at_rate(clip.frames[first:last], clip.fps if last - first > 1 else 1.0)


def measure(options: Options) -> Iterator[Reading]:
    """Lay held-out films by every ability that pins exactly, sample the rest, and look at what was pinned.

    What is pinned does not move while the rest is sampled; the decoder looks at its neighbours, though. A few steps are taken
    where they lie in another group, and the usual number where they lie beside it in the picture, or many cases are asked for.

    Args:
        options: the seed, and whether to take 128 cases of the usual steps instead of 64 of a few.

    Yields:
        For each ability the lower end of the mean of decibels less the autoencoder's, and the seconds of one video.
    """
    from misora.evaluate.seams import SeamSettings, film_cases
    from misora.generate.sample import DEFAULT_STEPS
    from misora.generate.studio import Studio, generate
    from misora.model.bundle import load_model
    from misora.worlds.grammar import FIRST

    model = load_model()
    studio = Studio(model)
    settings = SeamSettings(num_cases=128 if options.full else 64, seed=options.seed)
    films = film_cases(settings, model.limits, FIRST)
    for name in NAMES:
        with tempfile.TemporaryDirectory() as folder:
            canvases = [
                _LAID[name](Case(studio=studio, film=film, folder=Path(folder), index=index))
                for index, film in enumerate(films)
            ]
        steps = DEFAULT_STEPS if options.full or name in ("inpaint", "reframe") else FEW_STEPS
        found = _decibels(model, canvases, steps=steps)
        low, high = _interval(found)
        told = {
            "clips": len(found),
            "mean": round(fmean(found), 3),
            "high": round(high, 3),
            "lowest": round(min(found), 3),
        }
        yield Reading(name=f"pins_{name}_db", value=round(low, 3), settings={**told, "steps": steps})
        begin = time.perf_counter()
        generate(studio, canvases[0])
        seconds = time.perf_counter() - begin
        yield Reading(name=f"pins_{name}_seconds", value=round(seconds, 2), settings={"steps": DEFAULT_STEPS})


def _decibels(model: Model, canvases: Sequence[Canvas], *, steps: int) -> list[float]:
    from misora.evaluate.kept import pinned_decibels
    from misora.generate.prepare import prepared
    from misora.generate.sample import sample

    windows = [prepared(canvas, model.limits).window for canvas in canvases]
    found = []
    for first in range(0, len(windows), BATCH):
        some = windows[first : first + BATCH]
        for window, latents in zip(some, sample(model, some, steps=steps), strict=True):
            found.append(pinned_decibels(model.autoencoder, window, model.autoencoder.decode_latents(latents)))
    return found


def _interval(values: Sequence[float]) -> tuple[float, float]:
    half = NormalDist().inv_cdf(0.975) * stdev(values) / len(values) ** 0.5
    return fmean(values) - half, fmean(values) + half


def _animate(case: Case) -> Canvas:
    from misora.generate.abilities import animate

    return animate(case.studio, case.part(0, 1), case.film.text, seed=case.index, guidance=1.0)


def _frames(case: Case) -> Canvas:
    from misora.generate.abilities import frames

    known = {0.0: case.part(0, 1), 1.0: case.part(8, 14), "end": case.part(23, 24)}
    return frames(case.studio, known, case.film.text, seed=case.index, guidance=1.0)  # type: ignore[arg-type]


def _extend(case: Case) -> Canvas:
    from misora.generate.abilities import extend

    return extend(case.studio, case.part(0, 16), case.film.text, after=1.0, seed=case.index, guidance=1.0)


def _loop(case: Case) -> Canvas:
    from misora.generate.abilities import loop

    return loop(case.studio, case.part(0, 16), case.film.text, gap=1.0, seed=case.index)


def _connect(case: Case) -> Canvas:
    from misora.generate.abilities import connect

    return connect(
        case.studio, case.part(0, 8), case.part(16, 24), case.film.text, gap=1.0, seed=case.index, guidance=1.0
    )


def _recut(case: Case) -> Canvas:
    from misora.generate.abilities import recut

    parts = [case.part(0, 4), 0.5, case.part(8, 16), 0.5, case.part(20, 24)]
    return recut(case.studio, parts, case.film.text, seed=case.index, guidance=1.0)


def _storyboard(case: Case) -> Canvas:
    """A picture at the beginning and a clip in the middle, each from its file."""
    from misora.generate.abilities import storyboard
    from misora.generate.canvas_file import CanvasFile, CardEntry
    from misora.video.encode import write_clip
    from misora.video.image import write_image

    write_image(case.folder / f"{case.index}.png", case.film.clip.frames[0])
    write_clip(case.part(8, 16), case.folder / f"{case.index}.mp4")
    cards = (
        CardEntry(at_seconds=0.0, text=case.film.text, image=Path(f"{case.index}.png")),
        CardEntry(at_seconds=1.0, clip=Path(f"{case.index}.mp4")),
    )
    said = CanvasFile(
        cards=cards,
        seconds=case.film.clip.num_frames / case.film.clip.fps,
        fps=case.film.clip.fps,
        seed=case.index,
        guidance=1.0,
    )
    return storyboard(case.studio, said, folder=case.folder)


def _inpaint(case: Case) -> Canvas:
    import torch

    from misora.generate.abilities import inpaint

    width, height = case.film.clip.size
    is_kept = torch.ones(case.film.clip.num_frames, height, width, dtype=torch.bool)
    is_kept[:, height // 3 : 2 * height // 3, width // 3 : 2 * width // 3] = False
    return inpaint(case.studio, case.film.clip, is_kept, case.film.text, seed=case.index, guidance=1.0)


def _reframe(case: Case) -> Canvas:
    from misora.generate.abilities import reframe

    width, height = case.film.clip.size
    return reframe(
        case.studio, case.film.clip, case.film.text, size=(width + 64, height), seed=case.index, guidance=1.0
    )


_LAID: dict[str, Callable[[Case], Canvas]] = {
    "animate": _animate,
    "frames": _frames,
    "extend": _extend,
    "loop": _loop,
    "connect": _connect,
    "recut": _recut,
    "storyboard": _storyboard,
    "inpaint": _inpaint,
    "reframe": _reframe,
}
BENCHMARK = Benchmark(
    name="pins",
    about="Pinned pixels in every ability that pins exactly, before they are laid over, and the time of each.",
    minutes=15,
    numbers=tuple(
        number
        for name in NAMES
        for number in (
            Number(
                name=f"pins_{name}_db",
                about=f"{name}: pinned tokens less the autoencoder alone, dB; lower end of the mean's interval",
                bar=at_least(-0.5),
                family="pinned frames less the autoencoder alone, dB; the worst ability",
            ),
            Number(name=f"pins_{name}_seconds", about=f"{name}: seconds to make the first case"),
        )
    ),
    measure=measure,
)

if __name__ == "__main__":
    main(BENCHMARK)
