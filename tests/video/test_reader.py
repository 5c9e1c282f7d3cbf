"""The reader: one typed error for everything that can be wrong with a container."""

import io
from collections.abc import Callable
from fractions import Fraction

import av
import pytest

from misora.core.errors import MediaError
from misora.video.clip import Clip
from misora.video.limits import DecodeLimits, Wish
from misora.video.reader import opened, pictures, seconds_of


def read(data: bytes, kind: str = "mov", limits: DecodeLimits | None = None, wish: Wish | None = None) -> list[float]:
    limits = limits or DecodeLimits()
    with opened(io.BytesIO(data), kind, limits=limits) as (container, stream):
        return [p.pts_seconds for _, p in pictures(container, stream, wish=wish or Wish(), limits=limits)]


def test_frames_come_in_order_with_their_times(clip: Clip, make_video: Callable[..., bytes]) -> None:
    assert read(make_video(clip)) == clip.pts_seconds.tolist()


def test_a_wish_for_a_stretch_skips_the_rest(clip: Clip, make_video: Callable[..., bytes]) -> None:
    assert read(make_video(clip), wish=Wish(from_seconds=0.25, to_seconds=0.6)) == [0.25, 0.375, 0.5]


def test_the_decoder_itself_refuses_more_pixels_than_the_header_said(
    squares: Callable[..., Clip], make_video: Callable[..., bytes]
) -> None:
    # Two parameter sets: the container's header is of a small clip, the coded frames are larger.
    small, large = make_video(squares(2, width=32, height=32)), make_video(squares(2, width=512, height=512))
    assert read(large)
    with pytest.raises(MediaError, match="512x512"):
        read(large, limits=DecodeLimits(max_pixels=512 * 511))
    assert read(small, limits=DecodeLimits(max_pixels=32 * 32))


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9])
def test_a_truncated_file_is_one_typed_error_or_fewer_frames(
    share: float, clip: Clip, make_video: Callable[..., bytes]
) -> None:
    data = make_video(clip)
    with pytest.raises(MediaError):
        read(data[: int(len(data) * share)])  # the index of a plain mp4 is at its end


def test_sound_alone_is_refused() -> None:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="matroska") as output:
        stream = output.add_stream("pcm_s16le", rate=8000)
        frame = av.AudioFrame(format="s16", layout="mono", samples=800)
        frame.sample_rate, frame.pts = 8000, 0
        output.mux(stream.encode(frame))
    with pytest.raises(MediaError, match="no video"):
        read(buffer.getvalue(), "matroska")


def test_a_codec_outside_the_list_is_refused(clip: Clip, make_video: Callable[..., bytes]) -> None:
    data = make_video(clip, codec="asv1", pix_fmt="yuv420p", container="avi")
    with pytest.raises(MediaError, match=r"asv1|broken"):
        read(data, "avi")


def test_a_playlist_cannot_pose_as_another_kind(tmp_path: object) -> None:
    for kind in ("mov", "matroska", "avi", "mpegts", "yuv4mpegpipe"):
        with pytest.raises(MediaError):
            read(b"ffconcat version 1.0\nfile other.mp4\n" * 50, kind)


def test_time_stamps_are_rounded_once() -> None:
    assert seconds_of(1001, Fraction(1, 30_000)) == 1001 / 30_000
    with pytest.raises(MediaError, match="when it is shown"):
        seconds_of(None, Fraction(1, 8))
