"""Clips with known pixels, and files of every awkward kind, made on the spot."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import torch

from misora.video.clip import Clip

MakeVideo = Callable[..., bytes]


def _squares(num_frames: int = 8, *, width: int = 64, height: int = 48, fps: float = 8.0) -> Clip:
    """A red square that moves right over a grey floor below a blue sky: plain colours, asymmetric both ways."""
    frames = torch.empty(num_frames, 3, height, width, dtype=torch.uint8)
    frames[:, :, : height // 2] = torch.tensor([90, 140, 220], dtype=torch.uint8).view(3, 1, 1)
    frames[:, :, height // 2 :] = torch.tensor([120, 120, 120], dtype=torch.uint8).view(3, 1, 1)
    side = height // 3
    for index in range(num_frames):
        left = round(index * (width - side) / max(1, num_frames - 1) / 2)
        frames[index, :, side // 2 : side // 2 + side, left : left + side] = torch.tensor(
            [210, 40, 30], dtype=torch.uint8
        ).view(3, 1, 1)
    return Clip.at_rate(frames, fps)


def _make_video(
    clip: Clip,
    *,
    codec: str = "libx264",
    pix_fmt: str = "yuv444p",
    container: str = "mp4",
    options: dict[str, str] | None = None,
    rotation_degrees: float = 0.0,
    is_mirrored: bool = False,
    ticks: Sequence[int] | None = None,
    time_base: Fraction = Fraction(1, 1000),
    aspect: Fraction | None = None,
    alpha: int | None = None,
) -> bytes:
    """Write a clip as someone else's tool might have; rotation is counter-clockwise as PyAV has it."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container) as output:
        stream = output.add_stream(codec, rate=Fraction(clip.fps).limit_denominator(1001), options=options or {})
        stream.width, stream.height = clip.size
        stream.pix_fmt, stream.codec_context.time_base = pix_fmt, time_base
        if aspect is not None:
            stream.sample_aspect_ratio = aspect
        if rotation_degrees or is_mirrored:
            stream.set_display_rotation(rotation_degrees, hflip=is_mirrored)
        pts = ticks or [round(float(seconds / time_base)) for seconds in clip.pts_seconds.tolist()]
        for frame, tick in zip(clip.frames, pts, strict=True):
            pixels = frame.permute(1, 2, 0).contiguous().numpy()
            if alpha is not None:
                pixels = np.concatenate([pixels, np.full_like(pixels[..., :1], alpha)], axis=-1)
            picture = av.VideoFrame.from_ndarray(pixels, format="rgb24" if alpha is None else "rgba")
            picture = picture.reformat(format=pix_fmt)
            picture.pts, picture.time_base = tick, time_base
            output.mux(stream.encode(picture))
        output.mux(stream.encode())
    return buffer.getvalue()


def _mean_error(one: Clip, other: Clip) -> float:
    """Mean absolute difference in grey levels."""
    assert one.frames.shape == other.frames.shape
    return (one.frames.float() - other.frames.float()).abs().mean().item()


@pytest.fixture
def squares() -> Callable[..., Clip]:
    return _squares


@pytest.fixture
def make_video() -> MakeVideo:
    return _make_video


@pytest.fixture
def mean_error() -> Callable[[Clip, Clip], float]:
    return _mean_error


@pytest.fixture
def clip() -> Clip:
    """Eight frames of 64x48 at 8 frames a second."""
    return _squares()


@pytest.fixture
def mp4(tmp_path: Path, clip: Clip) -> Path:
    """The same clip as an mp4 on disk."""
    from misora.video.encode import write_clip

    path = tmp_path / "clip.mp4"
    write_clip(clip, path)
    return path
