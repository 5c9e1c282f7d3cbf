"""Canvases."""

import pytest
import torch

from misora.core.errors import UsageError
from misora.generate.canvas import Canvas, Guidance, Pin
from misora.video.clip import Clip
from misora.video.line import Line


def canvas(**changed: object) -> Canvas:
    """Two seconds of a ball."""
    asked: dict = {"seconds": 2.0, "fps": 8.0, "width_px": 96, "height_px": 64, "lines": (Line("a ball", 0.0, 2.0),)}
    return Canvas(**(asked | changed))


def test_frames_and_tokens_follow_from_the_canvas() -> None:
    assert canvas().num_frames == 16
    assert canvas().grid.num_tokens == 4 * 4 * 6
    assert canvas(seconds=1.9).num_frames == 15


def test_last_group_overhangs_frames_that_are_no_multiple_of_four() -> None:
    assert canvas(seconds=1.25).num_frames == 10
    assert canvas(seconds=1.25).grid.groups == 3


def test_a_still_is_one_frame_without_a_clock() -> None:
    still = canvas(is_still=True)
    assert still.num_frames == 1
    assert (still.grid.groups, still.grid.seconds_per_group) == (1, 0.0)


@pytest.mark.parametrize("name", ["seconds", "fps"])
@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf")])
def test_durations_and_rates_must_be_positive_numbers(name: str, value: float) -> None:
    with pytest.raises(UsageError, match=f"{name} must be above 0"):
        canvas(**{name: value})


def test_a_clip_of_one_frame_is_refused_with_the_shortest_that_works() -> None:
    with pytest.raises(UsageError, match=r"at least 0\.25 s, or ask for a picture"):
        canvas(seconds=0.1)


def test_a_line_after_the_end_is_refused() -> None:
    with pytest.raises(UsageError, match=r"begins at 3.* after the end at 2"):
        canvas(lines=(Line("too late", 3.0, 4.0),))


def test_guidance_pins_and_seeds_have_a_range() -> None:
    clip = Clip.at_rate(torch.zeros(4, 3, 16, 16, dtype=torch.uint8), 8.0)
    with pytest.raises(UsageError, match="guidance ends at a time between 0 and 1"):
        Guidance(down_to=1.5)
    with pytest.raises(UsageError, match="guidance must lie between 0 and 20"):
        Guidance(lines=float("nan"))
    with pytest.raises(UsageError, match="keep must be above 0"):
        Pin(clip=clip, keep=0.0)
    with pytest.raises(UsageError, match="0 s or later"):
        Pin(clip=clip, at_seconds=-1.0)
    with pytest.raises(UsageError, match="seed lies between"):
        canvas(seed=-1)
    with pytest.raises(UsageError, match="needs pixels"):
        canvas(width_px=0)


def test_prompt_of_a_canvas_joins_its_lines() -> None:
    assert canvas(lines=(Line("a ball", 0.0, 1.0), Line("then a box", 1.0, 2.0))).prompt == "a ball / then a box"


def test_a_grid_of_odd_sides_is_refused() -> None:
    with pytest.raises(UsageError, match="not a multiple of 16"):
        _ = canvas(width_px=100).grid
