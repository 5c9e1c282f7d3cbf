"""A finished file made anew."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from misora.core.errors import RecordError
from misora.core.machine import fingerprint, versions
from misora.generate import studio as studio_room
from misora.generate.again import differences, make_again
from misora.generate.pin import Pin
from misora.generate.record import machine_record, read_record, sidecar_of
from misora.generate.stream import film
from misora.generate.studio import Studio, generate
from misora.trust.home import Home
from misora.trust.verify import verify
from misora.video.clip import Clip
from misora.video.encode import write_clip


@pytest.fixture(autouse=True)
def tiny_door(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """The door opens on the tiny model."""
    monkeypatch.setattr(studio_room.Studio, "load", lambda *_, **__: studio)


def short(studio: Studio, path: Path, **changed: Any) -> Path:
    """Half a second, written."""
    asked: dict[str, Any] = {"seconds": 0.5, "size": (64, 64), "steps": 1, "seed": 3, **changed}
    return studio.generate("a red ball", **asked).save(path)


@pytest.mark.parametrize("name", ["a.mp4", "a.gif", "a.png"])
def test_the_same_machine_makes_the_same_pixels(studio: Studio, tmp_path: Path, name: str) -> None:
    path = short(studio, tmp_path / name, scale=2, is_still=name == "a.png", negative="left")
    made = make_again(path)
    assert made.is_identical
    assert made.differences == ()
    assert made.psnr_db is None
    assert made.path == tmp_path / name.replace("a.", "a-again.")
    assert replace(made.record, size=made.record.size) == read_record(path)[0]


def test_a_long_one_comes_back_from_its_sidecar(studio: Studio, tmp_path: Path) -> None:
    film(studio, studio.canvas("a red ball", seconds=5.0, size=(64, 64), seed=2), steps=1).save(tmp_path / "a.mp4")
    made = make_again(tmp_path / "a.mp4.json", tmp_path / "b.mp4")
    assert made.is_identical
    assert made.record.overlap is not None


def test_pins_are_found_among_the_sources(studio: Studio, tmp_path: Path) -> None:
    frames = torch.randint(0, 256, (8, 3, 64, 64), dtype=torch.uint8)
    write_clip(Clip.at_rate(frames, 8.0), tmp_path / "source.mp4")
    from misora.generate.source import open_clip

    canvas = studio.canvas("a red ball", seconds=2.0, size=(64, 64), seed=2)
    canvas = replace(canvas, pins=(Pin(clip=Clip.at_rate(open_clip(tmp_path / "source.mp4").frames[:4], 8.0)),))
    path = generate(studio, canvas, steps=1).save(tmp_path / "a.mp4")
    with pytest.raises(RecordError, match="was not found; name the file it came from"):
        make_again(path)
    (tmp_path / "in").mkdir()
    (tmp_path / "source.mp4").rename(tmp_path / "in" / "source.mp4")
    write_clip(Clip.at_rate(frames.flip(0), 8.0), tmp_path / "in" / "another.mp4")
    made = make_again(path, sources=[tmp_path / "in"])
    assert made.is_identical
    history = verify(made.path, Home.open()).history
    assert [step.title for step in history] == ["source.mp4"], "the parent is what was found, in a folder too"


def test_another_arithmetic_is_told_with_its_distance(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = short(studio, tmp_path / "a.mp4")
    whole = studio.model.transformer.forward
    monkeypatch.setattr(studio.model.transformer, "forward", lambda *given, **named: whole(*given, **named) * 1.01)
    made = make_again(path)
    assert not made.is_identical
    assert made.psnr_db is not None
    assert 10 < made.psnr_db < 60
    path.rename(tmp_path / "gone.mp4")
    assert make_again(sidecar_of(path), tmp_path / "b.mp4").psnr_db is None


def test_differences_name_what_can_change_a_pixel() -> None:
    here = fingerprint()
    then = machine_record(here) | {"processor": "another", "commit": "0"}
    assert differences(then, versions() | {"torch": "1.0"}, here) == (
        f"processor: another, here {here.processor}",
        f"torch: 1.0, here {versions()['torch']}",
    )


def test_private_words_are_asked_for_and_then_it_is_the_same(studio: Studio, tmp_path: Path) -> None:
    video = studio.generate("a red ball", seconds=0.5, size=(64, 64), steps=1, seed=3)
    path = video.save(tmp_path / "a.mp4", is_private=True)
    with pytest.raises(RecordError, match="give the 1 of its lines again"):
        make_again(path)
    made = make_again(path, words=["a red ball"])
    assert made.is_identical
    assert made.record.is_private
    assert "red ball" not in sidecar_of(made.path).read_text()


def test_another_model_and_an_edited_record_are_refused_before_anything_is_made(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = short(studio, tmp_path / "a.mp4")
    monkeypatch.setattr(studio.model, "digest", "1" * 64)
    with pytest.raises(RecordError, match="name the folder of that very model"):
        make_again(path)
    known = json.loads(sidecar_of(path).read_text())
    sidecar_of(path).write_text(json.dumps(known | {"seed": 4}))
    with pytest.raises(RecordError, match="was changed after it was written"):
        make_again(sidecar_of(path))
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.mp4", "a.mp4.json"]
