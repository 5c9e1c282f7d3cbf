"""What the judge's perceptrons learn from: the features of beats, of steps between frames, and of shots."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from functools import partial

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor

from misora.core.seeds import generator
from misora.evaluate.augment import GROUP_FRAMES, PATCH_PX, Shares, damaged_alike
from misora.evaluate.cuts import change_features
from misora.evaluate.examples import Example
from misora.evaluate.judge import Judge, assign, beat_rows
from misora.evaluate.motion import DOINGS, doing_of
from misora.evaluate.observation import Observation, observed
from misora.evaluate.viewpoint import camera_features
from misora.worlds.script import CAMERAS


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Features, and what should be said of each.

    Attributes:
        motions: features of beats.
        doings: what is done in them.
        changes: features of steps from frame to frame.
        is_cut: 1 where a shot ends.
        views: features of shots.
        cameras: what the camera does in them.
    """

    motions: Float[Tensor, "n v"]
    doings: Int64[Tensor, " n"]
    changes: Float[Tensor, "e 16"]
    is_cut: Float[Tensor, " e"]
    views: Float[Tensor, "m w"]
    cameras: Int64[Tensor, " m"]


def rows_of(
    judge: Judge,
    examples: Sequence[Example],
    basis: Float[Tensor, "k v"],
    *,
    seed: int,
    views: int,
    workers: int = 1,
) -> Rows:
    """Look at all examples, as filmed and damaged, and keep the features of their beats, steps and shots.

    Args:
        judge: with fitted maps.
        examples: filmed truth at the judged size.
        basis: rows of `patch_basis`.
        seed: of the damage.
        views: looks at each clip; the first one is undamaged.
        workers: threads that look side by side.

    Returns:
        Rows for the perceptrons.
    """

    def rows(look: tuple[int, int]) -> Rows:
        index, view = look
        example = examples[index]
        if view:
            chance = generator("judge view", seed, index, view)
            clip = replace(example.clip, frames=_damaged(example.clip.frames, basis, chance))
            example = replace(example, clip=clip)
        return _rows(judge, example)

    looks = [(index, view) for index in range(len(examples)) for view in range(views)]
    alone = partial(torch.set_num_threads, 1) if workers > 1 else None
    with ThreadPoolExecutor(workers, initializer=alone) as pool:
        parts = list(pool.map(rows, looks))
    return Rows(**{each.name: torch.cat([getattr(part, each.name) for part in parts]) for each in fields(Rows)})


def _damaged(frames: Tensor, basis: Tensor, chance: torch.Generator) -> Tensor:
    height, width = (side // PATCH_PX for side in frames.shape[-2:])
    assert (height * PATCH_PX, width * PATCH_PX) == tuple(frames.shape[-2:]), "films are multiples of the patch"
    groups = (frames.float() / 255).unflatten(0, (-1, GROUP_FRAMES))
    return (damaged_alike(groups, basis, generator=chance, shares=Shares()) * 255).round().byte().flatten(0, 1)


def _rows(judge: Judge, example: Example) -> Rows:
    frames, script = example.clip.frames, example.script
    seen, maps = observed(judge.maps, frames, times_seconds=example.clip.pts_seconds.numpy())
    starts = tuple(round(shot.from_seconds * script.fps) for shot in script.shots[1:])
    is_cut = torch.zeros(len(frames) - 1)
    is_cut[[start - 1 for start in starts]] = 1
    motions, doings, views = _shots(replace(seen, cuts=starts), example)
    return Rows(
        motions=torch.from_numpy(np.stack(motions)) if motions else torch.empty(0, judge.motions.centre.numel()),
        doings=torch.tensor(doings, dtype=torch.int64),
        changes=torch.from_numpy(change_features(frames, maps, blobs=seen.blobs)),
        is_cut=is_cut,
        views=torch.from_numpy(np.stack(views)),
        cameras=torch.tensor([CAMERAS.index(shot.camera) for shot in script.shots]),
    )


def _shots(seen: Observation, example: Example) -> tuple[list[np.ndarray], list[int], list[np.ndarray]]:
    motions, doings, views = [], [], []
    for scene, shot in zip(seen.scenes(seen.cuts), example.script.shots, strict=True):
        views.append(camera_features(scene.ground, times_seconds=scene.times_seconds))
        tracks = assign(scene.tracks, shot.things)
        for beat in shot.beats:
            for index, row in enumerate(beat_rows(scene, tracks, beat)):
                if row is not None:
                    motions.append(row)
                    doings.append(DOINGS.index(doing_of(beat, index)))
    return motions, doings, views
