"""Finished videos."""

import json
from pathlib import Path

import av
import pytest
import torch
from PIL import Image

from misora.core.errors import OutputError, UsageError
from misora.generate.canvas import Canvas
from misora.generate.record import Record
from misora.generate.video import Video
from misora.video.clip import Clip
from misora.video.line import Line


def video(*, is_still: bool = False) -> Video:
    """Grey frames."""
    canvas = Canvas(
        seconds=1.0, fps=8.0, width_px=64, height_px=48, lines=(Line('a "red" ball', 0.0, 1.0),), is_still=is_still
    )
    frames = torch.full((canvas.num_frames, 3, 48, 64), 128, dtype=torch.uint8)
    record = Record(
        prompt=canvas.prompt, negative="", seed=3, model="tiny", model_sha256="", steps=2,
        speed="exact", guidance=1.0, guidance_down_to=0.6, size=(64, 48), seconds=1.0, fps=8.0,
    )  # fmt: skip
    return Video(clip=Clip.at_rate(frames, 8.0), canvas=canvas, record=record)


def test_an_mp4_carries_how_it_was_made(tmp_path: Path) -> None:
    path = video().save(tmp_path / "ball.mp4")
    with av.open(str(path)) as container:
        assert json.loads(container.metadata["comment"])["prompt"] == 'a "red" ball'
        assert container.streams.video[0].frames == 8


def test_a_png_carries_how_it_was_made(tmp_path: Path) -> None:
    path = video(is_still=True).save(tmp_path / "ball.png")
    with Image.open(path) as picture:
        assert json.loads(picture.text["comment"])["seed"] == 3
        assert picture.size == (64, 48)


@pytest.mark.parametrize(("name", "is_still"), [("b.gif", False), ("b.webp", False), ("b.webp", True), ("b.jpg", True)])
def test_other_formats_are_written(tmp_path: Path, name: str, is_still: bool) -> None:
    with Image.open(video(is_still=is_still).save(tmp_path / name)) as picture:
        assert picture.size == (64, 48)


def test_an_existing_file_is_kept_unless_forced(tmp_path: Path) -> None:
    path = tmp_path / "ball.mp4"
    path.write_bytes(b"mine")
    with pytest.raises(OutputError, match="--force"):
        video().save(path)
    assert path.read_bytes() == b"mine"
    video().save(path, force=True)
    assert path.stat().st_size > 100


@pytest.mark.parametrize(
    ("name", "is_still"), [("ball.avi", False), ("ball.png", False), ("ball.mp4", True), ("b", False)]
)
def test_a_suffix_of_the_wrong_kind_is_refused(tmp_path: Path, name: str, is_still: bool) -> None:
    with pytest.raises(UsageError, match="end the name in"):
        video(is_still=is_still).save(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_enlarging_resamples_and_says_so() -> None:
    large = video().enlarged(4)
    assert large.clip.size == large.record.size == (256, 192)
    assert large.record.scale == 4
    assert video().enlarged(1).record.scale == 1
    with pytest.raises(UsageError, match="one of 1, 2, 4, got 3"):
        video().enlarged(3)


def test_a_notebook_shows_clips_and_pictures_with_the_prompt_escaped() -> None:
    assert "<video" in video()._repr_html_()
    assert "&quot;red&quot;" in video()._repr_html_()
    assert 'src="data:image/png;base64,' in video(is_still=True)._repr_html_()
