"""The commands about finished files."""

import json
from pathlib import Path

import pytest

from misora.cli import COMMANDS, main
from misora.generate import studio as studio_room
from misora.generate.studio import Studio


def test_a_file_is_made_anew_and_an_edited_record_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    studio = Studio.load()
    monkeypatch.setattr(studio_room.Studio, "load", lambda *_, **__: studio)
    path = studio.generate("a red ball", seconds=0.5, size=(64, 64), steps=1, seed=3).save(tmp_path / "a.mp4")
    assert main(["again", str(path)]) == 0
    assert "identical, RGB " in capsys.readouterr().out
    assert main(["again", str(path), "-o", str(tmp_path / "b.mp4"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["is_identical"] is True
    beside = tmp_path / "a.mp4.json"
    beside.write_text(beside.read_text().replace("a red ball", "a red cube"))
    assert main(["again", str(beside), "-o", str(tmp_path / "c.mp4")]) == 2
    assert "was changed after it was written" in capsys.readouterr().err
    assert not (tmp_path / "c.mp4").exists()


def test_presets_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["presets"]) == 0
    assert "evening " in capsys.readouterr().out
    assert main(["presets", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["evening"]["after"]


def test_the_commands_stand_at_the_door() -> None:
    assert {"again", "presets"} <= set(COMMANDS)
