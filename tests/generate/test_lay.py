"""What abilities share."""

import pytest
import torch

from misora.core.errors import UsageError
from misora.generate.lay import asked_like, checked, of_length, onto, row
from misora.generate.studio import Studio
from misora.video.clip import Clip


def clip(num_frames: int = 8, *, size: tuple[int, int] = (64, 64), fps: float = 8.0) -> Clip:
    """Black pixels."""
    return Clip.at_rate(torch.zeros(num_frames, 3, size[1], size[0], dtype=torch.uint8), fps)


def test_a_canvas_takes_the_size_and_rate_of_its_source_where_the_model_can(studio: Studio) -> None:
    assert asked_like(studio, clip(size=(80, 64), fps=12.0), {}) == {"size": (80, 64), "fps": 12.0}
    assert asked_like(studio, clip(fps=30.0), {}) == {"size": (64, 64)}
    assert asked_like(studio, clip(), {"size": (96, 64), "fps": 4.0}) == {"size": (96, 64), "fps": 4.0}


def test_clips_and_gaps_stand_one_after_another(studio: Studio) -> None:
    laid = row(studio, [0.5, clip(), 0.25, clip(4)], "a red ball", seed=1)
    assert [pin.at_seconds for pin in laid.pins] == [0.5, 1.75]
    assert laid.num_frames == 4 + 8 + 2 + 4
    assert laid.lines[0].to_seconds == laid.seconds == 2.25


def test_a_single_still_makes_a_picture(studio: Studio) -> None:
    assert row(studio, [clip(1)], "a red ball").is_still
    assert not row(studio, [clip(1), 1.0], "a red ball").is_still
    with pytest.raises(UsageError, match="at least one clip or picture"):
        row(studio, [1.0], "a red ball")


def test_silence_needs_no_guidance(studio: Studio) -> None:
    assert row(studio, [clip()], "").guidance.lines == 1.0
    assert row(studio, [clip()], "a red ball").guidance.lines > 1.0


def test_lengths_sizes_and_limits(studio: Studio) -> None:
    laid = row(studio, [clip(), 0.5], "a red ball")
    assert of_length(laid, 4).lines[0].to_seconds == 0.5
    assert onto(laid, clip(16, size=(128, 128), fps=16.0), None).num_frames == 8
    assert checked(studio, laid) is laid
    with pytest.raises(UsageError, match="too long"):
        checked(studio, of_length(laid, 600))
