"""Filmed truth that the judge learns from: frames, and for each pixel the thing it shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import torch
from jaxtyping import Int64, UInt8
from torch import Tensor

from misora.core.seeds import derive
from misora.evaluate.network import CELL_PX
from misora.video.clip import Clip
from misora.worlds.draw import draw_script
from misora.worlds.film import Filmer
from misora.worlds.script import COLOURS, FLOORS, SHAPES, Script

NO_SHAPE = -100
"""Label of cells without a thing; the loss leaves them out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One filmed clip.

    Attributes:
        script: what it shows.
        clip: the pixels.
        segmentation: 0 for background, index of the thing in its shot plus 1.
    """

    script: Script
    clip: Clip
    segmentation: UInt8[Tensor, "f H W"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """What the network should say.

    Attributes:
        colour: 0 for background, index of the colour plus 1.
        shape: index of the shape, `NO_SHAPE` without a thing.
        floor: index of the floor.
    """

    colour: Int64[Tensor, "f h w"]
    shape: Int64[Tensor, "f h w"]
    floor: Int64[Tensor, " f"]


def film_examples(num: int, *, seed: int, workers: int = 1) -> list[Example]:
    """Film clips for the judge; the same seed gives the same clips for any number of workers.

    Args:
        num: clips.
        seed: of the scripts.
        workers: processes that film side by side.

    Returns:
        The clips in the order of their seeds.
    """
    seeds = [derive("judge", seed, index) for index in range(num)]
    if workers == 1:
        return list(_film(seeds))
    parts = [seeds[start :: workers * 8] for start in range(workers * 8)]
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        filmed = {example.script.seed: example for part in pool.map(_film_part, parts) for example in part}
    return [filmed[one] for one in seeds]


def _film_part(seeds: Sequence[int]) -> list[Example]:
    return list(_film(seeds))


def _film(seeds: Sequence[int]) -> Iterator[Example]:
    with Filmer() as filmer:
        for seed in seeds:
            script = draw_script(seed, split="any")
            take = filmer.film(script, maps=True)
            segmentation = take.truth.segmentation
            assert segmentation is not None, "maps were asked for"
            yield Example(script=script, clip=take.clip, segmentation=segmentation)


def labels_of(example: Example) -> Labels:
    """Name what each cell of each frame shows.

    Args:
        example: a filmed clip.

    Returns:
        Labels on the grid of the network's maps.
    """
    num_frames = example.clip.num_frames
    cells = example.segmentation[:, 1::CELL_PX, 1::CELL_PX].long()
    colour, shape = torch.zeros_like(cells), torch.full_like(cells, NO_SHAPE)
    floor = torch.zeros(num_frames, dtype=torch.int64)
    for shot in example.script.shots:
        frames = frames_of(shot.from_seconds, shot.to_seconds, fps=example.script.fps)
        floor[frames] = FLOORS.index(shot.floor)
        for index, thing in enumerate(shot.things):
            inside = cells[frames] == index + 1
            colour[frames][inside] = 1 + COLOURS.index(thing.colour)
            shape[frames][inside] = SHAPES.index(thing.shape)
    return Labels(colour=colour, shape=shape, floor=floor)


def frames_of(from_seconds: float, to_seconds: float, *, fps: float) -> slice:
    """The frames shown within a stretch of time.

    Args:
        from_seconds: start, inclusive.
        to_seconds: end, exclusive.
        fps: frames per second.

    Returns:
        Their range.
    """
    return slice(round(from_seconds * fps), round(to_seconds * fps))
