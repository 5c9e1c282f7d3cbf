"""Encoding: whole files or none, exact times, true colours, tags where players look."""

import io
import struct
from collections.abc import Callable
from pathlib import Path

import av
import pytest
import torch

from misora.core.errors import OutputError, UsageError
from misora.video.clip import Clip
from misora.video.decode import decode
from misora.video.encode import VideoWriter, encode, write_clip
from misora.video.probe import probe
from misora.video.resize import pad_to_even


def boxes(data: bytes) -> list[bytes]:
    names, at = [], 0
    while at < len(data):
        size, name = struct.unpack_from(">I4s", data, at)
        names.append(name)
        at += size
    return names


def test_the_index_stands_before_the_pixels(clip: Clip) -> None:
    names = boxes(encode(clip))
    assert names.index(b"moov") < names.index(b"mdat")


def test_pixels_are_yuv420p_tagged_as_bt709_in_limited_range(clip: Clip) -> None:
    with av.open(io.BytesIO(encode(clip)), format="mp4") as container:
        codec = container.streams.video[0].codec_context
        assert codec.pix_fmt == "yuv420p"
        assert [codec.color_primaries, codec.color_trc, codec.colorspace, codec.color_range] == [1, 1, 1, 1]


@pytest.mark.parametrize("colour", [(210, 40, 30), (30, 180, 60), (40, 60, 220), (250, 250, 250), (0, 0, 0)])
def test_plain_colours_keep_within_a_few_levels(colour: tuple[int, int, int]) -> None:
    frames = torch.tensor(colour, dtype=torch.uint8).view(1, 3, 1, 1).expand(4, 3, 32, 32).contiguous()
    back = decode(encode(Clip.at_rate(frames, 8))).frames.float()
    assert (back - frames.float()).abs().max() <= 4  # the wrong matrix would be off by twenty


@pytest.mark.parametrize("fps", [1, 7, 8, 12.5, 24, 25, 30, 50, 60, 24_000 / 1001, 30_000 / 1001, 144])
def test_every_usual_rate_keeps_its_times_exactly(fps: float, squares: Callable[..., Clip]) -> None:
    clip = squares(9, fps=fps)
    back = decode(encode(clip, crf=30))
    assert torch.allclose(back.pts_seconds, clip.pts_seconds, atol=1e-9, rtol=0)
    assert back.seconds == pytest.approx(clip.seconds, abs=1e-4)


def test_uneven_times_are_kept_to_a_microsecond(clip: Clip) -> None:
    times = torch.tensor([0.0, 0.1, 0.1234567, 0.5, 0.7, 1.9, 2.0, 2.0333333], dtype=torch.float64)
    back = decode(encode(Clip(frames=clip.frames, pts_seconds=times + 5)))
    assert torch.allclose(back.pts_seconds, times, atol=1e-6, rtol=0)


def test_the_last_frame_is_shown_as_long_as_the_others(clip: Clip) -> None:
    with av.open(io.BytesIO(encode(clip)), format="mp4") as container:
        assert container.duration == 1_000_000


def test_frames_written_in_pieces_give_the_same_file(tmp_path: Path, clip: Clip) -> None:
    whole, pieces = tmp_path / "whole.mp4", tmp_path / "pieces.mp4"
    write_clip(clip, whole)
    with VideoWriter(pieces, size=clip.size, fps=8) as writer:
        for frame in clip.frames:
            writer.write(frame[None])
    assert whole.read_bytes() == pieces.read_bytes()


def test_tags_are_written(clip: Clip) -> None:
    tags = {"title": "a red square", "comment": '{"seed": 7, "word": "美空"}', "description": "it moves right"}
    found = probe(encode(clip, metadata=tags)).metadata
    assert {key: found[key] for key in tags} == tags


@pytest.mark.parametrize("size", [(63, 48), (64, 47)])
def test_odd_sizes_are_refused_with_what_to_do(size: tuple[int, int], squares: Callable[..., Clip]) -> None:
    clip = squares(2, width=size[0], height=size[1])
    with pytest.raises(UsageError, match=r"crop to \d+x\d+, or pad with pad_to_even"):
        encode(clip)
    assert decode(encode(pad_to_even(clip))).size == (64, 48)
    assert decode(encode(clip, format="webp")).size == size


def test_an_error_leaves_no_file(tmp_path: Path, clip: Clip) -> None:
    path = tmp_path / "clip.mp4"
    with pytest.raises(KeyboardInterrupt), VideoWriter(path, size=clip.size, fps=8) as writer:
        _write_and_stop(writer, clip)
    with pytest.raises(UsageError, match="no frames"), VideoWriter(path, size=clip.size, fps=8):
        pass
    assert list(tmp_path.iterdir()) == []


def _write_and_stop(writer: VideoWriter, clip: Clip) -> None:
    writer.write(clip.frames)
    raise KeyboardInterrupt


def test_an_error_keeps_what_was_there(tmp_path: Path, clip: Clip) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"before")
    with pytest.raises(UsageError, match="resize"), VideoWriter(path, size=(32, 32), fps=8) as writer:
        writer.write(clip.frames)
    assert path.read_bytes() == b"before"


def test_a_target_that_cannot_be_written_says_so(tmp_path: Path, clip: Clip) -> None:
    (tmp_path / "file").write_text("no folder")
    for name in ("clip.mp4", "clip.gif"):
        with pytest.raises(OutputError, match="cannot write"):
            write_clip(clip, tmp_path / "file" / name)


def test_settings_out_of_range_are_refused(tmp_path: Path, clip: Clip) -> None:
    with pytest.raises(UsageError, match="crf"):
        encode(clip, crf=52)
    with pytest.raises(UsageError, match="no tag 'colour'"):
        encode(clip, metadata={"colour": "red"})
    with pytest.raises(UsageError, match="suffix"):
        write_clip(clip, tmp_path / "clip.mpg")
    with (
        pytest.raises(UsageError, match="not after the one before"),
        VideoWriter(tmp_path / "clip.mp4", size=clip.size, fps=8) as writer,
    ):
        writer.write(clip.frames[:2], pts_seconds=torch.tensor([1.0, 1.0], dtype=torch.float64))


def test_the_same_clip_gives_the_same_bytes(clip: Clip) -> None:
    for kind in ("mp4", "gif", "webp"):
        assert encode(clip, format=kind) == encode(clip, format=kind)
