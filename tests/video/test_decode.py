"""Decoding: rotation, uneven clocks, odd sizes, ten bits, alpha: handled or refused."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
import torch

from misora.core.errors import MediaError
from misora.video.clip import Clip
from misora.video.decode import decode, upright
from misora.video.encode import encode
from misora.video.limits import DecodeLimits
from misora.video.lossless import encode_lossless
from misora.video.picture import Orientation

Make = Callable[..., bytes]
Compare = Callable[[Clip, Clip], float]


def test_bytes_and_path_give_the_same_clip(mp4: Path, clip: Clip, mean_error: Compare) -> None:
    one, other = decode(mp4), decode(mp4.read_bytes())
    assert torch.equal(one.frames, other.frames)
    assert torch.equal(one.pts_seconds, clip.pts_seconds)
    assert mean_error(one, clip) < 4


@pytest.mark.parametrize(
    ("container", "codec", "pix_fmt"),
    [
        ("matroska", "libx264", "yuv420p"),
        ("webm", "libvpx-vp9", "yuv420p"),
        ("avi", "mpeg4", "yuv420p"),
        ("mpegts", "libx264", "yuv420p"),
        ("mov", "qtrle", "rgb24"),
        ("mp4", "libx265", "yuv420p10le"),
        ("mp4", "libx264", "yuv422p10le"),
        ("mp4", "libsvtav1", "yuv420p10le"),
        ("yuv4mpegpipe", "wrapped_avframe", "yuv420p"),
    ],
)
def test_common_containers_codecs_and_bit_depths_are_read(
    container: str, codec: str, pix_fmt: str, clip: Clip, make_video: Make, mean_error: Compare
) -> None:
    base = Fraction(1, 8) if container in ("avi", "yuv4mpegpipe") else Fraction(1, 1000)
    found = decode(make_video(clip, container=container, codec=codec, pix_fmt=pix_fmt, time_base=base))
    assert found.fps == 8
    assert mean_error(found, clip) < 6  # half-resolution colour blurs the edges of the square


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
@pytest.mark.parametrize("is_mirrored", [False, True])
def test_all_eight_orientations_are_turned_upright(
    degrees: int, is_mirrored: bool, clip: Clip, make_video: Make, mean_error: Compare
) -> None:
    stored = clip.frames.flip(3) if is_mirrored else clip.frames
    stored = torch.rot90(stored, -degrees // 90, (2, 3)).contiguous()
    data = make_video(replace(clip, frames=stored), rotation_degrees=degrees, is_mirrored=is_mirrored)
    assert mean_error(decode(data), clip) < 3


def test_an_uneven_clock_is_kept(clip: Clip, make_video: Make) -> None:
    ticks = [0, 40, 80, 500, 540, 1000, 1010, 3000]
    assert decode(make_video(clip, ticks=ticks)).pts_seconds.tolist() == [tick / 1000 for tick in ticks]


@pytest.mark.parametrize("size", [(63, 47), (1, 1), (17, 64), (64, 3)])
def test_odd_sizes_are_read(
    size: tuple[int, int], squares: Callable[..., Clip], make_video: Make, mean_error: Compare
) -> None:
    clip = squares(3, width=size[0], height=size[1])
    assert mean_error(decode(make_video(clip, codec="libx264rgb", pix_fmt="rgb24", options={"qp": "0"})), clip) == 0


def test_pixels_that_are_not_square_are_made_so(clip: Clip, make_video: Make) -> None:
    assert decode(make_video(clip, aspect=Fraction(4, 3))).size == (85, 48)


def test_opaque_alpha_is_dropped(clip: Clip, make_video: Make, mean_error: Compare) -> None:
    data = make_video(clip, codec="png", container="mov", pix_fmt="rgba", alpha=255)
    assert mean_error(decode(data), clip) == 0


def test_transparency_is_refused(clip: Clip, make_video: Make) -> None:
    with pytest.raises(MediaError, match="transparent in places; flatten"):
        decode(make_video(clip, codec="png", container="mov", pix_fmt="rgba", alpha=128))
    with pytest.raises(MediaError, match="transparent"):
        decode(make_video(clip, codec="libvpx-vp9", container="webm", pix_fmt="yuva420p", alpha=128))


def test_frames_are_shrunk_on_the_way_when_asked(mp4: Path, clip: Clip) -> None:
    assert decode(mp4, short_side_px=24).size == (32, 24)
    assert decode(mp4, short_side_px=480).size == clip.size


def test_a_stretch_can_be_asked_for(mp4: Path, clip: Clip) -> None:
    part = decode(mp4, from_seconds=0.3, to_seconds=0.7)
    assert part.pts_seconds.tolist() == [0.375, 0.5, 0.625]
    lossless = decode(encode_lossless(clip), from_seconds=0.3, to_seconds=0.7)
    assert torch.equal(lossless.frames, clip.frames[3:6])
    with pytest.raises(MediaError, match="no frames in that stretch"):
        decode(mp4, from_seconds=5)


def test_more_frames_than_the_header_promised_are_all_kept(squares: Callable[..., Clip], make_video: Make) -> None:
    assert decode(make_video(squares(40), container="webm", codec="libvpx-vp9", pix_fmt="yuv420p")).num_frames == 40


def test_more_than_is_allowed_is_refused_and_never_cut(clip: Clip) -> None:
    for data in (encode(clip), encode_lossless(clip), encode(clip, format="webp")):
        with pytest.raises(MediaError, match="more than 4 frames"):
            decode(data, limits=DecodeLimits(max_frames=4))
        with pytest.raises(MediaError, match="pixels allowed"):
            decode(data, limits=DecodeLimits(max_pixels=1000))


def test_an_image_is_no_clip() -> None:
    with pytest.raises(MediaError, match="read_image"):
        decode(b"\x89PNG\r\n\x1a\n" + bytes(20))


def test_turning_twice_by_a_half_changes_nothing(clip: Clip) -> None:
    half = Orientation(is_mirrored=True, is_flipped=True)
    assert torch.equal(upright(upright(clip.frames, half), half), clip.frames)
