"""Pins on the frames of a canvas."""

from typing import Any

import pytest
import torch

from misora.core.errors import UsageError
from misora.generate.canvas import Canvas, Pin
from misora.generate.painted import check_pins, composited, paint, place_of
from misora.video.clip import Clip


def canvas(*pins: Pin, **changed: Any) -> Canvas:
    """One second at eight frames/s."""
    asked: dict = {"seconds": 1.0, "fps": 8.0, "width_px": 32, "height_px": 32, "lines": ()}
    return Canvas(**(asked | changed), pins=pins)


def clip(num_frames: int, *, value: int | None = None, size: tuple[int, int] = (32, 32)) -> Clip:
    """Random pixels, or one value."""
    frames = torch.randint(0, 256, (num_frames, 3, size[1], size[0]), dtype=torch.uint8)
    return Clip.at_rate(frames if value is None else torch.full_like(frames, value), 8.0)


def test_frames_beyond_the_ends_count_as_the_nearest() -> None:
    still = Pin(clip=clip(1, value=7))
    painted = paint([still], canvas(still, lead_frames=3))
    assert painted.is_known.flatten(1).all(1).tolist() == [True] * 4 + [False] * 8
    assert (painted.pixels[:4] == 7).all()
    last = Pin(clip=clip(1, value=9), at_seconds=1.0)
    assert paint([last], canvas(last, seconds=1.125)).known_tokens.all(1).tolist() == [False, False, True]


def test_a_pin_may_stand_on_what_is_cut_off_at_the_end() -> None:
    pin = Pin(clip=clip(4), at_seconds=1.0)
    check_pins(canvas(pin, tail_frames=4))
    with pytest.raises(UsageError, match=r"ends at 1\.5 s"):
        check_pins(canvas(pin))


def test_gaps_are_filled_from_the_nearest_pixel_and_the_nearest_frame() -> None:
    mask = torch.zeros(1, 32, 32, dtype=torch.bool)
    mask[0, :, :16] = True
    frames = torch.zeros(1, 3, 32, 32, dtype=torch.uint8)
    frames[..., 15], frames[..., 16:] = 200, 90
    pin = Pin(clip=Clip.at_rate(frames, 8.0), mask=mask, at_seconds=0.125)
    [group] = paint([pin], canvas(pin)).filled(slice(0, 1))
    assert (group[:, :, :, 15:] == 200).all()
    assert (group[:, :, :, :15] == 0).all()


def test_exact_pins_that_disagree_are_refused_and_others_may_overlap() -> None:
    one = Pin(clip=clip(4, value=1))
    other = Pin(clip=clip(4, value=2), at_seconds=0.25)
    with pytest.raises(UsageError, match=r"different things about the picture at 0\.25 s"):
        check_pins(canvas(one, other))
    check_pins(canvas(one, Pin(clip=clip(4, value=1), at_seconds=0.25)))
    check_pins(canvas(one, Pin(clip=clip(4, value=2), at_seconds=0.25, keep=0.5)))
    left = Pin(clip=clip(4, value=1, size=(16, 32)), region=(0, 0, 16, 32))
    right = Pin(clip=clip(4, value=2, size=(16, 32)), region=(16, 0, 32, 32))
    check_pins(canvas(left, right))
    mask = torch.zeros(4, 32, 32, dtype=torch.bool)
    check_pins(canvas(one, Pin(clip=clip(4, value=2), mask=mask)))


def test_pinned_pixels_come_back_as_they_were_given() -> None:
    exact = clip(2)
    asked = canvas(Pin(clip=exact, at_seconds=0.25), Pin(clip=clip(8), keep=0.5), lead_frames=2)
    made = torch.zeros(8, 3, 32, 32, dtype=torch.uint8)
    frames = composited(made, asked)
    assert torch.equal(frames[2:4], exact.frames)
    assert not frames[:2].any()
    assert not frames[4:].any()
    assert composited(made, canvas()) is made


def test_a_pin_stands_where_its_seconds_and_the_lead_say() -> None:
    pin = Pin(clip=clip(2, size=(16, 16)), region=(16, 0, 32, 16), at_seconds=0.5)
    assert place_of(pin, canvas(lead_frames=1)) == (slice(5, 7), slice(0, 16), slice(16, 32))
