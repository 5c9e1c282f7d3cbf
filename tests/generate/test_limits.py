"""Canvases against the limits of a model."""

from dataclasses import replace

import pytest

from misora.core.errors import UsageError
from misora.generate.canvas import Canvas
from misora.generate.limits import check_canvas, fitting_sides
from misora.model.bundle import Limits
from misora.video.line import Line

LIMITS = Limits(min_side_px=64, max_side_px=192, max_seconds=4.0, min_fps=4.0, max_fps=16.0, max_tokens=300)
FITS = Canvas(seconds=2.0, fps=8.0, width_px=96, height_px=96, lines=(Line("a ball", 0.0, 2.0),))


def test_a_canvas_that_fits_passes() -> None:
    check_canvas(FITS, LIMITS)


@pytest.mark.parametrize(("size", "nearest"), [((100, 90), "96x96"), ((96, 1000), "96x192"), ((8, 96), "64x96")])
def test_a_size_that_does_not_fit_is_told_which_do(size: tuple[int, int], nearest: str) -> None:
    with pytest.raises(UsageError, match=rf"64, 80, 96, .* 192 px; nearest is {nearest}"):
        check_canvas(replace(FITS, width_px=size[0], height_px=size[1]), LIMITS)


def test_ten_thousand_seconds_are_refused() -> None:
    with pytest.raises(UsageError, match="10000 s is too long: at most 60 s fit"):
        check_canvas(replace(FITS, seconds=10_000.0), LIMITS)


def test_a_rate_outside_is_refused() -> None:
    with pytest.raises(UsageError, match="60 frames/s does not fit this model: take 4 to 16"):
        check_canvas(replace(FITS, fps=60.0), LIMITS)


def test_what_no_window_holds_is_refused() -> None:
    check_canvas(replace(FITS, width_px=192, height_px=192), LIMITS)
    check_canvas(replace(FITS, seconds=60.0), LIMITS)
    with pytest.raises(UsageError, match=r"takes 288 tokens at the least, this model holds 200; choose a smaller size"):
        check_canvas(replace(FITS, width_px=192, height_px=192), replace(LIMITS, max_tokens=200))


def test_texts_are_checked_too_but_silence_is_allowed() -> None:
    check_canvas(replace(FITS, lines=(Line("", 0.0, 2.0),)), LIMITS)
    with pytest.raises(UsageError, match="10000 characters"):
        check_canvas(replace(FITS, lines=(Line("x" * 10_000, 0.0, 2.0),)), LIMITS)
    with pytest.raises(UsageError, match="negative prompt has 10000 characters"):
        check_canvas(replace(FITS, negative="x" * 10_000), LIMITS)


def test_sides_are_multiples_of_a_token_within_the_limits() -> None:
    assert fitting_sides(replace(LIMITS, min_side_px=50, max_side_px=100)) == [64, 80, 96]
