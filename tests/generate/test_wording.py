"""Words on their way to the model."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from misora.core.errors import EndpointError, UsageError
from misora.generate import studio as studio_room
from misora.generate.canvas import Canvas
from misora.generate.command import run
from misora.generate.options import Options
from misora.generate.studio import Studio
from misora.generate.wording import with_preset, worded
from misora.video.line import Line


def canvas(*texts: str) -> Canvas:
    """A second for each text."""
    lines = tuple(Line(text, float(index), index + 1.0) for index, text in enumerate(texts))
    return Canvas(seconds=float(len(texts)), fps=8.0, width_px=64, height_px=64, lines=lines, seed=3)


def options(**changed: Any) -> Options:
    """A short prompt."""
    return Options(**({"prompt": "a red ball", "seconds": 0.5, "steps": 1, "seed": 3} | changed))


def test_a_preset_fills_in_what_the_command_leaves_open() -> None:
    assert with_preset(options(steps=None, preset="lesson")).steps == 24
    assert with_preset(options(steps=2, preset="lesson")).steps == 2
    assert with_preset(options()) == options()


def test_words_are_added_to_the_line_and_told(capsys: pytest.CaptureFixture[str]) -> None:
    made, expansion = worded(canvas("a red ball"), options(is_expanded=True, preset="evening"))
    assert expansion is not None
    text = made.lines[0].text
    assert text == f"{expansion.prompt}, in warm evening light, the camera stays still"
    assert expansion.prompt.startswith("a red ball ")
    assert (text.count("floor"), text.count("light"), text.count("camera")) == (1, 1, 1)
    assert expansion.raw == "a red ball"
    assert capsys.readouterr().err == f"expanded: {text}\n"
    assert worded(canvas("a red ball"), options()) == (canvas("a red ball"), None)


def test_several_lines_are_left_and_it_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert worded(canvas("a red ball", "left"), options(is_expanded=True))[1] is None
    assert "not expanded: there are several lines" in capsys.readouterr().err


def test_another_language_is_told_what_would_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert worded(canvas("ein roter Ball"), options())[1] is None
    assert "name an endpoint with --expand-url" in capsys.readouterr().err


def test_an_unreachable_endpoint_stops_before_anything_is_made(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio_room.Studio, "load", lambda *_, **__: studio)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(EndpointError, match=r"cannot reach 127\.0\.0\.1"):
        run(options(expand_url="http://127.0.0.1:9/v1"))
    assert not list(tmp_path.iterdir())


def test_what_was_asked_is_recorded_and_left_out_of_a_private_record(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio_room.Studio, "load", lambda *_, **__: studio)
    monkeypatch.chdir(tmp_path)
    run(options(is_expanded=True, output=Path("a.mp4")))
    known = json.loads((tmp_path / "a.mp4.json").read_text())
    assert (known["raw_prompt"], known["expanded_by"]) == ("a red ball", "playroom")
    assert known["prompt"].startswith("a red ball ")
    run(options(is_expanded=True, output=Path("b.mp4"), is_private=True))
    assert "red ball" not in (tmp_path / "b.mp4.json").read_text()


def test_words_that_make_a_prompt_too_long_are_refused() -> None:
    long = replace(canvas("a"), lines=(Line("a" * 390, 0.0, 1.0),))
    with pytest.raises(UsageError, match="with the words that are added, the prompt has"):
        worded(long, options(preset="evening"))
