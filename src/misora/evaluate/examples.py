"""Filmed truth that the judge learns from: frames, and for each cell of a picture the thing it shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context

import numpy as np
import torch
from jaxtyping import Int64, UInt8
from torch import Tensor

from misora.core.errors import MisoraError
from misora.core.seeds import derive
from misora.evaluate.network import CELL_PX, at_judged_size
from misora.evaluate.silhouettes import silhouettes
from misora.video.clip import Clip
from misora.worlds.draw import draw_script
from misora.worlds.film import Filmer
from misora.worlds.grammar import FIRST, Grammar
from misora.worlds.script import COLOURS, FLOORS, SHAPES, Script
from misora.worlds.truth import Truth

NO_SHAPE = -100
"""Label of cells without a thing; the loss leaves them out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One filmed clip.

    Attributes:
        script: what it shows.
        clip: the pixels.
        truth: what happened.
    """

    script: Script
    clip: Clip
    truth: Truth


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


def film_examples(num: int, *, seed: int, grammars: Sequence[Grammar] = (FIRST,), workers: int = 1) -> list[Example]:
    """Film clips for the judge; the same seed gives the same clips for any number of workers.

    A script that physics cannot follow is counted, printed and left out.

    Args:
        num: scripts.
        seed: of the scripts.
        grammars: which the scripts are drawn from, in turn.
        workers: processes that film side by side.

    Returns:
        The clips in the order of their seeds.
    """
    scripts = [
        draw_script(derive("judge", seed, index), split="any", grammar=grammars[index % len(grammars)])
        for index in range(num)
    ]
    examples = [example for example in film_scripts(scripts, workers=workers) if example is not None]
    print(f"filmed {len(examples)} of {num} scripts; the others could not be staged", flush=True)
    return examples


def film_scripts(scripts: Sequence[Script], *, workers: int = 1) -> list[Example | None]:
    """Film scripts, several at a time.

    Args:
        scripts: what to film.
        workers: processes that film side by side.

    Returns:
        A filmed clip for each script, None where physics cannot do what it says.
    """
    if workers == 1:
        parts = [_film(scripts)]
    else:
        shares = [scripts[start :: workers * 4] for start in range(workers * 4)]
        with single_threaded_workers(workers) as pool:
            parts = list(pool.map(_film, shares))
    filmed = [parts[index % len(parts)][index // len(parts)] for index in range(len(scripts))]
    return [
        None if arrays is None else _example(script, arrays) for script, arrays in zip(scripts, filmed, strict=True)
    ]


@contextmanager
def single_threaded_workers(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Processes of one thread each: several that fight for cores are slower than one.

    Args:
        workers: how many.

    Yields:
        The pool.
    """
    start = partial(torch.set_num_threads, 1)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=start) as pool:
        yield pool


def _film(scripts: Sequence[Script]) -> list[dict[str, np.ndarray] | None]:
    """Frames and truth as plain arrays: tensors would cross processes as open files, too many of them."""
    filmed: list[dict[str, np.ndarray] | None] = []
    with Filmer() as filmer:
        for script in scripts:
            try:
                take = filmer.film(script)
            except MisoraError:
                filmed.append(None)
                continue
            arrays = {name: value.numpy() for name, value in take.truth.to_tensors().items()}
            filmed.append({**arrays, "frames": take.clip.frames.numpy()})
    return filmed


def _example(script: Script, arrays: dict[str, np.ndarray]) -> Example:
    tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
    clip = Clip.at_rate(tensors.pop("frames"), float(script.fps))
    return Example(script=script, clip=clip, truth=Truth.from_tensors(tensors))


def at_size_of_eyes(example: Example) -> Example:
    """The same film at the size that the judge looks at.

    Args:
        example: of any size.

    Returns:
        One with a short side as the judge resizes to.
    """
    frames = at_judged_size(example.clip.frames)
    return replace(example, clip=Clip(frames=frames, pts_seconds=example.clip.pts_seconds))


def cells_of(example: Example) -> UInt8[Tensor, "f h w"]:
    """Which thing of its shot each cell of each frame shows.

    Args:
        example: a filmed clip.

    Returns:
        0 for background, else the index of the thing plus 1, on the grid of the network's maps.
    """
    script, (height, width) = example.script, example.clip.frames.shape[-2:]
    cells = torch.zeros(len(example.clip.frames), -(-height // CELL_PX), -(-width // CELL_PX), dtype=torch.uint8)
    for shot in script.shots:
        when = frames_of(shot.from_seconds, shot.to_seconds, fps=script.fps)
        cells[when] = silhouettes(
            example.truth,
            shot,
            frames=range(when.start, when.stop),
            size_px=(script.width_px, script.height_px),
            grid=(cells.shape[1], cells.shape[2]),
        ).byte()
    return cells


def labels_of(script: Script, cells: UInt8[Tensor, "f h w"], *, first: int = 0) -> Labels:
    """Name what some consecutive frames show.

    Args:
        script: of the clip.
        cells: of `cells_of`, cut to these frames.
        first: index of the first of them in the clip.

    Returns:
        Labels on the grid of the network's maps.
    """
    colour, shape = torch.zeros_like(cells, dtype=torch.int64), torch.full(cells.shape, NO_SHAPE)
    floor = torch.zeros(len(cells), dtype=torch.int64)
    for shot in script.shots:
        when = frames_of(shot.from_seconds, shot.to_seconds, fps=script.fps)
        part = slice(max(when.start - first, 0), max(when.stop - first, 0))
        floor[part] = FLOORS.index(shot.floor)
        for index, thing in enumerate(shot.things):
            inside = cells[part] == index + 1
            colour[part][inside] = 1 + COLOURS.index(thing.colour)
            shape[part][inside] = SHAPES.index(thing.shape)
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
