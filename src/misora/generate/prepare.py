"""A canvas made ready for the sampler: groups laid where pins begin, and no more of what is known than a window holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from jaxtyping import Bool
from torch import Tensor

from misora.core.errors import UsageError
from misora.generate.canvas import Canvas
from misora.generate.control import Control
from misora.generate.painted import composited, place_of
from misora.generate.pin import Curve, Pin
from misora.generate.standing import Border, standing
from misora.model.bundle import Limits
from misora.model.grid import FRAMES_PER_GROUP
from misora.video.clip import Clip
from misora.video.line import Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What is sampled of a canvas.

    Attributes:
        canvas: the whole, with groups where its pins want them.
        window: what is sampled of it: all, or what holds everything that is not known yet.
        first_frame: where the window begins, in frames of the finished clip.
    """

    canvas: Canvas
    window: Canvas
    first_frame: int

    @property
    def first_group(self) -> int:
        """The same in groups of what is made of the whole."""
        return (self.first_frame + (self.canvas.lead_frames if self.first_frame else 0)) // FRAMES_PER_GROUP


def prepared(canvas: Canvas, limits: Limits) -> Prepared:
    """Make a canvas ready: lay its groups, let stills stand, and leave out what is known far from what is not.

    Args:
        canvas: what is asked.
        limits: of the model.

    Returns:
        The window to be sampled, which may still be too large.

    Raises:
        UsageError: if a pin does not fit the canvas.
    """
    whole = aligned(canvas, has_cards="cards" in limits.taught)
    first, last = _window(whole, most_groups(whole, limits))
    if (first, last) == (0, whole.grid.groups):
        return Prepared(canvas=whole, window=whole, first_frame=0)
    part = cut(whole, first * FRAMES_PER_GROUP, last * FRAMES_PER_GROUP)
    return Prepared(canvas=whole, window=part, first_frame=max(0, first * FRAMES_PER_GROUP - whole.lead_frames))


def finished(plan: Prepared, made: Clip, borders: Sequence[Border] = ()) -> Clip:
    """Lay what was made into the whole clip, and over it what stands still and what is pinned.

    Args:
        plan: from `prepared`.
        made: the decoded window.
        borders: from `borders_of`, pinned frames beside gaps; without them made frames stay as they were decoded.

    Returns:
        The clip that was asked.
    """
    canvas = plan.canvas
    width, height = canvas.size
    frames = torch.zeros(canvas.num_frames, 3, height, width, dtype=torch.uint8)
    shown = standing(made.frames, borders, first_frame=canvas.lead_frames + plan.first_frame)
    frames[plan.first_frame : plan.first_frame + made.num_frames] = shown
    return Clip.at_rate(composited(frames, canvas), canvas.fps)


def aligned(canvas: Canvas, *, has_cards: bool) -> Canvas:
    """Lay the groups of a canvas so that as much of what is pinned as can be fills whole ones.

    Frames at the ragged edge of a pinned clip are let go, for the model could not see them. A still that fills no group
    becomes a card, or stands as long as its group where the model was not taught cards.

    Args:
        canvas: what is asked.
        has_cards: whether the model was taught cards.

    Returns:
        The same canvas with frames before its beginning that are made and cut off, and with pins on whole groups.

    Raises:
        UsageError: if a pin does not fit the canvas.
    """
    if canvas.is_still or not any(_is_whole(pin) for pin in canvas.pins):
        return canvas
    leads = range(FRAMES_PER_GROUP) if canvas.lead_frames == 0 else [canvas.lead_frames]
    choices = [replace(canvas, lead_frames=lead) for lead in leads]
    best = max(choices, key=lambda each: (_num_kept(each), -each.grid.groups, -each.lead_frames))
    known = _known_groups(best)
    pins = [_settled(pin, best, known, has_cards=has_cards) if _is_whole(pin) else pin for pin in best.pins]
    return replace(best, pins=tuple(pins))


def _is_whole(pin: Pin) -> bool:
    """Whether a pin knows the whole picture exactly, so that only its place in time decides what it fills."""
    return pin.is_exact and pin.region is None and pin.mask is None


def _known_groups(canvas: Canvas) -> Bool[Tensor, " g"]:
    """Groups of which every frame is known; frames beyond the ends count as their nearest."""
    is_known = torch.zeros(canvas.grid.groups * FRAMES_PER_GROUP, dtype=torch.bool)
    for pin in filter(_is_whole, canvas.pins):
        is_known[place_of(pin, canvas)[0]] = True
    first, last = canvas.lead_frames, canvas.num_made_frames - 1
    is_known[:first], is_known[last + 1 :] = is_known[first].clone(), is_known[last].clone()
    return is_known.unflatten(0, (-1, FRAMES_PER_GROUP)).all(1)


def _num_kept(canvas: Canvas) -> int:
    """Frames that are known in groups of which every frame is."""
    frames = _known_groups(canvas).repeat_interleave(FRAMES_PER_GROUP)
    return int(frames[canvas.lead_frames : canvas.num_made_frames].sum())


def _settled(pin: Pin, canvas: Canvas, known: Bool[Tensor, " g"], *, has_cards: bool) -> Pin:
    """A pin on whole groups."""
    frames = place_of(pin, canvas)[0]
    filled = [group for group in range(*_groups(frames)) if known[group]]
    if not filled:
        if has_cards and pin.clip.num_frames == 1:
            return replace(pin, is_card=True)
        return _standing(pin, canvas, frames)
    first = max(frames.start, filled[0] * FRAMES_PER_GROUP) - frames.start
    last = min(frames.stop, (filled[-1] + 1) * FRAMES_PER_GROUP) - frames.start
    return _part(pin, canvas.fps, first, last)


def _standing(pin: Pin, canvas: Canvas, frames: slice) -> Pin:
    """A still, or a few frames, held for the whole of the group in which most of it lies."""
    group = (frames.start + frames.stop - 1) // 2 // FRAMES_PER_GROUP
    first = max(group * FRAMES_PER_GROUP, canvas.lead_frames)
    last = min((group + 1) * FRAMES_PER_GROUP, canvas.num_made_frames)
    picks = torch.arange(first, last).clamp(frames.start, frames.stop - 1) - frames.start
    clip = Clip.at_rate(pin.clip.frames[picks], canvas.fps)
    return replace(pin, clip=clip, at_seconds=(first - canvas.lead_frames) / canvas.fps)


def _part(pin: Pin, fps: float, first: int, last: int) -> Pin:
    """Some frames of a pin, where they stood."""
    if (first, last) == (0, pin.clip.num_frames):
        return pin
    start = round(pin.at_seconds * fps) + first
    clip = Clip.at_rate(pin.clip.frames[first:last], fps)
    return replace(pin, clip=clip, at_seconds=start / fps, mask=None if pin.mask is None else pin.mask[first:last])


def _groups(frames: slice) -> tuple[int, int]:
    return frames.start // FRAMES_PER_GROUP, -(-frames.stop // FRAMES_PER_GROUP)


def first_known_group(canvas: Canvas) -> int:
    """Find the first group of which pins know every frame exactly.

    Args:
        canvas: what is asked.

    Returns:
        Its index; 0 where there is none.
    """
    known = _known_groups(canvas)
    return int(known.nonzero()[0]) if bool(known.any()) else 0


def most_groups(canvas: Canvas, limits: Limits) -> int:
    """Count the groups that the model holds at a canvas's size and rate, its cards counted.

    Args:
        canvas: its size, rate and cards are taken.
        limits: of the model.

    Returns:
        At least 1.
    """
    by_tokens = limits.max_tokens // canvas.grid.tokens_per_group - len(canvas.cards)
    return max(1, min(by_tokens, int(limits.max_seconds * canvas.fps / FRAMES_PER_GROUP + 1e-6)))


def _window(canvas: Canvas, most: int) -> tuple[int, int]:
    """Groups from, to: all of them if they fit, else what is not known with as much beside it as there is room for."""
    groups = canvas.grid.groups
    if groups <= most or canvas.is_still:
        return 0, groups
    unknown = (~_known_groups(canvas)).nonzero().flatten().tolist()
    if not unknown:
        raise UsageError("every frame of this canvas is pinned already; there is nothing to make")
    first, last = unknown[0], unknown[-1] + 1
    while last - first < most and (first > 0 or last < groups):
        is_left = first > 0 and (last == groups or unknown[0] - first <= last - unknown[-1] - 1)
        first, last = (first - 1, last) if is_left else (first, last + 1)
    return max(0, min(first, unknown[0] - 1)), min(groups, max(last, unknown[-1] + 2))


def cut(canvas: Canvas, first: int, last: int) -> Canvas:
    """Cut a canvas from one made frame up to another; the clock of the part begins there.

    Args:
        canvas: the whole, its pins on whole groups.
        first: a made frame at the edge of a group.
        last: the made frame at the edge of a group before which the part ends.

    Returns:
        The part with the lines, pins and controls that fall into it.
    """
    lead = canvas.lead_frames if first == 0 else 0
    start = first - canvas.lead_frames if first else 0
    stop = min(last - canvas.lead_frames, canvas.num_frames)
    tail = min(last, canvas.num_made_frames) - canvas.lead_frames - stop
    from_seconds, seconds = start / canvas.fps, (stop - start) / canvas.fps
    pins = [_moved(pin, canvas, start, stop + tail) for pin in canvas.pins]
    controls = tuple(_later(control, from_seconds) for control in canvas.controls)
    lines = tuple(
        Line(line.text, max(0.0, line.from_seconds - from_seconds), min(seconds, line.to_seconds - from_seconds))
        for line in canvas.lines
        if line.from_seconds < from_seconds + seconds and line.to_seconds > from_seconds
    )
    return replace(
        canvas,
        seconds=seconds,
        lines=lines,
        pins=tuple(pin for pin in pins if pin is not None),
        controls=controls,
        lead_frames=lead,
        tail_frames=tail,
    )


def _moved(pin: Pin, canvas: Canvas, start: int, stop: int) -> Pin | None:
    """What is left of a pin between two frames, on the clock that begins at the first."""
    own = round(pin.at_seconds * canvas.fps)
    first, last = max(start - own, 0), min(stop - own, pin.clip.num_frames)
    if pin.is_card:
        first, last = 0, 1
        own = max(own, start)
    if first >= last:
        return None
    shift = start / canvas.fps
    part = _part(pin, canvas.fps, first, last)
    return replace(
        part,
        at_seconds=(own + first - start) / canvas.fps,
        keep=_moved_curve(part.keep, shift),
        weight=_moved_curve(part.weight, shift),
    )


def _moved_curve(curve: float | Curve, shift: float) -> float | Curve:
    return curve if isinstance(curve, int | float) else tuple((seconds - shift, value) for seconds, value in curve)


def _later(control: Control, from_seconds: float) -> Control:
    """A control on a clock that begins later: what came before is left out."""
    kept = [index for index, seconds in enumerate(control.times_seconds) if seconds >= from_seconds] or [-1]
    times = tuple(max(0.0, control.times_seconds[index] - from_seconds) for index in kept)
    return replace(control, times_seconds=times, values=tuple(control.values[index] for index in kept))
