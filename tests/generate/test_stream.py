"""Finished frames and files, a few groups at a time."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from misora.core.errors import OutputError, UsageError
from misora.generate.canvas import Canvas
from misora.generate.latents import decode
from misora.generate.pin import Pin
from misora.generate.prepare import finished, prepared
from misora.generate.record import read_record
from misora.generate.standing import borders_of
from misora.generate.stream import film, finished_frames
from misora.generate.studio import Studio, generate
from misora.generate.windows import sample_any
from misora.model.bundle import Model
from misora.video.clip import Clip
from misora.video.line import Line
from misora.video.probe import probe


def canvas(seconds: float = 5.0, **changed: Any) -> Canvas:
    """64 x 64 at 8 frames a second."""
    asked: dict = {"fps": 8.0, "width_px": 64, "height_px": 64, "lines": (Line("a red ball", 0.0, seconds),), "seed": 5}
    return Canvas(seconds=seconds, **(asked | changed))


def noise(num: int) -> Clip:
    """So many frames of noise."""
    return Clip.at_rate(torch.randint(0, 256, (num, 3, 64, 64), dtype=torch.uint8), 8.0)


@pytest.mark.parametrize(
    "pins",
    [(), (Pin(clip=noise(30)),), (Pin(clip=noise(9), at_seconds=0.75),), (Pin(clip=noise(8), at_seconds=3.125),)],
    ids=["nothing", "a long beginning", "within", "the end"],
)
@pytest.mark.parametrize("seconds", [4.125, 8.5])
def test_frames_some_at_a_time_are_those_of_the_whole_clip(model: Model, pins: tuple[Pin, ...], seconds: float) -> None:
    plan = prepared(canvas(seconds, pins=pins), model.limits)
    latents = sample_any(model, plan.window, steps=1)
    borders = borders_of(model.autoencoder, plan.canvas, latents, first_group=plan.first_group)
    whole = finished(plan, decode(model, latents, plan.window), borders)
    assert torch.equal(torch.cat(list(finished_frames(model, plan, latents))), whole.frames)


def test_a_film_is_written_as_it_is_decoded_and_says_how_it_was_made(studio: Studio, tmp_path: Path) -> None:
    made = film(studio, canvas(), steps=1, scale=2)
    record = made.save(tmp_path / "long.mp4")
    assert read_record(tmp_path / "long.mp4")[0] == record
    assert json.loads((tmp_path / "long.mp4.json").read_text())["rgb_sha256"] == record.rgb_sha256
    assert record.size == (128, 128)
    found = probe(tmp_path / "long.mp4")
    assert (found.num_frames, found.width_px) == (40, 128)
    frames = generate(studio, canvas(), steps=1).enlarged(2).clip.frames
    assert record.rgb_sha256 == hashlib.sha256(frames.permute(0, 2, 3, 1).numpy().tobytes()).hexdigest()


def test_a_private_film_says_nothing_of_its_words(studio: Studio, tmp_path: Path) -> None:
    film(studio, replace(canvas(), negative="blue"), steps=1).save(tmp_path / "long.mp4", is_private=True)
    text = (tmp_path / "long.mp4.json").read_text()
    assert "red ball" not in text
    assert "blue" not in text


def test_another_format_and_a_file_that_exists_are_refused(studio: Studio, tmp_path: Path) -> None:
    made = film(studio, canvas(), steps=1)
    with pytest.raises(UsageError, match=r"end it in \.mp4"):
        made.save(tmp_path / "long.gif")
    (tmp_path / "long.mp4.json").write_text("mine")
    with pytest.raises(OutputError, match="exists already"):
        made.save(tmp_path / "long.mp4")
    assert [path.name for path in tmp_path.iterdir()] == ["long.mp4.json"]
