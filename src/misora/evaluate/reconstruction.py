"""How near a made clip comes to a filmed one: decibels over all and where things move, and whether a grid of tokens shows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from einops import rearrange
from jaxtyping import Bool, UInt8
from torch import Tensor

from misora.model.grid import CELL_PX, FRAMES_PER_GROUP

PEAK = 255.0
MOVING_LEVELS = 10
"""Of 255: how much a pixel changes from one frame to the next where something moves; what training calls moving."""
SAME_DB = 99.0
"""What is said of clips that are equal to the bit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """Errors of several clips.

    Attributes:
        psnr_db: mean over clips of each clip's peak signal to noise.
        pooled_db: the same from the mean squared error of all pixels.
        moving_db: from the mean squared error of all pixels that move within their group.
    """

    psnr_db: float
    pooled_db: float
    moving_db: float


def likeness(
    made: Sequence[UInt8[Tensor, "f 3 H W"]], real: Sequence[UInt8[Tensor, "f 3 H W"]], *, frames_per_group: int = 4
) -> Likeness:
    """Compare made with filmed clips, pixel by pixel.

    Args:
        made: frames, RGB 0..255.
        real: what they should be, of the same shapes.
        frames_per_group: frames among which motion is looked for.

    Returns:
        The errors in decibels.
    """
    assert frames_per_group == FRAMES_PER_GROUP or frames_per_group > 1
    clips, squares, moving, num_moving, num = [], 0.0, 0.0, 0, 0
    for one, other in zip(made, real, strict=True):
        error = (one.float() - other.float()).square().mean(1)
        mask = moving_pixels(other, frames_per_group)
        clips.append(decibels(error.mean().item()))
        squares, num = squares + error.sum().item(), num + error.numel()
        moving, num_moving = moving + error[mask].sum().item(), num_moving + int(mask.sum())
    return Likeness(
        psnr_db=sum(clips) / len(clips),
        pooled_db=decibels(squares / num),
        moving_db=decibels(moving / num_moving) if num_moving else math.nan,
    )


def decibels(squared_error: float) -> float:
    """Turn the mean squared error of pixels in 0..255 into decibels.

    Args:
        squared_error: in squared levels.

    Returns:
        10 log10(255² / error), at most `SAME_DB`.
    """
    return SAME_DB if squared_error <= 0 else min(SAME_DB, 10 * math.log10(PEAK**2 / squared_error))


def grid_contrast(frames: UInt8[Tensor, "f 3 H W"]) -> float:
    """Compare the edges on the borders of tokens with those inside.

    Args:
        frames: RGB 0..255; at least two tokens a side.

    Returns:
        Mean absolute difference of neighbouring pixels across borders, over the same inside tokens; 1 where nothing shows, in
        pictures whose content does not know of the grid.
    """
    grey = frames.float().mean(1)
    on, inside = 0.0, 0.0
    for steps in ((grey[..., 1:] - grey[..., :-1]).abs().mean((0, 1)), (grey[:, 1:] - grey[:, :-1]).abs().mean((0, 2))):
        is_border = (torch.arange(len(steps)) + 1) % CELL_PX == 0
        on, inside = on + steps[is_border].mean().item(), inside + steps[~is_border].mean().item()
    return on / inside if inside else 1.0


def grid_excess(made: Sequence[UInt8[Tensor, "f 3 H W"]], real: Sequence[UInt8[Tensor, "f 3 H W"]]) -> float:
    """Say how much more the borders of tokens show in made clips than in filmed ones.

    Args:
        made: frames, RGB 0..255.
        real: filmed frames of the same scripts; they need not show the same pixels.

    Returns:
        Mean `grid_contrast` of made over that of real clips, less 1; 0 where no grid is to be seen.
    """
    contrast = [sum(map(grid_contrast, clips)) / len(clips) for clips in (made, real)]
    return contrast[0] / contrast[1] - 1


def moving_pixels(frames: UInt8[Tensor, "f 3 H W"], frames_per_group: int = FRAMES_PER_GROUP) -> Bool[Tensor, "f H W"]:
    """Find the pixels that change within their group, a little widened, as in training.

    Args:
        frames: RGB 0..255, in whole groups.
        frames_per_group: frames among which motion is looked for.

    Returns:
        Which they are, the same in every frame of a group.
    """
    groups = rearrange(frames.float(), "(g n) c H W -> g n c H W", n=frames_per_group)
    change = (groups[:, 1:] - groups[:, :-1]).abs().amax((1, 2))[:, None] > MOVING_LEVELS
    wide = torch.nn.functional.max_pool2d(change.float(), 3, stride=1, padding=1)[:, 0] > 0
    return wide.repeat_interleave(frames_per_group, dim=0)
