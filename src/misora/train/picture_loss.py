"""What the autoencoder is trained to keep: pixels, most where things move, edges, the finest pattern, and motion.

Squared error alone spends its effort on still floors; what people watch is small, moving and has edges.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

MOVING = 0.08
RGB = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureWeights:
    """Shares of the picture loss.

    Attributes:
        moving: extra weight of a pixel that changes within its group.
        edges: weight of the error of differences between neighbouring pixels.
        fine: weight of the error of second differences, the highest frequencies of the picture.
        motion: weight of the error of differences between consecutive frames, within groups and across.
    """

    moving: float = 3.0
    edges: float = 0.15
    fine: float = 0.02
    motion: float = 0.05


def moving_pixels(pixels: Float[Tensor, "g 12 H W"]) -> Float[Tensor, "g 1 H W"]:
    """Mark pixels that change within their group, a little widened.

    Args:
        pixels: groups of four frames, [-1, 1].

    Returns:
        1 where some frame differs from the one before, else 0.
    """
    change = (pixels[:, RGB:] - pixels[:, :-RGB]).abs().amax(1, keepdim=True)
    return functional.max_pool2d((change > MOVING).float(), 3, stride=1, padding=1)


def picture_loss(
    made: Float[Tensor, "g 12 H W"], real: Float[Tensor, "g 12 H W"], weights: PictureWeights, *, run_groups: int = 1
) -> Float[Tensor, ""]:
    """Weigh the difference between made and real groups.

    Args:
        made: reconstruction.
        real: original, [-1, 1].
        weights: shares of the parts.
        run_groups: groups that follow one another in one clip.

    Returns:
        mean of w e² + edges x mean of |∇e| + fine x mean of |∇²e| along each axis + motion x mean of |∂e/∂t|, with
        e = made - real and w = 1 + moving where pixels move.
    """
    error = made - real
    squares = (error.square() * (1 + weights.moving * moving_pixels(real))).mean()
    across, down = error.diff(dim=-1), error.diff(dim=-2)
    edges = across.abs().mean() + down.abs().mean()
    fine = across.diff(dim=-1).abs().mean() + down.diff(dim=-2).abs().mean()
    frames = rearrange(error, "(run g) (f rgb) H W -> run (g f) rgb H W", g=run_groups, rgb=RGB)
    motion = frames.diff(dim=1).abs().mean()
    return squares + weights.edges * edges + weights.fine * fine + weights.motion * motion


def psnr(squared_error: Float[Tensor, ""]) -> float:
    """Turn the mean squared error of pixels in [-1, 1] into decibels."""
    return (10 * torch.log10(4 / squared_error.clamp(min=1e-12))).item()
