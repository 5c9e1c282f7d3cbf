"""Sources from outside."""

from pathlib import Path

import pytest
import torch

from misora.core.errors import MediaError, UsageError
from misora.generate.source import at_rate, fitted, fitting_size, open_clip, read_mask
from misora.model.bundle import Limits
from misora.video.clip import Clip
from misora.video.encode import write_clip
from misora.video.image import write_image

LIMITS = Limits(min_side_px=64, max_side_px=160, max_tokens=512)


def clip(num_frames: int = 8, *, size: tuple[int, int] = (64, 48), fps: float = 8.0) -> Clip:
    """Random pixels."""
    frames = torch.randint(0, 256, (num_frames, 3, size[1], size[0]), dtype=torch.uint8)
    return Clip.at_rate(frames, fps, start_seconds=3.0)


def test_pictures_and_clips_are_read_on_a_clock_from_zero(tmp_path: Path) -> None:
    write_image(tmp_path / "a.png", clip().frames[0])
    write_clip(clip(), tmp_path / "a.mp4")
    assert open_clip(tmp_path / "a.png").frames.shape == (1, 3, 48, 64)
    read = open_clip(tmp_path / "a.mp4")
    assert (read.num_frames, read.fps, float(read.pts_seconds[0])) == (8, 8.0, 0.0)


@pytest.mark.parametrize("content", [b"", b"no video at all", b"\x00\x00\x00\x18ftypmp42" + b"\xff" * 200])
def test_what_cannot_be_read_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.mp4").write_bytes(content)
    with pytest.raises(MediaError, match=r"bad\.mp4"):
        open_clip(tmp_path / "bad.mp4")
    with pytest.raises(MediaError, match="cannot read"):
        open_clip(tmp_path / "none.mp4")


def test_another_aspect_ratio_asks_how() -> None:
    with pytest.raises(UsageError, match="64x48 has another aspect ratio than 64x64; say --fit fit"):
        fitted(clip(), size=(64, 64), fps=8.0)
    for fit in ("fit", "fill", "crop"):
        assert fitted(clip(), size=(64, 64), fps=8.0, fit=fit).size == (64, 64)
    assert not fitted(clip(), size=(64, 64), fps=8.0, fit="fit").frames[:, :, 0].any()
    assert fitted(clip(), size=(96, 80), fps=8.0, fit="crop").size == (96, 80)


def test_a_still_stays_one_frame_and_a_clip_takes_the_rate() -> None:
    assert fitted(clip(1), size=(64, 48), fps=12.0).num_frames == 1
    quick = fitted(clip(), size=(64, 48), fps=12.0)
    assert (quick.num_frames, quick.fps) == (12, 12.0)


def test_a_rate_is_changed_by_the_nearest_frames() -> None:
    source = clip(12, fps=12.0)
    slow = at_rate(source, 4.0)
    assert torch.equal(slow.frames, source.frames[::3])
    assert slow.seconds == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("size", "fits"),
    [
        ((96, 96), (96, 96)),
        ((1920, 1080), (128, 80)),
        ((500, 500), (96, 96)),
        ((64, 80), (64, 80)),
        ((48, 48), (64, 64)),
    ],
)
def test_the_size_is_the_most_alike_that_the_model_can_draw(size: tuple[int, int], fits: tuple[int, int]) -> None:
    width, height = fitting_size(size, LIMITS)
    if size == (1920, 1080):
        assert width / height == pytest.approx(16 / 9, rel=0.05)
    else:
        assert (width, height) == fits


def test_light_pixels_of_a_mask_are_made_anew(tmp_path: Path) -> None:
    mask = torch.zeros(3, 48, 64, dtype=torch.uint8)
    mask[:, :, 32:] = 255
    write_image(tmp_path / "mask.png", mask)
    kept = read_mask(tmp_path / "mask.png", clip())
    assert kept.shape == (8, 48, 64)
    assert kept[:, :, :32].all()
    assert not kept[:, :, 32:].any()
    with pytest.raises(UsageError, match="the mask has 1 frames of 64x48 px, the clip 8 of 96x48"):
        read_mask(tmp_path / "mask.png", clip(size=(96, 48)))
