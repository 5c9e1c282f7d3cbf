"""Clips and stills from outside, brought to the size and rate of a canvas."""

from __future__ import annotations

import math
from itertools import product
from pathlib import Path
from typing import Literal, get_args

import torch
from jaxtyping import Bool
from torch import Tensor

from misora.core.errors import MediaError, UsageError
from misora.generate.limits import fitting_sides
from misora.model.bundle import Limits
from misora.model.grid import CELL_PX
from misora.video.clip import Clip
from misora.video.resize import Fit as Resizing
from misora.video.resize import resize
from misora.video.sandbox import decode_untrusted, read_image_untrusted
from misora.video.sniff import HEAD_BYTES, STILLS, sniff

Fit = Literal["fit", "fill", "crop"]
_RESIZING: dict[str, Resizing] = {"fit": "contain", "fill": "stretch", "crop": "cover"}
_SAME_ASPECT = 0.04


def open_clip(path: Path | str) -> Clip:
    """Read a clip or a still from outside, in a process of its own.

    Args:
        path: a video, or a picture, which becomes a clip of one frame.

    Returns:
        Its frames on a clock that begins at 0.

    Raises:
        MediaError: if it is missing, cannot be read as one, is transparent somewhere, or exceeds a limit.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            kind = sniff(file.read(HEAD_BYTES))
        if kind in STILLS:
            return Clip.at_rate(read_image_untrusted(path)[None], 1.0)
        try:
            clip = decode_untrusted(path)
        except MediaError:
            if kind not in ("webp", "gif"):
                raise
            return Clip.at_rate(read_image_untrusted(path)[None], 1.0)
    except OSError as error:
        raise MediaError(f"cannot read {path}: {error.strerror}; name a clip or a picture") from error
    except MediaError as error:
        raise MediaError(f"{path}: {error}") from error
    return Clip(frames=clip.frames, pts_seconds=clip.pts_seconds - clip.pts_seconds[0])


def fitted(clip: Clip, *, size: tuple[int, int], fps: float, fit: Fit | None = None) -> Clip:
    """Bring a clip to a canvas: its frames nearest in time, at its size.

    Args:
        clip: any.
        size: width and height in pixels.
        fps: frames per second.
        fit: how another aspect ratio is brought to it: `fit` keeps the whole picture on black, `fill` stretches it, `crop`
            cuts off what hangs over.

    Returns:
        A clip of that size and rate, which begins at 0.

    Raises:
        UsageError: if the aspect ratio is another and no way is given.
    """
    if fit is not None and fit not in _RESIZING:
        raise UsageError(f"unknown fit {fit!r}; there is {', '.join(get_args(Fit))}")
    if fit is None and _aspects_differ(clip.size, size):
        raise UsageError(
            f"{clip.size[0]}x{clip.size[1]} has another aspect ratio than {size[0]}x{size[1]}; say --fit fit (the whole "
            "picture, on black), fill (stretched) or crop (what hangs over is cut), or another --size"
        )
    timed = clip if clip.num_frames == 1 else at_rate(clip, fps)
    frames = resize(timed, size, fit=_RESIZING[fit or "fill"]).frames
    return Clip.at_rate(frames, fps if clip.num_frames > 1 else 1.0)


def at_rate(clip: Clip, fps: float) -> Clip:
    """Show a clip at another rate: at each moment the frame that is nearest in time.

    Args:
        clip: of several frames.
        fps: frames per second.

    Returns:
        A clip as long, which begins at 0.
    """
    num = max(1, round(clip.seconds * fps))
    wanted = torch.arange(num, dtype=torch.float64) / fps
    gaps = (clip.pts_seconds - clip.pts_seconds[0])[None] - wanted[:, None]
    return Clip.at_rate(clip.frames[gaps.abs().argmin(1)], fps)


def way_back(clip: Clip, num_frames: int) -> Clip:
    """Play a clip backwards between its last and its first frame, both left out.

    Args:
        clip: what is there.
        num_frames: how long the way back is, at the clip's rate.

    Returns:
        The nearest frames of the clip, at its rate.

    >>> import torch
    >>> clip = Clip.at_rate(torch.arange(6, dtype=torch.uint8).view(6, 1, 1, 1).expand(-1, 3, 1, 1), 8.0)
    >>> way_back(clip, 4).frames[:, 0, 0, 0].tolist()
    [4, 3, 2, 1]
    """
    picks = torch.linspace(clip.num_frames - 1, 0, num_frames + 2)[1:-1].round().long()
    return Clip.at_rate(clip.frames[picks], clip.fps)


def fitting_size(size: tuple[int, int], limits: Limits) -> tuple[int, int]:
    """Find the size a model can draw that is most like another: in its aspect first, then in its area.

    Args:
        size: width and height in pixels.
        limits: of the model.

    Returns:
        Width and height in pixels; the same where the model can draw it.
    """
    sides = fitting_sides(limits)
    usual = limits.default_size[0] * limits.default_size[1]
    if size[0] in sides and size[1] in sides and _has_room(size, limits):
        return size
    choices = [each for each in product(sides, sides) if _has_room(each, limits)]
    area = usual if max(size) > max(sides) else size[0] * size[1]

    def unlike(each: tuple[int, int]) -> tuple[float, float]:
        aspect = abs(math.log(each[0] / each[1]) - math.log(size[0] / size[1]))
        return max(aspect, _SAME_ASPECT), abs(math.log(each[0] * each[1] / area))

    return min(choices, key=unlike)


def read_mask(path: Path | str, clip: Clip) -> Bool[Tensor, "f H W"]:
    """Read which pixels of a clip are to be made anew: those that are light in the mask.

    Args:
        path: a picture for all frames, or a clip with a frame for each.
        clip: that it belongs to, as it was read.

    Returns:
        True where a pixel is kept.

    Raises:
        UsageError: if the mask has another size or length than the clip.
        MediaError: if it cannot be read.
    """
    mask = open_clip(path)
    if mask.size != clip.size or mask.num_frames not in (1, clip.num_frames):
        raise UsageError(
            f"the mask has {mask.num_frames} frames of {mask.size[0]}x{mask.size[1]} px, the clip {clip.num_frames} of "
            f"{clip.size[0]}x{clip.size[1]}; make it as large, and one picture or as many frames"
        )
    return (mask.frames.float().mean(1) < 128).expand(clip.num_frames, -1, -1)


def _aspects_differ(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return abs(math.log(one[0] / one[1]) - math.log(other[0] / other[1])) > _SAME_ASPECT + 1e-9


def _has_room(size: tuple[int, int], limits: Limits) -> bool:
    """Whether a clip of the usual length fits at a size."""
    groups = -(-limits.default_seconds * limits.default_fps // 4) + 1
    return size[0] * size[1] / CELL_PX**2 * groups <= limits.max_tokens
