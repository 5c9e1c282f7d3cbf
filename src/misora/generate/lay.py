"""What abilities share: a canvas as large and as quick as its source, with clips and gaps laid on it one after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Unpack

from misora.core.errors import UsageError
from misora.generate.canvas import Canvas
from misora.generate.limits import check_canvas
from misora.generate.pin import Pin
from misora.generate.source import Fit, fitted, fitting_size
from misora.generate.studio import Asked, Studio, blank
from misora.video.clip import Clip


def asked_like(studio: Studio, like: Clip, asked: Asked) -> Asked:
    """Complete what is asked by the size and rate of a source, where nothing is said and the model can do it.

    Args:
        studio: the model.
        like: the source.
        asked: what is said.

    Returns:
        The settings of a canvas.
    """
    limits, sized = studio.model.limits, Asked(**asked)
    if sized.get("size") is None:
        sized["size"] = fitting_size(like.size, limits)
    if sized.get("fps") is None and like.num_frames > 1 and limits.min_fps <= like.fps <= limits.max_fps:
        sized["fps"] = like.fps
    return sized


def row(
    studio: Studio,
    parts: Sequence[Clip | float],
    prompt: str,
    *,
    fit: Fit | None = None,
    **asked: Unpack[Asked],
) -> Canvas:
    """Lay clips and gaps one after another on a canvas as long as all of them; a single still makes a picture.

    Args:
        studio: the model.
        parts: in the order of time; a number is a gap of so many seconds. The first clip says size and rate.
        prompt: what should be seen throughout.
        fit: how another aspect ratio is brought to the canvas's.
        **asked: as in `Studio.canvas`; seconds follow from the parts.

    Returns:
        The canvas, not yet held against the model's limits.

    Raises:
        UsageError: if there is no clip, or one does not fit.
    """
    first = next((part for part in parts if isinstance(part, Clip)), None)
    if first is None:
        raise UsageError("give at least one clip or picture")
    sized = asked_like(studio, first, asked)
    sized["seconds"] = studio.model.limits.default_seconds  # laid anew below
    sized["is_still"] = first.num_frames == 1 and len(parts) == 1
    base = blank(studio.model.limits, prompt, **sized)
    pins, frame = [], 0
    for part in parts:
        if isinstance(part, Clip):
            own = onto(base, part, fit)
            pins.append(Pin(clip=own, at_seconds=frame / base.fps))
            frame += own.num_frames
        else:
            frame += round(part * base.fps)
    canvas = base if base.is_still else of_length(base, max(frame, 2))
    return replace(canvas, pins=tuple(pins))


def of_length(canvas: Canvas, num_frames: int) -> Canvas:
    """Change the length of a canvas, over all of which its line speaks.

    Args:
        canvas: of one line or none.
        num_frames: at least 2.

    Returns:
        The same for so many frames.
    """
    seconds = num_frames / canvas.fps
    return replace(canvas, seconds=seconds, lines=tuple(replace(line, to_seconds=seconds) for line in canvas.lines))


def onto(canvas: Canvas, clip: Clip, fit: Fit | None) -> Clip:
    """Bring a clip to the size and rate of a canvas.

    Args:
        canvas: its size and rate are taken.
        clip: any.
        fit: how another aspect ratio is brought to it.

    Returns:
        The clip, from 0 on.
    """
    return fitted(clip, size=canvas.size, fps=canvas.fps, fit=fit)


def checked(studio: Studio, canvas: Canvas) -> Canvas:
    """Hold a canvas against the model's limits.

    Args:
        studio: the model.
        canvas: what is asked.

    Returns:
        The same canvas.
    """
    check_canvas(canvas, studio.model.limits)
    return canvas
