"""Probing: what a file holds, as it is seen."""

from collections.abc import Callable

import pytest

from misora.core.errors import MediaError
from misora.video.clip import Clip
from misora.video.decode import decode
from misora.video.encode import encode
from misora.video.image import encode_image
from misora.video.lossless import encode_lossless
from misora.video.probe import probe

Make = Callable[..., bytes]


def test_an_mp4_is_described(clip: Clip) -> None:
    found = probe(encode(clip))
    assert (found.width_px, found.height_px, found.num_frames, found.fps) == (64, 48, 8, 8.0)
    assert (found.seconds, found.codec, found.pix_fmt) == (1.0, "h264", "yuv420p")
    assert (found.rotation_degrees, found.has_alpha, found.is_variable_rate) == (0, False, False)


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_size_and_turn_are_as_seen(degrees: int, clip: Clip, make_video: Make) -> None:
    data = make_video(clip, rotation_degrees=degrees)
    found = probe(data)
    assert found.rotation_degrees == 360 - degrees  # PyAV turns counter-clockwise
    assert (found.width_px, found.height_px) == decode(data).size


def test_uneven_times_are_told(clip: Clip, make_video: Make) -> None:
    found = probe(make_video(clip, ticks=[0, 40, 80, 500, 540, 1000, 1040, 3000]))
    assert found.is_variable_rate
    assert found.num_frames == 8


def test_a_clock_of_milliseconds_is_no_variable_rate(squares: Callable[..., Clip], make_video: Make) -> None:
    data = make_video(squares(20, fps=24), container="webm", codec="libvpx-vp9", pix_fmt="yuv420p")
    assert not probe(data).is_variable_rate


def test_alpha_is_told(clip: Clip, make_video: Make) -> None:
    assert probe(make_video(clip, codec="png", container="mov", pix_fmt="rgba", alpha=255)).has_alpha


def test_animations_stills_and_the_lossless_form_are_described(clip: Clip) -> None:
    for data, codec in ((encode(clip, format="gif"), "gif"), (encode(clip, format="webp"), "webp")):
        found = probe(data)
        assert (found.codec, found.num_frames, found.width_px) == (codec, 8, 64)
    assert probe(encode_image(clip.frames[0])).num_frames == 1
    found = probe(encode_lossless(clip))
    assert (found.num_frames, found.fps, found.height_px) == (8, 8.0, 48)


def test_what_is_no_media_is_refused() -> None:
    with pytest.raises(MediaError, match="known kind"):
        probe(b"hello, this is no video")
