"""Filmed truth that the judge learns from: frames, and for each pixel the thing it shows."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

import numpy as np
import torch
from jaxtyping import Int64, UInt8
from torch import Tensor

from misora.core.errors import MisoraError
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

    A script that physics cannot follow is counted, printed and left out.

    Args:
        num: scripts.
        seed: of the scripts.
        workers: processes that film side by side.

    Returns:
        The clips in the order of their seeds.
    """
    scripts = [draw_script(derive("judge", seed, index), split="any") for index in range(num)]
    examples = [example for example in film_scripts(scripts, maps=True, workers=workers) if example is not None]
    print(f"filmed {len(examples)} of {num} scripts; the others could not be staged", flush=True)
    return examples


def film_scripts(scripts: Sequence[Script], *, maps: bool, workers: int = 1) -> list[Example | None]:
    """Film scripts, several at a time.

    Args:
        scripts: what to film.
        maps: whether segmentation is wanted too; it is 0 everywhere when not.
        workers: processes that film side by side.

    Returns:
        A filmed clip for each script, None where physics cannot do what it says.
    """
    if workers == 1:
        parts = [_film(scripts, maps=maps)]
    else:
        shares = [scripts[start :: workers * 4] for start in range(workers * 4)]
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            parts = list(pool.map(partial(_film, maps=maps), shares))
    filmed = [parts[index % len(parts)][index // len(parts)] for index in range(len(scripts))]
    return [_example(script, arrays) for script, arrays in zip(scripts, filmed, strict=True)]


def _film(scripts: Sequence[Script], *, maps: bool) -> list[tuple[np.ndarray, np.ndarray] | None]:
    """Frames and segmentation as plain arrays: tensors would cross processes as open files, too many of them."""
    filmed: list[tuple[np.ndarray, np.ndarray] | None] = []
    with Filmer() as filmer:
        for script in scripts:
            try:
                take = filmer.film(script, maps=maps)
            except MisoraError:
                filmed.append(None)
                continue
            frames, segmentation = take.clip.frames, take.truth.segmentation
            if segmentation is None:
                segmentation = torch.zeros_like(frames[:, 0])
            filmed.append((frames.numpy(), segmentation.numpy()))
    return filmed


def _example(script: Script, arrays: tuple[np.ndarray, np.ndarray] | None) -> Example | None:
    if arrays is None:
        return None
    frames, segmentation = (torch.from_numpy(array) for array in arrays)
    return Example(script=script, clip=Clip.at_rate(frames, float(script.fps)), segmentation=segmentation)


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


def frames_of(from_seconds: float, to_seconds: float, *, fps: float | int) -> slice:
    """The frames shown within a stretch of time.

    Args:
        from_seconds: start, inclusive.
        to_seconds: end, exclusive.
        fps: frames per second.

    Returns:
        Their range.
    """
    return slice(round(from_seconds * fps), round(to_seconds * fps))
