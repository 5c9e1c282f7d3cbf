"""What one can ask for: each ability lays a canvas, and the one sampler makes it.

Sources are clips of any size and rate; a still is a clip of one frame. The canvas takes the source's aspect ratio and, where
the model can do it, its size and rate; `seconds`, `fps` and `size` say otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal, Unpack, get_args

import torch
from jaxtyping import Bool
from torch import Tensor

from misora.core.errors import UsageError
from misora.generate.canvas import Canvas, Guidance
from misora.generate.limits import check_canvas, fitting_sides
from misora.generate.pin import Curve, Pin
from misora.generate.source import Fit, fitted, fitting_size
from misora.generate.studio import Asked, Studio, blank
from misora.model.grid import CELL_PX, FRAMES_PER_GROUP
from misora.video.clip import Clip
from misora.video.resize import resize

STRENGTHS = {"subtle": 0.4, "mild": 0.6, "strong": 0.8}
CURVES: dict[str, Curve] = {
    "even": ((0.0, 0.0), (1.0, 1.0)),
    "early": ((0.0, 0.0), (0.4, 1.0)),
    "late": ((0.6, 0.0), (1.0, 1.0)),
    "mix": ((0.0, 0.5),),
}
"""Share of the second clip over the blend, whose length counts as 1."""
Strength = float | Literal["subtle", "mild", "strong"]
BLEND_LEVEL = 0.8
DRAFT_STEPS = 8
LOOK_FRAMES = 2 * FRAMES_PER_GROUP


def animate(
    studio: Studio, image: Clip, prompt: str = "", *, fit: Fit | None = None, **asked: Unpack[Asked]
) -> Canvas:
    """Set a still in motion: it is the first frame.

    Args:
        studio: the model.
        image: a clip of one frame.
        prompt: what should happen.
        fit: how another aspect ratio is brought to the canvas's.
        **asked: as in `Studio.canvas`.

    Returns:
        The canvas.
    """
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
    sized = _asked(studio, next(iter(known.values())), asked)
    if "end" in known and 0.0 in known and asked.get("seconds") is None:
        sized["seconds"] = _ending_on_a_group(sized, studio)
    base = blank(studio.model.limits, prompt, **sized)
    pins = []
    for when, clip in known.items():
        own = _onto(base, clip, fit)
        last = base.seconds - own.num_frames / base.fps
        pins.append(Pin(clip=own, at_seconds=max(0.0, last) if when == "end" else float(when)))
    return _checked(studio, replace(base, pins=tuple(pins)))


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
    return _row(studio, [before, clip, after], prompt, fit=fit, **asked)


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
    return _row(studio, [first, _above_zero(gap, "gap"), second], prompt, fit=fit, **asked)


def loop(
    studio: Studio, clip: Clip, prompt: str = "", *, gap: float = 1.0, fit: Fit | None = None, **asked: Unpack[Asked]
) -> Canvas:
    """Close a clip: go on after its end until its start, so that it can play for ever.

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
    base = _row(studio, [clip, _above_zero(gap, "gap")], prompt, fit=fit, is_checked=False, **asked)
    [own] = base.pins
    again = Clip.at_rate(own.clip.frames[:LOOK_FRAMES], base.fps)
    pins = (own, Pin(clip=again, at_seconds=base.num_frames / base.fps))
    return _checked(studio, replace(base, pins=pins, tail_frames=again.num_frames))


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
    return _row(studio, parts, prompt, fit=fit, **asked)


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
    base = _row(studio, [clip], prompt, fit=fit, is_checked=False, **asked)
    guidance = replace(base.guidance, down_to=min(base.guidance.down_to, level / 2))
    return _checked(studio, replace(base, pins=(replace(base.pins[0], keep=1 - level),), guidance=guidance))


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
    base = _row(studio, [first], prompt, fit=fit, is_checked=False, **asked)
    one, other = base.pins[0].clip, _onto(base, second, fit)
    num = min(one.num_frames, other.num_frames)
    base = _of_length(base, num)
    share = _share_curve(curve, base.seconds)
    keep = tuple((seconds, max(0.01, 1 - BLEND_LEVEL * 4 * value * (1 - value))) for seconds, value in share)
    less = tuple((seconds, 1 - value) for seconds, value in share)
    pins = tuple(
        Pin(clip=Clip.at_rate(clip.frames[:num], base.fps), keep=keep, weight=weight)
        for clip, weight in ((one, less), (other, share))
    )
    return _checked(studio, replace(base, pins=pins))


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
    base = _row(studio, [clip], prompt, fit=fit, is_checked=False, **asked)
    grey = Clip(frames=(is_kept[:, None].expand(-1, 3, -1, -1) * 255).byte(), pts_seconds=clip.pts_seconds)
    mask = _onto(base, grey, fit).frames[:, 0] > 254  # a pixel that is in part made anew is made anew
    return _checked(studio, replace(base, pins=(replace(base.pins[0], mask=mask),)))


def reframe(
    studio: Studio, clip: Clip, prompt: str = "", *, size: tuple[int, int], **asked: Unpack[Asked]
) -> Canvas:
    """Bring a clip to another aspect ratio by painting what lies beyond its edges.

    Args:
        studio: the model.
        clip: what is there; of one frame, a picture is made.
        prompt: what should be seen.
        size: width and height of the new picture in pixels.
        **asked: as in `Studio.canvas`; seconds follow from the clip.

    Returns:
        The canvas, with the clip in its middle as large as fits.

    Raises:
        UsageError: if the clip fills the new picture already.
    """
    whole = _row(studio, [], prompt, is_checked=False, like=clip, **{**asked, "size": size})  # type: ignore[arg-type]
    scale = min(size[0] / clip.size[0], size[1] / clip.size[1])
    inner = tuple(min(side, max(CELL_PX, round(own * scale / CELL_PX) * CELL_PX)) for side, own in zip(size, clip.size, strict=True))
    if inner == size:
        raise UsageError(f"{clip.size[0]}x{clip.size[1]} fills {size[0]}x{size[1]} already; give another --size")
    left, top = ((side - own) // 2 // CELL_PX * CELL_PX for side, own in zip(size, inner, strict=True))
    own = fitted(clip, size=inner, fps=whole.fps, fit="fill")
    base = whole if whole.is_still else _of_length(whole, own.num_frames)
    pin = Pin(clip=own, region=(left, top, left + inner[0], top + inner[1]))
    return _checked(studio, replace(base, pins=(pin,)))


def variations(studio: Studio, canvas: Canvas, num: int) -> tuple[Canvas, ...]:
    """The same asked with several seeds, for a grid to choose from.

    Args:
        studio: the model.
        canvas: what is asked.
        num: how many, at least 1.

    Returns:
        Canvases whose seeds count up from the given one's.
    """
    return tuple(_checked(studio, replace(canvas, seed=canvas.seed + index)) for index in range(num))


def draft(studio: Studio, canvas: Canvas) -> Canvas:
    """A small canvas of the same composition, to be looked at before `finalise`.

    Args:
        studio: the model.
        canvas: what is asked.

    Returns:
        The smallest canvas of about the same aspect ratio that the model can draw.
    """
    sides = fitting_sides(studio.model.limits)
    width, height = canvas.size
    scale = max(sides[0] / width, sides[0] / height)
    near = (min(sides, key=lambda side: abs(side - own * scale)) for own in (width, height))
    small_width, small_height = near
    return _checked(studio, replace(canvas, width_px=small_width, height_px=small_height))


def finalise(
    studio: Studio,
    clip: Clip,
    prompt: str = "",
    *,
    size: tuple[int, int] | None = None,
    strength: Strength = "mild",
    **asked: Unpack[Asked],
) -> Canvas:
    """Make a draft large: a remix of it, enlarged.

    Args:
        studio: the model.
        clip: the draft.
        prompt: the one of the draft.
        size: width and height in pixels; the model's usual area at the draft's aspect ratio when not given.
        strength: how much may change: subtle, mild, strong, or a number between 0 and 1.
        **asked: as in `Studio.canvas`; seconds follow from the draft.

    Returns:
        The canvas.
    """
    limits = studio.model.limits
    if size is None:
        factor = (limits.default_size[0] * limits.default_size[1] / (clip.size[0] * clip.size[1])) ** 0.5
        size = fitting_size((round(clip.size[0] * factor), round(clip.size[1] * factor)), limits)
    large = resize(clip, size)
    return remix(studio, large, prompt, strength=strength, **{**asked, "size": size})  # type: ignore[arg-type]


def strength_of(strength: Strength | str) -> float:
    """Read a strength.

    Args:
        strength: subtle, mild, strong, or a number above 0 and below 1.

    Returns:
        The level from which a source sets out.

    Raises:
        UsageError: if it is neither.

    >>> strength_of("subtle") < strength_of(0.5)
    True
    """
    if strength in STRENGTHS:
        return STRENGTHS[str(strength)]
    try:
        value = float(strength)
    except ValueError:
        value = -1.0
    if not 0 < value < 1:
        raise UsageError(f"strength is {', '.join(STRENGTHS)}, or a number between 0 and 1; got {strength!r}")
    return value


def _asked(studio: Studio, like: Clip, asked: Asked) -> Asked:
    """What is asked, with the size and rate of a source where nothing is said and the model can do it."""
    limits, sized = studio.model.limits, Asked(**asked)
    if sized.get("size") is None:
        sized["size"] = fitting_size(like.size, limits)
    if sized.get("fps") is None and like.num_frames > 1 and limits.min_fps <= like.fps <= limits.max_fps:
        sized["fps"] = like.fps
    return sized


def _row(
    studio: Studio,
    parts: Sequence[Clip | float],
    prompt: str,
    *,
    fit: Fit | None = None,
    like: Clip | None = None,
    is_checked: bool = True,
    **asked: Unpack[Asked],
) -> Canvas:
    """A canvas of clips and gaps one after another, as long as all of them; a single still makes a picture."""
    clips = [part for part in parts if isinstance(part, Clip)]
    if not clips and like is None:
        raise UsageError("give at least one part to keep")
    like = like or clips[0]
    sized = _asked(studio, like, asked)
    sized["seconds"] = 1.0  # laid anew below
    sized["is_still"] = like.num_frames == 1 and len(parts) <= 1
    base = blank(studio.model.limits, prompt, **sized)
    pins, frame = [], 0
    for part in parts:
        if isinstance(part, Clip):
            own = _onto(base, part, fit)
            pins.append(Pin(clip=own, at_seconds=frame / base.fps))
            frame += own.num_frames
        else:
            frame += round(part * base.fps)
    canvas = base if base.is_still else _of_length(base, max(frame, 2))
    canvas = replace(canvas, pins=tuple(pins))
    return _checked(studio, canvas) if is_checked else canvas


def _of_length(canvas: Canvas, num_frames: int) -> Canvas:
    """A canvas of another length, over all of which its line speaks."""
    seconds = num_frames / canvas.fps
    return replace(canvas, seconds=seconds, lines=tuple(replace(line, to_seconds=seconds) for line in canvas.lines))


def _onto(canvas: Canvas, clip: Clip, fit: Fit | None) -> Clip:
    return fitted(clip, size=canvas.size, fps=canvas.fps, fit=fit)


def _checked(studio: Studio, canvas: Canvas) -> Canvas:
    check_canvas(canvas, studio.model.limits)
    return canvas


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


def _share_curve(curve: str | Curve, seconds: float) -> Curve:
    """Points of a share on the clock of a canvas, with enough between them for what depends on them unevenly."""
    from misora.generate.pin import at

    if isinstance(curve, str):
        if curve not in CURVES:
            raise UsageError(f"unknown curve {curve!r}; there is {', '.join(CURVES)}, or points such as 0:0,1:0.8,2:1")
        curve = tuple((part * seconds, share) for part, share in CURVES[curve])
    if not curve or any(not 0 <= share <= 1 for _, share in curve):
        raise UsageError(f"a curve has points of seconds and shares between 0 and 1, got {curve}")
    times = torch.linspace(0, seconds, 33).tolist()
    return tuple((time, at(curve, time)) for time in times)


__all__ = [
    "CURVES", "STRENGTHS", "Strength", "animate", "blend", "connect", "draft", "extend", "finalise", "frames", "inpaint",
    "loop", "recut", "reframe", "remix", "strength_of", "variations",
]  # fmt: skip
assert set(STRENGTHS) == set(get_args(get_args(Strength)[1]))
_ = Guidance
