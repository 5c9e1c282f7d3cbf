"""Conversion: exact colours, square pixels, nothing transparent."""

import av
import numpy as np
import pytest
from av.video.reformatter import ColorRange, Colorspace, ColorTrc, VideoReformatter

from misora.core.errors import MediaError
from misora.video.convert import carries_alpha, orientation_of, to_picture

COLOURS = [(210, 40, 30), (30, 180, 60), (40, 60, 220), (250, 250, 250), (5, 5, 5), (200, 190, 20)]


def flat(colour: tuple[int, int, int]) -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(np.full((16, 16, 3), colour, dtype=np.uint8), format="rgb24")


def colour_of(frame: av.VideoFrame) -> tuple[int, int, int]:
    picture = to_picture(frame, VideoReformatter(), pts_seconds=0.0, size=(16, 16))
    red, green, blue = (
        plane[stride * 8 + 8] for plane, stride in zip(picture.planes, picture.strides_bytes, strict=True)
    )
    return red, green, blue


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("space", [Colorspace.ITU709, Colorspace.ITU601, Colorspace.BT2020])
@pytest.mark.parametrize("colour_range", [ColorRange.MPEG, ColorRange.JPEG])
def test_every_tagged_matrix_and_range_gives_the_colour_back(
    colour: tuple[int, int, int], space: Colorspace, colour_range: ColorRange
) -> None:
    stored = flat(colour).reformat(format="yuv444p", dst_colorspace=space, dst_color_range=colour_range, threads=1)
    # 8-bit limited range has 219 steps for 255 levels, and chroma errors are scaled by up to 1.9
    assert colour_of(stored) == pytest.approx(colour, abs=3)


@pytest.mark.parametrize("kind", ["yuv420p10le", "yuv422p10le", "yuv444p12le", "gbrp10le", "rgb48le"])
def test_ten_bits_and_more_are_rounded_to_eight(kind: str) -> None:
    assert colour_of(flat((200, 100, 50)).reformat(format=kind, threads=1)) == pytest.approx((200, 100, 50), abs=3)


def test_files_that_name_no_matrix_are_taken_as_players_take_them() -> None:
    small = flat((210, 40, 30)).reformat(format="yuv444p", dst_colorspace=Colorspace.ITU601, dst_color_range="MPEG")
    small.colorspace = 2
    assert colour_of(small) == pytest.approx((210, 40, 30), abs=3)


def test_opaque_alpha_is_dropped_and_transparency_refused() -> None:
    pixels = np.full((16, 16, 4), 255, dtype=np.uint8)
    assert colour_of(av.VideoFrame.from_ndarray(pixels, format="rgba")) == (255, 255, 255)
    pixels[3, 4, 3] = 254
    with pytest.raises(MediaError, match="transparent"):
        colour_of(av.VideoFrame.from_ndarray(pixels, format="rgba"))


@pytest.mark.parametrize("transfer", [ColorTrc.SMPTE2084, ColorTrc.ARIB_STD_B67])
def test_high_dynamic_range_is_refused(transfer: ColorTrc) -> None:
    frame = flat((200, 100, 50)).reformat(format="yuv420p10le", threads=1)
    frame.color_trc = transfer
    with pytest.raises(MediaError, match="high dynamic range"):
        colour_of(frame)


def test_alpha_is_known_by_the_pixel_format() -> None:
    kinds = ("rgba", "yuva420p", "pal8", "gbrap", "yuv420p", "rgb24", "gray")
    assert [carries_alpha(av.VideoFormat(kind)) for kind in kinds] == [True] * 4 + [False] * 3


def test_a_frame_that_says_nothing_is_upright() -> None:
    assert orientation_of(flat((0, 0, 0))).rotation_degrees == 0
