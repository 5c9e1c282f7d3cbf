"""The command from prompt to file."""

import json
from pathlib import Path
from typing import Any

import av
import pytest
import torch

from misora.core.errors import NumericsError, StoppedError, UsageError, WeightsError
from misora.generate import studio as studio_room
from misora.generate.command import run
from misora.generate.options import Options
from misora.generate.studio import Studio
from misora.model.bundle import Model, save_model


@pytest.fixture(autouse=True)
def tiny_door(studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The door opens on the tiny model, in an empty folder."""
    monkeypatch.setattr(studio_room.Studio, "load", lambda *_, **__: studio)
    monkeypatch.chdir(tmp_path)


def options(**changed: Any) -> Options:
    """Half a second, two steps."""
    return Options(**({"prompt": "a red ball", "seconds": 0.5, "steps": 2, "seed": 3} | changed))


def test_a_sentence_becomes_a_file_and_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(options())
    path, beside = sorted(tmp_path.iterdir())
    assert (path.name, beside.name) == ("a-red-ball-3.mp4", "a-red-ball-3.mp4.json")
    line = capsys.readouterr().out.strip()
    assert line.startswith("a-red-ball-3.mp4: 96x96, 0.5 s at 8 frames/s")
    assert "seed 3" in line
    with av.open(str(path)) as container:
        assert json.loads(container.metadata["comment"])["prompt"] == "a red ball"


def test_several_files_are_told_as_one_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(options(count=2, is_json=True, scale=2, size="64x80", output=tmp_path / "ball.mp4"))
    told = json.loads(capsys.readouterr().out)
    assert [entry["seed"] for entry in told["files"]] == [3, 4]
    assert all(Path(entry["file"]).stat().st_size == entry["bytes"] for entry in told["files"])
    assert told["files"][0]["size"] == [128, 160]


def test_a_png_is_a_picture(tmp_path: Path) -> None:
    run(options(output=tmp_path / "ball.png"))
    assert (tmp_path / "ball.png").read_bytes().startswith(b"\x89PNG")


def test_strange_words_are_warned_of(capsys: pytest.CaptureFixture[str]) -> None:
    run(options(prompt="a red zebra", is_dry_run=True))
    assert "never met in training: zebra;" in capsys.readouterr().err


def test_a_dry_run_tells_the_cost_and_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(options(is_dry_run=True, is_json=True))
    assert json.loads(capsys.readouterr().out)["tokens"] == 36
    run(options(is_dry_run=True))
    assert "36 tokens (72 a step), 2 steps" in capsys.readouterr().out
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"seconds": 0.0}, "above 0 and at most 60"),
        ({"seconds": 10_000.0}, "at most 60 s fit"),
        ({"size": "100x100"}, "nearest is 96x96"),
        ({"fps": 1000.0}, "take 4 to 16"),
        ({"steps": 0}, "steps must lie between"),
        ({"guidance": -1.0}, "guidance must lie"),
        ({"seed": -1}, "seed lies between"),
    ],
)
def test_what_does_not_fit_leaves_nothing(tmp_path: Path, changed: dict, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        run(options(**changed))
    assert not list(tmp_path.iterdir())


def test_numbers_that_are_not_finite_leave_nothing(
    tmp_path: Path, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model.transformer, "forward", lambda _, noisy, *__, **___: noisy * torch.nan)
    with pytest.raises(NumericsError, match="step 1 of 2"):
        run(options())
    assert not list(tmp_path.iterdir())


def test_ctrl_c_in_the_middle_leaves_nothing(tmp_path: Path, model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model.autoencoder, "decode_latents", interrupt)
    with pytest.raises(KeyboardInterrupt):
        run(options())
    assert not list(tmp_path.iterdir())


def test_ctrl_c_while_writing_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("misora.video.encode.VideoWriter._encode", interrupt)
    with pytest.raises(KeyboardInterrupt):
        run(options())
    assert not list(tmp_path.iterdir())


def test_ctrl_c_after_a_finished_file_names_it(tmp_path: Path, model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, calls = model.autoencoder.decode_latents, []

    def second_time(latents: torch.Tensor) -> torch.Tensor:
        calls.append(1)
        return whole(latents) if len(calls) == 1 else interrupt()

    monkeypatch.setattr(model.autoencoder, "decode_latents", second_time)
    with pytest.raises(StoppedError, match=r"1 of 2 files are finished and whole: a-red-ball-3-1\.mp4") as stopped:
        run(options(count=2))
    assert stopped.value.exit_code == 130
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a-red-ball-3-1.mp4", "a-red-ball-3-1.mp4.json"]


def interrupt(*_: Any, **__: Any) -> Any:
    """What Ctrl-C does."""
    raise KeyboardInterrupt


def test_missing_and_corrupt_weights_are_refused(tmp_path: Path, model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    save_model(model, "tiny")
    with (tmp_path / "tiny/transformer/diffusion_pytorch_model.safetensors").open("r+b") as file:
        file.seek(-8, 2)
        file.write(b"\xff" * 8)
    with pytest.raises(WeightsError, match="SHA-256"):
        run(options(model="tiny"))
    (tmp_path / "tiny/vae/config.json").unlink()
    with pytest.raises(WeightsError):
        run(options(model="tiny"))
    with pytest.raises(UsageError, match="no model named"):
        run(options(model="nonesuch"))
    assert [path.name for path in tmp_path.iterdir()] == ["tiny"]
