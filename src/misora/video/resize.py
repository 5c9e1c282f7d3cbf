"""Frames made larger or smaller, with resampling that neither aliases nor blurs."""

from dataclasses import replace
from typing import Literal

import numpy as np
import torch
from jaxtyping import UInt8
from PIL import Image
from torch import Tensor

from misora.core.errors import UsageError
from misora.video.clip import Clip

Method = Literal["lanczos", "bicubic", "area", "nearest"]
Fit = Literal["stretch", "cover", "contain"]

_FILTERS = {
    "lanczos": Image.Resampling.LANCZOS,
    "bicubic": Image.Resampling.BICUBIC,
    "area": Image.Resampling.BOX,
    "nearest": Image.Resampling.NEAREST,
}


def resize(clip: Clip, size: tuple[int, int], *, fit: Fit = "stretch", method: Method = "lanczos") -> Clip:
    """Change the size of every frame.

    Args:
        clip: frames and times; the times stay.
        size: (width_px, height_px) wanted.
        fit: "stretch" to the size; "cover" it and cut what hangs over, centred; "contain" it all on black.
        method: the filter; all but "nearest" average over what they shrink.

    Returns:
        The resized clip; the same one if nothing changes.

    Raises:
        UsageError: if the size has no pixels, or a name is unknown.
    """
    return replace(clip, frames=resize_frames(clip.frames, size, fit=fit, method=method))


def resize_frames(
    frames: UInt8[Tensor, "f 3 H W"], size: tuple[int, int], *, fit: Fit = "stretch", method: Method = "lanczos"
) -> UInt8[Tensor, "f 3 H2 W2"]:
    """Change the size of frames.

    Args:
        frames: RGB 0..255.
        size: (width_px, height_px) wanted.
        fit: "stretch", "cover" or "contain", as in `resize`.
        method: the filter.

    Returns:
        Frames of that size.

    Raises:
        UsageError: if the size has no pixels, or a name is unknown.
    """
    width, height = size
    if width < 1 or height < 1:
        raise UsageError(f"frames need at least one pixel, got {width}x{height}")
    if method not in _FILTERS or fit not in ("stretch", "cover", "contain"):
        raise UsageError(f"cannot resize by {fit!r}, {method!r}; fit: stretch, cover, contain; {', '.join(_FILTERS)}")
    rows, columns = frames.shape[2:]
    if (columns, rows) == size:
        return frames
    if fit == "contain":
        return _contained(frames, size, method)
    box = _covering_box((columns, rows), size) if fit == "cover" else None
    return _resampled(frames, size, method=method, box=box)


def pad_to_even(clip: Clip) -> Clip:
    """Repeat the last column or row where a size is odd, so that mp4 can hold the clip.

    Args:
        clip: of any size.

    Returns:
        A clip of even size; the same one if it is even already.
    """
    width, height = clip.size
    if width % 2 == 0 and height % 2 == 0:
        return clip
    frames = clip.frames
    if width % 2:
        frames = torch.cat([frames, frames[..., -1:]], dim=3)
    if height % 2:
        frames = torch.cat([frames, frames[..., -1:, :]], dim=2)
    return replace(clip, frames=frames)


def _resampled(
    frames: UInt8[Tensor, "f 3 H W"],
    size: tuple[int, int],
    *,
    method: Method,
    box: tuple[float, float, float, float] | None = None,
) -> UInt8[Tensor, "f 3 H2 W2"]:
    planes = frames.flatten(0, 1).contiguous().cpu().numpy()
    resized = [np.asarray(Image.fromarray(plane).resize(size, _FILTERS[method], box=box)) for plane in planes]
    return torch.from_numpy(np.stack(resized)).unflatten(0, (-1, 3))


def _covering_box(source: tuple[int, int], size: tuple[int, int]) -> tuple[float, float, float, float]:
    scale = min(source[0] / size[0], source[1] / size[1])
    width, height = size[0] * scale, size[1] * scale
    left, top = (source[0] - width) / 2, (source[1] - height) / 2
    return max(0.0, left), max(0.0, top), min(float(source[0]), left + width), min(float(source[1]), top + height)


def _contained(frames: UInt8[Tensor, "f 3 H W"], size: tuple[int, int], method: Method) -> UInt8[Tensor, "f 3 H2 W2"]:
    rows, columns = frames.shape[2:]
    scale = min(size[0] / columns, size[1] / rows)
    inner = max(1, round(columns * scale)), max(1, round(rows * scale))
    canvas = frames.new_zeros(frames.shape[0], 3, size[1], size[0])
    left, top = (size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2
    canvas[:, :, top : top + inner[1], left : left + inner[0]] = _resampled(frames, inner, method=method)
    return canvas
