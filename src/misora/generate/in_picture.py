"""Abilities in the picture: what is there, made otherwise, mixed, mended, widened or enlarged. Each lays a canvas."""

from __future__ import annotations

from dataclasses import replace
from typing import Unpack

import torch
from jaxtyping import Bool
from torch import Tensor

from misora.core.errors import UsageError
from misora.generate.canvas import Canvas
from misora.generate.lay import checked, of_length, onto, row
from misora.generate.limits import fitting_sides
from misora.generate.pin import Curve, Pin, at
from misora.generate.source import Fit, fitted, fitting_size
from misora.generate.studio import Asked, Studio
from misora.model.grid import CELL_PX
from misora.video.clip import Clip
from misora.video.resize import resize

STRENGTHS = {"subtle": 0.1, "mild": 0.35, "strong": 0.7}
WEAKEST_LEVEL = 0.4
"""Level of noise from which a source sets out as strength goes to 0: from lower ones, which models practise seldom, what comes
back is farther from the source, not nearer (docs/log.md). Strength 1 is noise throughout; straight between them."""
CURVES: dict[str, Curve] = {
    "even": ((0.1, 0.0), (0.9, 1.0)),
    "early": ((0.1, 0.0), (0.5, 1.0)),
    "late": ((0.5, 0.0), (0.9, 1.0)),
    "mix": ((0.0, 0.5),),
}
"""Share of the second clip over the blend, whose length counts as 1."""
BLEND_LEVEL = 0.8
"""Level of noise where both clips have half; less noise is left where one has more."""
DRAFT_STEPS = 8
Strength = float | str


def remix(
    studio: Studio,
    clip: Clip,
    prompt: str,
    *,
    strength: Strength = "mild",
    fit: Fit | None = None,
    **asked: Unpack[Asked],
) -> Canvas:
    """Make a clip again with other words, more or less like it.

    Args:
        studio: the model.
        clip: what is there; of one frame, a picture is made.
        prompt: what should be seen instead.
        strength: how much changes: subtle, mild, strong, or a number between 0 and 1.
        fit: how another aspect ratio is brought to the canvas's.
        **asked: as in `Studio.canvas`; seconds follow from the clip.

    Returns:
        The canvas.
    """
    level = strength_of(strength)
    base = row(studio, [clip], prompt, fit=fit, **asked)
    return checked(studio, replace(base, pins=(replace(base.pins[0], keep=1 - level),)))


def blend(
    studio: Studio,
    first: Clip,
    second: Clip,
    prompt: str = "",
    *,
    curve: str | Curve = "even",
    fit: Fit | None = None,
    **asked: Unpack[Asked],
) -> Canvas:
    """Mix two clips into one: each has its share over time, and where both have one the model decides what is seen.

    Args:
        studio: the model.
        first: of which there is most at share 0.
        second: of which there is most at share 1.
        prompt: what should be seen.
        curve: share of the second clip: even, early, late, mix, or points (seconds, share).
        fit: how another aspect ratio is brought to the canvas's.
        **asked: as in `Studio.canvas`; seconds follow from the shorter clip.

    Returns:
        The canvas.
    """
    base = row(studio, [first], prompt, fit=fit, **asked)
    one, other = base.pins[0].clip, onto(base, second, fit)
    num = min(one.num_frames, other.num_frames)
    base = of_length(base, num)
    share = _share_curve(curve, base.seconds)
    keep = tuple((seconds, max(0.01, 1 - BLEND_LEVEL * 4 * value * (1 - value))) for seconds, value in share)
    less = tuple((seconds, 1 - value) for seconds, value in share)
    pins = tuple(
        Pin(clip=Clip.at_rate(clip.frames[:num], base.fps), keep=keep, weight=weight)
        for clip, weight in ((one, less), (other, share))
    )
    return checked(studio, replace(base, pins=pins))


def inpaint(
    studio: Studio,
    clip: Clip,
    is_kept: Bool[Tensor, "f H W"],
    prompt: str = "",
    *,
    fit: Fit | None = None,
    **asked: Unpack[Asked],
) -> Canvas:
    """Make a part of the picture anew.

    Args:
        studio: the model.
        clip: what is there; of one frame, a picture is made.
        is_kept: which of its pixels are kept; `read_mask` reads it from a file.
        prompt: what should be seen.
        fit: how another aspect ratio is brought to the canvas's.
        **asked: as in `Studio.canvas`; seconds follow from the clip.

    Returns:
        The canvas.

    Raises:
        UsageError: if the mask has another size or length than the clip, or keeps everything.
    """
    if tuple(is_kept.shape) != (clip.num_frames, *clip.size[::-1]):
        raise UsageError(
            f"a mask of shape {tuple(is_kept.shape)} does not fit {clip.num_frames} frames of "
            f"{clip.size[0]}x{clip.size[1]} px; make it as large and as long"
        )
    if bool(is_kept.all()):
        raise UsageError("the mask keeps everything; make light what should be made anew")
    base = row(studio, [clip], prompt, fit=fit, **asked)
    grey = Clip(frames=(is_kept[:, None].expand(-1, 3, -1, -1) * 255).byte(), pts_seconds=clip.pts_seconds)
    mask = onto(base, grey, fit).frames[:, 0] > 254  # a pixel that is in part made anew is made anew
    return checked(studio, replace(base, pins=(replace(base.pins[0], mask=mask),)))


def reframe(studio: Studio, clip: Clip, prompt: str = "", **asked: Unpack[Asked]) -> Canvas:
    """Bring a clip to another aspect ratio by painting what lies beyond its edges.

    Args:
        studio: the model.
        clip: what is there; of one frame, a picture is made.
        prompt: what should be seen.
        **asked: as in `Studio.canvas`, with the size of the new picture; seconds follow from the clip.

    Returns:
        The canvas, with the clip in its middle as large as fits, on whole tokens.

    Raises:
        UsageError: if there is no size, or the clip fills it already.
    """
    size = asked.get("size")
    if size is None:
        raise UsageError("say the size of the new picture, such as 160x96")
    base = row(studio, [clip], prompt, fit="fill", **asked)
    scale = min(size[0] / clip.size[0], size[1] / clip.size[1])
    width, height = (
        min(side, max(CELL_PX, round(own * scale / CELL_PX) * CELL_PX))
        for side, own in zip(size, clip.size, strict=True)
    )
    if (width, height) == size:
        raise UsageError(f"{clip.size[0]}x{clip.size[1]} fills {size[0]}x{size[1]} already; give another --size")
    left, top = (size[0] - width) // 2 // CELL_PX * CELL_PX, (size[1] - height) // 2 // CELL_PX * CELL_PX
    own = fitted(clip, size=(width, height), fps=base.fps, fit="crop")
    pin = Pin(clip=own, region=(left, top, left + width, top + height))
    return checked(studio, replace(base, pins=(pin,)))


def variations(studio: Studio, canvas: Canvas, num: int) -> tuple[Canvas, ...]:
    """The same asked with several seeds, for a grid to choose from.

    Args:
        studio: the model.
        canvas: what is asked.
        num: how many, at least 1.

    Returns:
        Canvases whose seeds count up from the given one's.
    """
    return tuple(checked(studio, replace(canvas, seed=canvas.seed + index)) for index in range(num))


def draft(studio: Studio, canvas: Canvas) -> Canvas:
    """A small canvas of the same composition, to be looked at before `finalise`.

    Args:
        studio: the model.
        canvas: what is asked.

    Returns:
        The smallest canvas of about the same aspect ratio that the model can draw, with its pins made as small.

    Raises:
        UsageError: if a pin covers a part of the picture only.
    """
    sides = fitting_sides(studio.model.limits)
    width, height = canvas.size
    scale = max(sides[0] / width, sides[0] / height)
    near = (min(sides, key=lambda side: abs(side - own * scale)) for own in (width, height))
    small_width, small_height = near
    pins = tuple(_smaller(pin, (small_width, small_height)) for pin in canvas.pins)
    return checked(studio, replace(canvas, width_px=small_width, height_px=small_height, pins=pins))


def finalise(
    studio: Studio, clip: Clip, prompt: str = "", *, strength: Strength = "mild", **asked: Unpack[Asked]
) -> Canvas:
    """Make a draft large: a remix of it, enlarged.

    Args:
        studio: the model.
        clip: the draft.
        prompt: that of the draft.
        strength: how much may change: subtle, mild, strong, or a number between 0 and 1.
        **asked: as in `Studio.canvas`; the size is the model's usual area at the draft's aspect ratio when not given, and
            seconds follow from the draft.

    Returns:
        The canvas.
    """
    limits, settings = studio.model.limits, Asked(**asked)
    size = settings.get("size")
    if size is None:
        factor = (limits.default_size[0] * limits.default_size[1] / (clip.size[0] * clip.size[1])) ** 0.5
        size = fitting_size((round(clip.size[0] * factor), round(clip.size[1] * factor)), limits)
    settings["size"] = size
    return remix(studio, resize(clip, size), prompt, strength=strength, **settings)


def strength_of(strength: Strength) -> float:
    """Read a strength.

    Args:
        strength: subtle, mild, strong, or a number above 0 and below 1.

    Returns:
        The level from which a source sets out, from `WEAKEST_LEVEL` to 1.

    Raises:
        UsageError: if it is neither.

    >>> strength_of("subtle") < strength_of(0.5)
    True
    """
    try:
        value = STRENGTHS.get(str(strength)) or float(strength)
    except ValueError:
        value = -1.0
    if not 0 < value < 1:
        raise UsageError(f"strength is {', '.join(STRENGTHS)}, or a number between 0 and 1; got {strength!r}")
    return WEAKEST_LEVEL + (1 - WEAKEST_LEVEL) * value


def _smaller(pin: Pin, size: tuple[int, int]) -> Pin:
    if pin.region is not None or pin.mask is not None:
        raise UsageError(
            "a draft is for whole pictures; a part of one, as inpaint and reframe keep it, is not made small"
        )
    return replace(pin, clip=resize(pin.clip, size))


def _share_curve(curve: str | Curve, seconds: float) -> Curve:
    """Points of a share on the clock of a canvas, with enough between them for what depends on them unevenly."""
    if isinstance(curve, str):
        if curve not in CURVES:
            raise UsageError(f"unknown curve {curve!r}; there is {', '.join(CURVES)}, or points such as 0:0,1:0.8,2:1")
        curve = tuple((part * seconds, share) for part, share in CURVES[curve])
    if not curve or any(not 0 <= share <= 1 for _, share in curve):
        raise UsageError(f"a curve has points of seconds and shares between 0 and 1, got {curve}")
    times = torch.linspace(0, seconds, 33).tolist()
    return tuple((time, at(curve, time)) for time in times)
