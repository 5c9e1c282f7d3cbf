"""Limits: what is allowed passes, one more does not."""

import pytest

from misora.core.errors import MediaError
from misora.video.limits import DecodeLimits, Wish, check_amount, check_pixels

LIMITS = DecodeLimits(max_pixels=100, max_frames=3, max_seconds=2.0, max_output_bytes=900)


def test_what_just_fits_passes() -> None:
    check_pixels(10, 10, limits=LIMITS)
    check_amount(3, 900, seconds=2.0, limits=LIMITS)


@pytest.mark.parametrize(
    ("amount", "unit"), [((4, 0, 0.0), "3 frames"), ((1, 901, 0.0), "900 bytes"), ((1, 0, 2.1), "2 seconds")]
)
def test_one_too_many_is_refused_by_name(amount: tuple[int, int, float], unit: str) -> None:
    with pytest.raises(MediaError, match=unit):
        check_amount(amount[0], amount[1], seconds=amount[2], limits=LIMITS)


def test_frames_too_large_or_without_pixels_are_refused() -> None:
    with pytest.raises(MediaError, match="11x10"):
        check_pixels(11, 10, limits=LIMITS)
    with pytest.raises(MediaError, match="how large"):
        check_pixels(0, 10, limits=LIMITS)


def test_a_limit_of_nothing_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="max_frames"):
        DecodeLimits(max_frames=0)


def test_wishing_nothing_is_the_whole_file() -> None:
    assert Wish() == Wish(from_seconds=None, to_seconds=None, short_side_px=None)
