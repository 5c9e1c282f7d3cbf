"""The command from prompt to file."""

import json
from pathlib import Path
from typing import Any

import av
import pytest
import torch

from misora.core.errors import NumericsError, StoppedError, UsageError, WeightsError
from misora.generate import studio as studio_room
from misora.generate.command import laid_by, looped, run, run_variations
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


def test_a_camera_word_is_said_and_unknown_ones_are_refused_first(tmp_path: Path) -> None:
    run(options(camera="push-in", is_json=True))
    [path] = tmp_path.glob("*.mp4")
    with av.open(str(path)) as container:
        assert json.loads(container.metadata["comment"])["prompt"] == "a red ball, the camera pushes in"
    with pytest.raises(UsageError, match="unknown camera word"):
        options(camera="fly")


@pytest.mark.parametrize("kind", ["camera_path", "track"])
def test_a_control_is_refused_by_a_model_that_was_not_taught_it(tmp_path: Path, kind: str) -> None:
    numbers = "0,0,0,1,0,1,0" if kind == "camera_path" else "0,0.5,0.5"
    (tmp_path / "path.csv").write_text(numbers)
    with pytest.raises(UsageError, match="this model was not taught to follow a"):
        run(options(**{kind: tmp_path / "path.csv"}))
    assert [path.name for path in tmp_path.iterdir()] == ["path.csv"]


def test_a_draft_is_small_and_quick(capsys: pytest.CaptureFixture[str]) -> None:
    run(options(is_draft=True, steps=None, size="128x96", is_json=True))
    [told] = json.loads(capsys.readouterr().out)["files"]
    assert (told["size"], told["steps"]) == ([80, 64], 8)


def test_a_canvas_file_says_everything(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    story = tmp_path / "story.toml"
    story.write_text("seconds = 1\nsize = [64, 64]\nseed = 7\n[[cards]]\nat_seconds = 0\ntext = 'a red zebra'\n")
    lay, seed, suffix = laid_by(story)
    assert (seed, suffix) == (7, ".mp4")
    run(Options(prompt="", stem="story", steps=1, seed=seed), lay)
    told = capsys.readouterr()
    assert "story-7.mp4: 64x64, 1 s" in told.out
    assert "zebra" in told.err
    assert laid_by(story, seed=3)[1] == 3
    with pytest.raises(UsageError, match="a canvas file says everything"):
        laid_by(story, prompt="a ball")


def test_a_loop_of_a_sentence_is_made_of_its_clip(studio: Studio) -> None:
    lay = looped("a red ball", "", gap=0.5, fit=None, steps=1, speed="exact")
    canvas = lay(studio, seconds=0.5, size=(64, 64), seed=1)
    assert (canvas.num_frames, canvas.tail_frames, canvas.prompt) == (8, 4, "a red ball")


def test_variations_lie_on_one_sheet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = options(seconds=None, suffix=".png", size="64x64")
    run_variations(asked, num=3)
    assert "a-red-ball-3.png: 128x128" in capsys.readouterr().out
    run_variations(options(suffix=".png", is_dry_run=True), num=3)
    assert "3 x 96x96, 1 frames" in capsys.readouterr().out
    assert len(list(tmp_path.glob("*.png"))) == 1
    for changed, num, message in (({}, 3, "end the output in .png"), ({"suffix": ".png"}, 65, "1 to 64 pictures")):
        with pytest.raises(UsageError, match=message):
            run_variations(options(**changed), num=num)


def test_a_video_is_not_written_as_a_picture(tmp_path: Path, studio: Studio) -> None:
    def lay(studio: Studio, **asked: Any) -> Any:
        return studio.canvas("a red ball", **{**asked, "is_still": False})

    with pytest.raises(UsageError, match=r"this makes a video, .* end its name in \.mp4"):
        run(options(output=tmp_path / "ball.png"), lay)
    assert not list(tmp_path.iterdir())
