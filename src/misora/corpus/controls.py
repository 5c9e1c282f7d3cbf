"""Controls of a clip from the truth that its world stored: how the camera moved, and where one of its things was seen.

Nothing is stored for them: the truth of a row says it all. Footage has no truth, and its clips are not steered.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from safetensors.torch import load
from torch import Tensor

from misora.core.seeds import derive
from misora.corpus.plan import Sample
from misora.model.controls import NO_CONTROLS, Controls, camera_motion, mirror, track
from misora.model.grid import CELL_PX, FRAMES_PER_GROUP

AHEAD = 2  # axis of the camera that points ahead
MIDDLE = FRAMES_PER_GROUP // 2  # frame that begins at the middle of its group
MIN_SEEN = 2  # frames in which a thing must be seen to be tracked


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What is read of a truth; frames by things."""

    places_m: Float[Tensor, "f 3"]
    views: Float[Tensor, "f 3"]
    centres_px: Float[Tensor, "f k 2"]
    is_seen: Bool[Tensor, "f k"]
    shots: Int[Tensor, " f"]


def controls_of(truth: bytes | None, sample: Sample, *, draw: int) -> Controls:
    """Read what steers a sample.

    Args:
        truth: of its row; None for footage.
        sample: how the clip is shown.
        draw: chooses the thing that is tracked, among those that are seen.

    Returns:
        The camera's motion and a track on the sample's latent frames, mirrored where the sample is; a still has no camera's
        motion; a thing is followed within one shot.
    """
    if truth is None:
        return NO_CONTROLS
    told, key, grid = _read(truth), sample.key, sample.grid
    if key.is_still:
        frames = torch.tensor([key.frame])
    else:
        frames = (torch.arange(grid.groups) * FRAMES_PER_GROUP + MIDDLE).clamp(max=len(told.shots) - 1)
    size_px = torch.tensor([grid.columns * CELL_PX, grid.rows * CELL_PX])
    controls = Controls(
        camera=None if key.is_still else _camera(told)[frames],
        track=_track(told, frames, size_px=size_px, draw=draw),
    )
    return mirror(controls) if key.is_mirrored else controls


def draw_for(seed: int, step: int, row: int) -> int:
    """Draw the number that chooses a tracked thing.

    Args:
        seed: of the plan.
        step: of the plan.
        row: of the clip.

    Returns:
        A number; another step gives another one.
    """
    return derive("track", seed, step, row)


def _read(truth: bytes) -> _Told:
    tensors = load(truth)
    return _Told(
        places_m=tensors["camera_positions_m"],
        views=tensors["camera_axes"][:, AHEAD],
        centres_px=tensors["centres_px"],
        is_seen=tensors["visible"],
        shots=tensors["shots"],
    )


def _camera(told: _Told) -> Float[Tensor, "f 5"]:
    """Motion of every frame since its shot began."""
    parts = [told.shots == shot for shot in told.shots.unique()]
    return torch.cat([camera_motion(told.places_m[part], told.views[part]) for part in parts])


def _track(
    told: _Told, frames: Int[Tensor, " t"], *, size_px: Int[Tensor, "2"], draw: int
) -> Float[Tensor, "t 3"] | None:
    shots, is_seen = told.shots[frames], told.is_seen[frames]
    enough = min(MIN_SEEN, len(frames))
    seen = [
        (shot, thing)
        for shot in shots.unique().tolist()
        for thing in range(is_seen.shape[1])
        if int(is_seen[shots == shot, thing].sum()) >= enough
    ]
    if not seen:
        return None
    shot, thing = seen[draw % len(seen)]
    return track(told.centres_px[frames, thing] / size_px, is_seen=is_seen[:, thing] & (shots == shot))
