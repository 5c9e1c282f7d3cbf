"""How much the surface of a thing changes while one follows it: what turns in place is seen by this alone."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor
from torch.nn.functional import grid_sample

from misora.evaluate.tracks import Blobs

_GREY = (0.3, 0.6, 0.1)
_POINTS = 10
_REACH = 0.4
"""Half side of the patch that is looked at, in extents of the thing: the rim is left out."""


def surface_changes(frames: UInt8[Tensor, "f 3 H W"], blobs: Blobs) -> Float[np.ndarray, "f 10"]:
    """Compare what each colour shows inside with what it showed in the frame before, wherever it went.

    Args:
        frames: RGB, 0..255, from which the blobs were found.
        blobs: of these frames.

    Returns:
        Mean change of grey in [0, 1] by frame and colour, a change of light left out; 0 where it was not seen twice.
    """
    changes = np.zeros_like(blobs.area)
    later, colour = np.nonzero((blobs.area[1:] > 0) & (blobs.area[:-1] > 0))
    if len(later):
        grey = (frames.float() / 255 * torch.tensor(_GREY).view(3, 1, 1)).sum(1, keepdim=True)
        now, before = (_patches(grey, blobs, later + step, colour) for step in (1, 0))
        changes[later + 1, colour] = (now - before).abs().mean(1).numpy()
    return changes


def _patches(grey: Tensor, blobs: Blobs, frame: np.ndarray, colour: np.ndarray) -> Tensor:
    """Even points within each thing, its mean taken away."""
    height, width = grey.shape[-2:]
    line = np.linspace(-_REACH, _REACH, _POINTS)
    inner = np.stack(np.meshgrid(line, line), -1)
    places = blobs.centre[frame, colour][:, None, None] + inner * blobs.extent[frame, colour][:, None, None]
    grid = torch.from_numpy(places * np.array([2 * height / width, 2.0])).float()
    seen = grid_sample(grey[torch.from_numpy(frame)], grid, padding_mode="border", align_corners=False).flatten(1)
    return seen - seen.mean(1, keepdim=True)
