"""How the ground moves in the picture while the camera moves: affine, from frame to frame, things left out.

Gauss-Newton on grey values over two scales, as Lucas and Kanade did it, with Huber's weights against shadows and trails.
Chained from the first frame of a shot, the maps say where the camera went, and where a thing would be seen had it stood
still.
"""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float, UInt8
from torch import Tensor
from torch.nn.functional import avg_pool2d, grid_sample, interpolate, max_pool2d

_GREY = (0.3, 0.6, 0.1)
_SCALES = ((4, 5), (2, 4))
"""Pixels a cell, and steps taken at that scale."""
_TOLERANCE = 0.02
"""Differences of grey, in [0, 1], that count fully."""
_STIFFNESS = (3e-4, 3e-4, 3e-4, 3e-4, 3e-5, 3e-5)
"""What a unit of each parameter costs, so that a picture without texture is taken to stand still."""
_MARGIN = 5
"""Cells around things in which shadows and soft edges are not trusted."""


def ground_moves(frames: UInt8[Tensor, "f 3 H W"], is_thing: Bool[Tensor, "f h w"]) -> Float[Tensor, "f 2 3"]:
    """Affine map of the ground from each frame to the next.

    Args:
        frames: RGB, 0..255.
        is_thing: cells of the judge's maps that show a thing.

    Returns:
        Row t takes (x, y, 1) in frame t - 1 to (x, y) in frame t, in frame heights from the middle; row 0 changes nothing.

    Source: Lucas and Kanade 1981, "An iterative image registration technique"; Baker and Matthews 2004.
    """
    grey = (frames.float() / 255 * torch.tensor(_GREY).view(3, 1, 1)).sum(1, keepdim=True)
    trusted = 1 - max_pool2d(is_thing.float()[:, None], 2 * _MARGIN + 1, 1, _MARGIN)
    moves = torch.eye(2, 3).repeat(len(frames), 1, 1)
    for cell_px, num_steps in _SCALES:
        picture = avg_pool2d(grey, cell_px, ceil_mode=True)
        weight = interpolate(trusted, size=picture.shape[-2:], mode="area")
        moves[1:] = _refined(picture[:-1], picture[1:], weight[:-1], start=moves[1:], num_steps=num_steps)
    return moves


def _refined(before: Tensor, after: Tensor, weight: Tensor, *, start: Tensor, num_steps: int) -> Tensor:
    """Better maps from each picture of `before` to its partner, by Gauss-Newton steps from the given ones."""
    height, width = before.shape[-2:]
    y, x = torch.meshgrid(
        (torch.arange(height) + 0.5) / height - 0.5, ((torch.arange(width) + 0.5) - width / 2) / height, indexing="ij"
    )
    points = torch.stack([x, y, torch.ones_like(x)], -1).view(-1, 3)
    stiffness = torch.diag(torch.tensor(_STIFFNESS))
    to_grid = torch.tensor([2 * height / width, 2.0])
    across, down = _slopes(after)
    maps = start
    for _ in range(num_steps):
        places = points @ maps.mT
        grid = (places * to_grid).view(-1, height, width, 2)
        seen = grid_sample(torch.cat([after, across, down], 1), grid, padding_mode="border", align_corners=False)
        value, dx, dy = seen.flatten(2).unbind(1)
        error = before.flatten(1) - value
        inside = (grid.abs() <= 1).all(-1).flatten(1)
        trust = weight.flatten(1) * inside * (_TOLERANCE / error.abs().clamp_min(_TOLERANCE))
        # order of the parameters: x by x, x by y, y by x, y by y, then both shifts
        x, y = points[:, 0], points[:, 1]
        slope = torch.stack([dx * x, dx * y, dy * x, dy * y, dx, dy], -1)
        weighted = slope * trust[..., None]
        curvature = weighted.mT @ slope / len(points) + stiffness
        step = torch.linalg.solve(curvature, (weighted.mT @ error[..., None])[..., 0] / len(points))
        a, b, c, d, e, f = step.unbind(-1)
        maps = maps + torch.stack([torch.stack([a, b, e], -1), torch.stack([c, d, f], -1)], 1)
    return maps


def _slopes(picture: Tensor) -> tuple[Tensor, Tensor]:
    """Change of grey per frame height, across and down."""
    height = picture.shape[-2]
    wide = torch.nn.functional.pad(picture, (1, 1, 1, 1), mode="replicate")
    across = (wide[..., 1:-1, 2:] - wide[..., 1:-1, :-2]) * height / 2
    return across, (wide[..., 2:, 1:-1] - wide[..., :-2, 1:-1]) * height / 2


def chained(moves: Float[Tensor, "f 2 3"]) -> Float[Tensor, "f 2 3"]:
    """Maps from the first frame to every frame.

    Args:
        moves: of `ground_moves`, cut to one shot; the first of them is not looked at.

    Returns:
        Row t takes places in the first frame to places in frame t.
    """
    whole = [torch.eye(3, dtype=torch.float64)]
    for move in moves[1:].double():
        whole.append(torch.cat([move, move.new_tensor([[0, 0, 1]])]) @ whole[-1])
    return torch.stack(whole)[: len(moves), :2].float()
