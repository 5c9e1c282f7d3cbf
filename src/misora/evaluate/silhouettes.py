"""Which thing each cell of a picture shows, from the truth alone: rays against the five shapes, nearest hit wins.

A trail of paint, a shadow or a cord is no thing: its cells are background. Nothing needs to be drawn again, so any corpus of
filmed clips, which holds no maps, can teach the judge.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from misora.worlds.geometry import body
from misora.worlds.script import Shot
from misora.worlds.truth import Truth

_NEVER = math.inf


def silhouettes(
    truth: Truth, shot: Shot, *, frames: Sequence[int], size_px: tuple[int, int], grid: tuple[int, int]
) -> Int64[Tensor, "f h w"]:
    """Find what the middle of each cell shows.

    Args:
        truth: of the clip.
        shot: to which all these frames belong.
        frames: their indices in the clip.
        size_px: width and height of the filmed picture.
        grid: rows and columns of cells that the picture is cut into.

    Returns:
        0 for background, else the index of the thing plus 1.
    """
    chosen = torch.as_tensor(frames)
    axes, focal = truth.camera_axes[chosen], truth.focal_px[chosen]
    rays = _rays(axes, focal, size_px=size_px, grid=grid)
    nearest = torch.full(rays.shape[:3], _NEVER)
    labels = torch.zeros(rays.shape[:3], dtype=torch.int64)
    topples = {beat.thing for beat in shot.beats if beat.kind == "topple"}
    for index, thing in enumerate(shot.things):
        turn = rotations(truth.quaternions[chosen, index])
        apart = truth.camera_positions_m[chosen] - truth.positions_m[chosen, index]
        start = torch.einsum("fwo,fw->fo", turn, apart)[:, None, None]
        half = torch.tensor(body(thing, stands=index in topples).half_m)
        depth = _hit(thing.shape, half, start, torch.einsum("fwo,fhxw->fhxo", turn, rays))
        labels[depth < nearest] = index + 1
        nearest = torch.minimum(nearest, depth)
    return labels


def _rays(axes: Tensor, focal: Tensor, *, size_px: tuple[int, int], grid: tuple[int, int]) -> Tensor:
    """Directions whose part along the view is 1, so that lengths are depths."""
    (width, height), (rows, columns) = size_px, grid
    across = ((torch.arange(columns) + 0.5) * width / columns - width / 2)[None] / focal[:, None]
    up = -((torch.arange(rows) + 0.5) * height / rows - height / 2)[None] / focal[:, None]
    right, above, forward = (axes[:, None, None, each] for each in range(3))
    return forward + across[:, None, :, None] * right + up[:, :, None, None] * above


def rotations(quaternions: Float[Tensor, "f 4"]) -> Float[Tensor, "f 3 3"]:
    """Matrices that turn a thing's own axes into those of the world.

    Args:
        quaternions: w, x, y, z, of unit length.

    Returns:
        Columns are the thing's axes.
    """
    w, x, y, z = quaternions.unbind(-1)
    rows = (
        (1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)),
        (2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)),
        (2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)),
    )
    return torch.stack([torch.stack(row, -1) for row in rows], -2)


def _hit(shape: str, half: Tensor, start: Tensor, along: Tensor) -> Tensor:
    """Depth at which rays first meet a thing, in its own axes; infinite where they do not."""
    if shape == "ball":
        return _ball(start / half[0], along / half[0])
    if shape == "egg":
        return _ball(start / half, along / half)
    if shape == "box":
        return _box(start / half, along / half)
    side = _tube(start, along, radius=float(half[0]), half=float(half[1]))
    ends = []
    for end in (float(half[1]), -float(half[1])):
        if shape == "capsule":
            centre = torch.tensor([0.0, 0.0, end])
            ends.append(_ball((start - centre) / half[0], along / half[0]))
        else:
            ends.append(_disc(start, along, radius=float(half[0]), height=end))
    return torch.minimum(side, torch.minimum(*ends))


def _ball(start: Tensor, along: Tensor) -> Tensor:
    return _first_root((along * along).sum(-1), (start * along).sum(-1), (start * start).sum(-1) - 1)


def _first_root(a: Tensor, b: Tensor, c: Tensor) -> Tensor:
    """The smaller root of a t² + 2 b t + c, infinite where there is none."""
    inside = b * b - a * c
    root = (-b - inside.clamp_min(0).sqrt()) / a
    return torch.where((inside >= 0) & (root > 0), root, _NEVER)


def _tube(start: Tensor, along: Tensor, *, radius: float, half: float) -> Tensor:
    s, d = start[..., :2], along[..., :2]
    root = _first_root((d * d).sum(-1), (s * d).sum(-1), (s * s).sum(-1) - radius**2)
    height = start[..., 2] + root * along[..., 2]
    return torch.where(height.abs() <= half, root, _NEVER)


def _disc(start: Tensor, along: Tensor, *, radius: float, height: float) -> Tensor:
    depth = (height - start[..., 2]) / along[..., 2]
    where = start[..., :2] + depth[..., None] * along[..., :2]
    return torch.where((depth > 0) & ((where * where).sum(-1) <= radius**2), depth, _NEVER)


def _box(start: Tensor, along: Tensor) -> Tensor:
    """Slabs, in units of the half sizes."""
    near, far = ((-1 - start) / along), ((1 - start) / along)
    first = torch.minimum(near, far).amax(-1)
    last = torch.maximum(near, far).amin(-1)
    return torch.where((first <= last) & (first > 0), first, _NEVER)
