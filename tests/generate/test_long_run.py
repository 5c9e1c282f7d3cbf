"""What the door does for a long canvas."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from misora.generate import studio as studio_room
from misora.generate.command import run
from misora.generate.long_run import Preview, asked_sha256, is_long_canvas, with_unfinished_seed
from misora.generate.options import Options
from misora.generate.studio import Studio
from misora.model.bundle import Model
from misora.video.image import read_image
from misora.video.probe import probe


@pytest.fixture(autouse=True)
def tiny_door(studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The door opens on the tiny model, in an empty folder."""
    monkeypatch.setattr(studio_room.Studio, "load", lambda *_, **__: studio)
    monkeypatch.chdir(tmp_path)


def options(**changed: Any) -> Options:
    """Five seconds, a step a window."""
    asked = {"prompt": "a red ball", "seconds": 5.0, "steps": 1, "size": "64x64", "output": Path("long.mp4")}
    return Options(**(asked | changed))


def test_a_long_sentence_becomes_a_file_and_the_work_is_removed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(options(seed=3))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["long.mp4", "long.mp4.json"]
    told = capsys.readouterr()
    assert told.out.startswith("long.mp4: 64x64, 5 s at 8 frames/s")
    assert "working in long.mp4.work, with a preview; Ctrl-C costs the last window only" in told.err
    assert probe(tmp_path / "long.mp4").num_frames == 40


def test_the_same_command_goes_on_after_ctrl_c_to_the_same_pixels(
    tmp_path: Path, model: Model, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    whole, calls = model.transformer.forward, []

    def third_time(*given: Any, **named: Any) -> Any:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return whole(*given, **named)

    monkeypatch.setattr(model.transformer, "forward", third_time)
    with pytest.raises(KeyboardInterrupt):
        run(options())
    kept = sorted(path.name for path in (tmp_path / "long.mp4.work").iterdir())
    assert kept == ["preview.png", "window-000.safetensors", "window-001.safetensors", "work.json"]
    run(options())
    assert len(calls) == 4, "the window that was interrupted, and no other"
    assert "going on with an unfinished run" in capsys.readouterr().err
    record = json.loads((tmp_path / "long.mp4.json").read_text())
    run(options(seed=record["seed"], output=Path("whole.mp4")))
    assert json.loads((tmp_path / "whole.mp4.json").read_text())["rgb_sha256"] == record["rgb_sha256"]


def test_another_command_does_not_take_the_seed(tmp_path: Path) -> None:
    assert asked_sha256(options(seed=1)) == asked_sha256(options(seed=2))
    assert asked_sha256(options(prompt="a blue ball")) != asked_sha256(options())
    assert with_unfinished_seed(options()).seed is None
    assert with_unfinished_seed(options(seed=4)).seed == 4


def test_a_gif_of_a_long_canvas_is_made_whole(tmp_path: Path) -> None:
    run(options(output=Path("long.gif"), seed=3))
    assert probe(tmp_path / "long.gif").num_frames == 40


def test_only_what_does_not_fit_is_long(studio: Studio) -> None:
    assert is_long_canvas(studio, studio.canvas("a red ball", seconds=5.0))
    assert not is_long_canvas(studio, studio.canvas("a red ball", seconds=2.0))


def test_a_dry_run_counts_the_steps_of_all_windows(capsys: pytest.CaptureFixture[str]) -> None:
    run(options(is_dry_run=True, is_json=True))
    told = json.loads(capsys.readouterr().out)
    assert told["steps"] == 3
    assert told["tokens"] == 160


def test_a_preview_grows_in_the_order_of_time(tmp_path: Path) -> None:
    preview = Preview(tmp_path / "preview.png")
    for value, seconds in ((200, 1.0), (50, 0.0)):
        preview.add(torch.full((4, 3, 8, 8), value, dtype=torch.uint8), seconds)
    picture = read_image(tmp_path / "preview.png")
    assert picture.shape == (3, 8, 16)
    assert picture[0, 0].tolist() == [50] * 8 + [200] * 8
