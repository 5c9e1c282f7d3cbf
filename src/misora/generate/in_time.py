"""Abilities in time: what comes before, between and after what is there. Each lays a canvas; the one sampler makes it.

Sources are clips of any size and rate; a still is a clip of one frame. The canvas takes the source's aspect ratio and, where
the model can do it, its size and rate; `seconds`, `fps` and `size` say otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal, Unpack

from misora.core.errors import UsageError
from misora.generate.canvas import Canvas
from misora.generate.lay import asked_like, checked, onto, row
from misora.generate.pin import Pin
from misora.generate.source import Fit, way_back
from misora.generate.studio import Asked, Studio, blank
from misora.model.grid import FRAMES_PER_GROUP
from misora.video.clip import Clip

LOOK_FRAMES = 2 * FRAMES_PER_GROUP
"""Frames of the start that a loop looks forward to from its end."""
WAY_BACK_KEEP = 0.5
"""How exactly a loop's way back keeps to the clip played backwards; chosen on training scripts."""
FASTEST_WAY_BACK = 3.0
"""Times its own speed: a clip that would have to run back faster than this is no hint."""


def animate(studio: Studio, image: Clip, prompt: str = "", *, fit: Fit | None = None, **asked: Unpack[Asked]) -> Canvas:
    """Set a still in motion: it is the first frame.

    Args:
        studio: the model.
        image: a clip of one frame.
        prompt: what should happen.
        fit: how another aspect ratio is brought to the canvas's.
        **asked: as in `Studio.canvas`.

    Returns:
        The canvas.

    Raises:
        UsageError: if it is a clip.
    """
    if image.num_frames > 1:
        raise UsageError(f"this is a clip of {image.num_frames} frames; animate takes a picture, extend takes a clip")
    return frames(studio, {0.0: image}, prompt, fit=fit, **asked)


def frames(
    studio: Studio,
    known: Mapping[float | Literal["end"], Clip],
    prompt: str = "",
    *,
    fit: Fit | None = None,
    **asked: Unpack[Asked],
) -> Canvas:
    """Fill the time between stills or clips at any times: first, last, in the middle.

    Args:
        studio: the model.
        known: by the seconds at which they begin; "end" stands for the last.
        prompt: what should happen.
        fit: how another aspect ratio is brought to the canvas's.
        **asked: as in `Studio.canvas`.

    Returns:
        The canvas.

    Raises:
        UsageError: if nothing is given.
    """
    if not known:
        raise UsageError("give at least one still or clip, and when it stands")
    sized = asked_like(studio, next(iter(known.values())), asked)
    if "end" in known and 0.0 in known and asked.get("seconds") is None:
        sized["seconds"] = _ending_on_a_group(sized, studio)
    base = blank(studio.model.limits, prompt, **sized)
    pins = []
    for when, clip in known.items():
        own = onto(base, clip, fit)
        last = base.seconds - own.num_frames / base.fps
        pins.append(Pin(clip=own, at_seconds=max(0.0, last) if when == "end" else float(when)))
    return checked(studio, replace(base, pins=tuple(pins)))


def extend(
    studio: Studio,
    clip: Clip,
    prompt: str = "",
    *,
    before: float = 0.0,
    after: float = 0.0,
    fit: Fit | None = None,
    **asked: Unpack[Asked],
) -> Canvas:
    """Go on after the end of a clip, or begin before its start.

    Args:
        studio: the model.
        clip: what is there.
        prompt: what should happen.
        before: seconds to make before it.
        after: seconds to make after it.
        fit: how another aspect ratio is brought to the canvas's.
        **asked: as in `Studio.canvas`; seconds follow from the clip.

    Returns:
        The canvas of all three.

    Raises:
        UsageError: if nothing is to be made.
    """
    if min(before, after) < 0 or before + after <= 0:
        raise UsageError(f"say how many seconds to make before or after, above 0; got {before:g} and {after:g}")
    return checked(studio, row(studio, [before, clip, after], prompt, fit=fit, **asked))


def connect(
    studio: Studio,
    first: Clip,
    second: Clip,
    prompt: str = "",
    *,
    gap: float = 1.0,
    fit: Fit | None = None,
    **asked: Unpack[Asked],
) -> Canvas:
    """Lead from the end of one clip to the start of another.

    Args:
        studio: the model.
        first: what comes first.
        second: what comes last, brought to the first's size.
        prompt: what should happen between.
        gap: seconds to make between them.
        fit: how another aspect ratio is brought to the canvas's.
        **asked: as in `Studio.canvas`; seconds follow from the clips.

    Returns:
        The canvas of all three.
    """
    return checked(studio, row(studio, [first, _above_zero(gap, "gap"), second], prompt, fit=fit, **asked))


def loop(
    studio: Studio, clip: Clip, prompt: str = "", *, gap: float = 1.0, fit: Fit | None = None, **asked: Unpack[Asked]
) -> Canvas:
    """Close a clip: go on after its end until its start, so that it can play for ever.

    What has gone somewhere must come back. The clip itself, played backwards, is laid over the gap as a rough pin: it says
    where things are on the way, and the model makes them anew. The text is not exaggerated unless guidance is asked for, for
    it tells what happens in the clip, not what leads back.

    Args:
        studio: the model.
        clip: what is there.
        prompt: what should happen on the way back.
        gap: seconds to make from its end to its start.
        fit: how another aspect ratio is brought to the canvas's.
        **asked: as in `Studio.canvas`; seconds follow from the clip.

    Returns:
        The canvas of the clip and the way back; its start is pinned once more after the end, where it is cut off.
    """
    if asked.get("guidance") is None:
        asked["guidance"] = 1.0
    base = row(studio, [clip, _above_zero(gap, "gap")], prompt, fit=fit, **asked)
    [own] = base.pins
    again = Clip.at_rate(own.clip.frames[:LOOK_FRAMES], base.fps)
    pins = (own, Pin(clip=again, at_seconds=base.num_frames / base.fps))
    num, num_gap = own.clip.num_frames, base.num_frames - own.clip.num_frames
    if 1 < num <= FASTEST_WAY_BACK * num_gap:
        back = way_back(own.clip, num_gap)
        pins = (*pins, Pin(clip=back, at_seconds=num / base.fps, keep=WAY_BACK_KEEP))
    return checked(studio, replace(base, pins=pins, tail_frames=again.num_frames))


def recut(
    studio: Studio, parts: Sequence[Clip | float], prompt: str = "", *, fit: Fit | None = None, **asked: Unpack[Asked]
) -> Canvas:
    """Keep parts, and fill the gaps between them.

    Args:
        studio: the model.
        parts: in the order of time; a number is a gap of so many seconds.
        prompt: what should happen in the gaps.
        fit: how another aspect ratio is brought to the canvas's.
        **asked: as in `Studio.canvas`; seconds follow from the parts.

    Returns:
        The canvas of all of them.
    """
    return checked(studio, row(studio, parts, prompt, fit=fit, **asked))


def _above_zero(seconds: float, name: str) -> float:
    if not seconds > 0:
        raise UsageError(f"{name} must be above 0 s, got {seconds:g}; 1 is usual")
    return seconds


def _ending_on_a_group(asked: Asked, studio: Studio) -> float:
    """The usual length, changed by a few frames so that a first and a last still both stand at the edge of a group."""
    limits = studio.model.limits
    fps = asked.get("fps") or limits.default_fps
    num = round(limits.default_seconds * fps)
    longer = num + (2 - num) % FRAMES_PER_GROUP
    return (longer if longer / fps <= limits.max_seconds else longer - FRAMES_PER_GROUP) / fps
