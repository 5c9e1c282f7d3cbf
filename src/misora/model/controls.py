"""What steers a clip besides its words, latent frame by latent frame: the motion of the camera, and the track of one thing.

The camera is told by what changes since its shot began, so that no place in a world has a meaning of its own. A track is told
to every token by where the tracked point lies from there, so that it binds to what is drawn at that place.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from misora.model.grid import Grid

NUM_CAMERA = 5
NUM_TRACK = 3
NUM_CAMERA_WAVES = NUM_CAMERA + 1
NUM_TRACK_WAVES = 9
TURN_RADIANS, MOVE_METRES = 0.3, 2.0  # scales at which a camera's motion is a number of order one
FAR_CELLS = 8.0
BUMP_CELLS = (0.6, 1.2, 2.4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    """What one clip is told, a row for each of its latent frames; cards are not steered.

    Attributes:
        camera: motion since the shot began: turn to the left and downwards in radians, moves to the right, up and ahead in
            metres, along the axes of the shot's first frame; None leaves the camera to the model.
        track: where one thing is seen: column and row, -1 to 1 from the left and from the top, then 1 where it is seen and 0
            where it is not; None leaves all things to the model.
    """

    camera: Float[Tensor, "t 5"] | None = None
    track: Float[Tensor, "t 3"] | None = None


NO_CONTROLS = Controls()


def camera_motion(places_m: Float[Tensor, "f 3"], views: Float[Tensor, "f 3"]) -> Float[Tensor, "f 5"]:
    """Tell how a camera moves, relative to its first frame.

    Args:
        places_m: where it stands; z is up.
        views: direction in which it looks, of any length; never straight up or down.

    Returns:
        Turn to the left and downwards, moves to the right, up and ahead.
    """
    ahead = torch.nn.functional.normalize(views, dim=1)
    azimuth, elevation = torch.atan2(ahead[:, 1], ahead[:, 0]), -torch.asin(ahead[:, 2].clamp(-1, 1))
    turn = torch.remainder(azimuth - azimuth[0] + torch.pi, 2 * torch.pi) - torch.pi
    right = torch.stack((azimuth[0].sin(), -azimuth[0].cos(), torch.zeros_like(azimuth[0])))
    axes = torch.stack((right, torch.linalg.cross(right, ahead[0]), ahead[0]))
    moves = (places_m - places_m[0]) @ axes.T
    return torch.cat((torch.stack((turn, elevation - elevation[0]), dim=1), moves), dim=1)


def track(shares: Float[Tensor, "t 2"], *, is_seen: Bool[Tensor, " t"]) -> Float[Tensor, "t 3"]:
    """Tell where a thing is seen.

    Args:
        shares: from the left and from the top, as shares of the picture; anything where it is not seen.
        is_seen: in which latent frames.

    Returns:
        The track as `Controls` holds it.
    """
    places = torch.where(is_seen[:, None], 2 * shares - 1, 0.0)
    return torch.cat((places, is_seen[:, None].to(places.dtype)), dim=1)


def mirror(controls: Controls) -> Controls:
    """Exchange left and right.

    Args:
        controls: of a clip.

    Returns:
        Those of the clip whose pixels are mirrored.
    """
    camera, seen = controls.camera, controls.track
    return Controls(
        camera=None if camera is None else camera * camera.new_tensor([-1, 1, -1, 1, 1]),
        track=None if seen is None else seen * seen.new_tensor([-1, 1, 1]),
    )


def camera_waves(grids: Iterable[Grid], controls: Iterable[Controls]) -> Float[Tensor, "frames 6"] | None:
    """Lay the camera's motion out for a pack.

    Args:
        grids: of every clip.
        controls: of every clip.

    Returns:
        For each latent frame 1 and the motion in numbers of order one, zeros where nothing is told; None when nothing is.
    """
    scale = torch.tensor([TURN_RADIANS] * 2 + [MOVE_METRES] * 3)
    rows, is_told = [], False
    for grid, told in zip(grids, controls, strict=True):
        waves = torch.zeros(grid.num_latent_frames, NUM_CAMERA_WAVES)
        if told.camera is not None:
            is_told = True
            waves[: grid.groups, 0] = 1.0
            waves[: grid.groups, 1:] = told.camera / scale
        rows.append(waves)
    return torch.cat(rows) if is_told else None


def track_waves(grids: Iterable[Grid], controls: Iterable[Controls]) -> Float[Tensor, "n 9"] | None:
    """Tell every token of a pack where the tracked point lies from there.

    Args:
        grids: of every clip.
        controls: of every clip.

    Returns:
        For each token whether a track is told and the thing is seen, how far it is, and how near, sharply and widely; zeros
        where nothing is told; None when nothing is.
    """
    rows, is_told = [], False
    for grid, told in zip(grids, controls, strict=True):
        waves = torch.zeros(grid.num_tokens, NUM_TRACK_WAVES)
        if told.track is not None:
            is_told = True
            waves[: grid.num_clip_tokens] = _track_of_clip(grid, told.track).flatten(0, 2)
        rows.append(waves)
    return torch.cat(rows) if is_told else None


def _track_of_clip(grid: Grid, seen: Float[Tensor, "t 3"]) -> Float[Tensor, "t h w 9"]:
    column, row = ((seen[:, axis] + 1) / 2 * side - 0.5 for axis, side in enumerate((grid.columns, grid.rows)))
    shape = (grid.groups, grid.rows, grid.columns)
    right = (column[:, None, None] - torch.arange(grid.columns)).expand(shape)
    below = (row[:, None, None] - torch.arange(grid.rows)[:, None]).expand(shape)
    sharp, near, wide = (torch.exp(-(right.square() + below.square()) / (2 * side**2)) for side in BUMP_CELLS)
    is_seen = seen[:, 2, None, None].expand(shape)
    shown = (is_seen, right / FAR_CELLS, below / FAR_CELLS, sharp, near, wide, near * right, near * below)
    return torch.cat((torch.ones(*shape, 1), torch.stack(shown, dim=-1) * is_seen[..., None]), dim=-1)
