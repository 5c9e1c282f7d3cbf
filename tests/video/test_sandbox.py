"""The sandbox: the same pixels as in the open, and hostile files stopped by a limit."""

import io
import random
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from PIL import Image

from misora.core.errors import MediaError
from misora.video.clip import Clip
from misora.video.decode import decode
from misora.video.encode import encode
from misora.video.image import encode_image
from misora.video.limits import DecodeLimits
from misora.video.lossless import encode_lossless
from misora.video.sandbox import decode_untrusted, probe_untrusted, read_image_untrusted

Make = Callable[..., bytes]


def test_the_wall_changes_no_pixel(mp4: Path, clip: Clip, make_video: Make) -> None:
    turned = make_video(clip, rotation_degrees=90, is_mirrored=True)
    for source in (mp4, turned, encode(clip, format="gif"), encode(clip, format="webp")):
        inside, outside = decode(source), decode_untrusted(source)
        assert torch.equal(inside.frames, outside.frames)
        assert torch.equal(inside.pts_seconds, outside.pts_seconds)


def test_a_part_of_a_file_is_cut_and_shrunk_behind_the_wall(mp4: Path) -> None:
    part = decode_untrusted(mp4, from_seconds=0.3, to_seconds=0.7, short_side_px=24)
    assert (part.size, part.num_frames) == ((32, 24), 3)


def test_images_and_probes_pass_the_wall(mp4: Path, clip: Clip) -> None:
    assert torch.equal(read_image_untrusted(encode_image(clip.frames[0])), clip.frames[0])
    assert probe_untrusted(mp4).num_frames == 8
    with pytest.raises(MediaError, match="not an image"):
        read_image_untrusted(mp4)
    with pytest.raises(MediaError, match="corpus alone"):
        decode_untrusted(encode_lossless(clip))


def test_a_bomb_of_pixels_is_refused_by_its_header(squares: Callable[..., Clip], make_video: Make) -> None:
    bomb = make_video(squares(2, width=4096, height=4096), pix_fmt="yuv420p", options={"preset": "ultrafast"})
    assert len(bomb) < 200_000
    with pytest.raises(MediaError, match="4096x4096"):
        decode_untrusted(bomb)


def test_an_image_bomb_is_refused() -> None:
    data = io.BytesIO()
    Image.new("1", (12_000, 12_000)).save(data, format="PNG")
    with pytest.raises(MediaError, match="pixels"):
        read_image_untrusted(data.getvalue())


def test_too_little_memory_is_one_typed_error(squares: Callable[..., Clip], make_video: Make) -> None:
    data = make_video(squares(4, width=2048, height=2048), pix_fmt="yuv420p", options={"preset": "ultrafast"})
    with pytest.raises(MediaError):
        decode_untrusted(data, DecodeLimits(max_memory_bytes=130 << 20))


def test_more_output_than_allowed_is_refused(mp4: Path) -> None:
    with pytest.raises(MediaError, match="bytes of pixels"):
        decode_untrusted(mp4, DecodeLimits(max_output_bytes=5 * 3 * 64 * 48))


def test_a_process_that_takes_too_long_is_killed(mp4: Path) -> None:
    with pytest.raises(MediaError, match=r"more than 0\.01 s"):
        decode_untrusted(mp4, DecodeLimits(max_wall_seconds=0.01))


def test_a_script_that_names_another_file_opens_nothing(mp4: Path) -> None:
    script = mp4.with_name("script.mp4")
    for text in (f"ffconcat version 1.0\nfile {mp4.name}\n", f"#EXTM3U\n#EXTINF:1,\n{mp4}\n"):
        script.write_text(text)
        with pytest.raises(MediaError, match="known kind"):
            decode_untrusted(script)


@pytest.mark.parametrize("data", [b"", b"x", b"\x00\x00\x00\x20ftypisom", b"\x1a\x45\xdf\xa3" + bytes(100), b"GIF89a"])
def test_stumps_are_one_typed_error(data: bytes) -> None:
    with pytest.raises(MediaError):
        decode_untrusted(data)


@pytest.mark.soak
def test_too_much_processor_time_is_one_typed_error(squares: Callable[..., Clip], make_video: Make) -> None:
    data = make_video(squares(240, width=1920, height=1080), pix_fmt="yuv420p", options={"preset": "ultrafast"})
    with pytest.raises(MediaError, match="processor time"):
        decode_untrusted(data, DecodeLimits(max_cpu_seconds=1))


@pytest.mark.soak
def test_mutated_files_end_in_a_clip_or_one_typed_error(clip: Clip, make_video: Make) -> None:
    seeds = [encode(clip), encode(clip, format="gif"), encode(clip, format="webp"), encode_image(clip.frames[0])]
    seeds += [make_video(clip, container="webm", codec="libvpx-vp9", pix_fmt="yuv420p")]
    limits = DecodeLimits(max_cpu_seconds=5, max_wall_seconds=20, max_memory_bytes=512 << 20)
    source = random.Random(7)
    for round_number in range(300):
        data = bytearray(seeds[round_number % len(seeds)])
        for _ in range(source.choice((1, 4, 32))):
            data[source.randrange(len(data))] = source.randrange(256)
        attempt = (decode_untrusted, probe_untrusted, read_image_untrusted)[round_number % 3]
        try:
            attempt(bytes(data), limits)
        except MediaError:
            continue
