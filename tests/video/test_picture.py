"""Pictures: display matrices, and rows without their padding."""

import os
import tempfile

import pytest

from misora.core.errors import MediaError
from misora.video.picture import Orientation, Picture, packed

ONE = 1 << 16


def matrix(a: int, b: int, c: int, d: int) -> tuple[int, ...]:
    return a * ONE, b * ONE, 0, c * ONE, d * ONE, 0, 0, 0, 1 << 30


@pytest.mark.parametrize(
    ("turn", "degrees"), [((1, 0, 0, 1), 0), ((0, 1, -1, 0), 90), ((-1, 0, 0, -1), 180), ((0, -1, 1, 0), 270)]
)
def test_right_angles_are_read_from_the_matrix(turn: tuple[int, int, int, int], degrees: int) -> None:
    assert Orientation.from_matrix(matrix(*turn)).rotation_degrees == degrees


@pytest.mark.parametrize("turn", [(1, 1, -1, 1), (0, 0, 0, 0)])
def test_a_skew_angle_is_refused(turn: tuple[int, int, int, int]) -> None:
    with pytest.raises(MediaError, match="skew"):
        Orientation.from_matrix(matrix(*turn))


def test_padding_of_rows_is_dropped() -> None:
    assert bytes(packed(memoryview(b"abc..def.."), 3, height_px=2, stride_bytes=5)) == b"abcdef"
    assert bytes(packed(memoryview(b"abcdef"), 3, height_px=2, stride_bytes=3)) == b"abcdef"


def test_a_picture_writes_its_planes_in_order() -> None:
    planes = memoryview(b"r.r."), memoryview(b"gg"), memoryview(b"b..b..")
    picture = Picture(width_px=1, height_px=2, pts_seconds=0.0, planes=planes, strides_bytes=(2, 1, 3))
    with tempfile.TemporaryFile() as file:
        picture.write_to(file.fileno())
        assert os.pread(file.fileno(), 100, 0) == b"rrggbb"
