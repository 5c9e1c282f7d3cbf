"""Canvases made ready: where groups are laid, and what is left out."""

from typing import Any

import pytest
import torch

from misora.core.errors import UsageError
from misora.generate.canvas import Canvas, Control, Pin
from misora.generate.prepare import aligned, finished, prepared
from misora.model.bundle import Limits
from misora.video.clip import Clip
from misora.video.line import Line

LIMITS = Limits(max_seconds=2.0, max_tokens=24)


def canvas(*pins: Pin, num_frames: int = 16, **changed: Any) -> Canvas:
    """At eight frames/s."""
    asked: dict = {"fps": 8.0, "width_px": 32, "height_px": 32, "lines": (Line("a", 0.0, num_frames / 8),)}
    return Canvas(seconds=num_frames / 8, **(asked | changed), pins=pins)


def clip(num_frames: int) -> Clip:
    """Random pixels."""
    return Clip.at_rate(torch.randint(0, 256, (num_frames, 3, 32, 32), dtype=torch.uint8), 8.0)


def places(asked: Canvas) -> list[tuple[int, int]]:
    """First frame and frames of each pin."""
    return [(round(pin.at_seconds * 8), pin.clip.num_frames) for pin in asked.pins]


def test_a_first_still_fills_the_group_that_ends_with_it() -> None:
    laid = aligned(canvas(Pin(clip=clip(1))), has_cards=False)
    assert (laid.lead_frames, places(laid)) == (3, [(0, 1)])


def test_groups_begin_so_that_they_end_where_a_clip_does() -> None:
    laid = aligned(canvas(Pin(clip=clip(6))), has_cards=False)
    assert (laid.lead_frames, places(laid)) == (2, [(0, 6)])


def test_frames_at_a_ragged_edge_are_let_go() -> None:
    asked = canvas(Pin(clip=clip(4)), Pin(clip=clip(7), at_seconds=9 / 8))
    laid = aligned(asked, has_cards=False)
    assert (laid.lead_frames, places(laid)) == (0, [(0, 4), (12, 4)])
    assert torch.equal(laid.pins[1].clip.frames, asked.pins[1].clip.frames[3:])


def test_a_still_within_stands_for_its_group_or_is_a_card() -> None:
    asked = canvas(Pin(clip=clip(8)), Pin(clip=clip(1), at_seconds=10 / 8))
    laid = aligned(asked, has_cards=False)
    assert places(laid) == [(0, 8), (8, 4)]
    assert (laid.pins[1].clip.frames == asked.pins[1].clip.frames).all()
    assert [pin.is_card for pin in aligned(asked, has_cards=True).pins] == [False, True]


def test_stills_without_pins_are_left_alone() -> None:
    assert aligned(canvas(), has_cards=False) == canvas()
    picture = canvas(Pin(clip=clip(1)), is_still=True)
    assert aligned(picture, has_cards=False) is picture


def test_what_is_known_far_from_what_is_made_is_left_out_of_the_window() -> None:
    source = clip(40)
    control = Control(kind="track", times_seconds=(0.0, 4.5), values=((0.0, 0.0), (1.0, 1.0)))
    plan = prepared(canvas(Pin(clip=source), num_frames=48, controls=(control,)), LIMITS)
    assert (plan.first_frame, plan.window.num_frames, plan.window.seconds) == (32, 16, 2.0)
    [pin] = plan.window.pins
    assert torch.equal(pin.clip.frames, source.frames[32:])
    assert plan.window.lines == (Line("a", 0.0, 2.0),)
    assert plan.window.controls[0].times_seconds == (0.5,)


def test_a_loop_keeps_the_start_in_its_window_and_cuts_it_off_after() -> None:
    source = clip(16)
    pins = (Pin(clip=source), Pin(clip=Clip.at_rate(source.frames[:8], 8.0), at_seconds=3.0))
    plan = prepared(canvas(*pins, num_frames=24, tail_frames=8), LIMITS)
    assert (plan.first_frame, plan.window.num_frames, plan.window.tail_frames) == (12, 12, 4)
    made = Clip.at_rate(torch.zeros(12, 3, 32, 32, dtype=torch.uint8), 8.0)
    whole = finished(plan, made)
    assert torch.equal(whole.frames[:16], source.frames)
    assert not whole.frames[16:].any()


def test_curves_move_with_the_window() -> None:
    rough = Pin(clip=clip(8), at_seconds=5.0, keep=((5.0, 0.2), (6.0, 0.9)))
    plan = prepared(canvas(Pin(clip=clip(40)), rough, num_frames=48), LIMITS)
    moved = plan.window.pins[1]
    assert moved.at_seconds == 1.0
    assert moved.keep == ((1.0, 0.2), (2.0, 0.9))


def test_a_canvas_that_is_all_pinned_has_nothing_to_make() -> None:
    with pytest.raises(UsageError, match="nothing to make"):
        prepared(canvas(Pin(clip=clip(48)), num_frames=48), LIMITS)


def test_a_gap_beyond_the_window_is_left_to_be_refused() -> None:
    plan = prepared(canvas(Pin(clip=clip(8)), num_frames=48), LIMITS)
    assert plan.window.num_frames > 16
