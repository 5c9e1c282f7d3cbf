"""The minute suite."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from misora.core.errors import UsageError
from misora.evaluate import minute
from misora.evaluate.judge import Judge
from misora.evaluate.minute import (
    MinuteSettings,
    as_dict,
    as_table,
    claims_of,
    filmed_motion,
    minute_canvas,
    minute_scripts,
    motion_of,
    parts_of,
    run_minute_suite,
    worst,
)
from misora.generate.canvas import Canvas
from misora.model.bundle import Model, load_model
from misora.video.clip import Clip
from misora.worlds.film import film
from misora.worlds.script import is_held_out


@pytest.fixture(scope="module")
def model() -> Model:
    """The bundled one; only its limits and its autoencoder are used."""
    return load_model()


@pytest.fixture(scope="module")
def judge() -> Judge:
    """The bundled one."""
    return Judge.load()


def test_scripts_are_held_out_or_not_as_asked_and_the_line_speaks_throughout(model: Model) -> None:
    settings = MinuteSettings(num_prompts=3)
    scripts = minute_scripts(settings, model)
    assert all(map(is_held_out, scripts))
    assert not any(map(is_held_out, minute_scripts(replace(settings, split="train"), model)))
    canvas = minute_canvas(scripts[0], settings, index=0)
    assert [(line.from_seconds, line.to_seconds) for line in canvas.lines] == [(0.0, 60.0)]


def test_parts_have_one_length_and_motion_is_the_mean_change() -> None:
    frames = torch.arange(22, dtype=torch.uint8)[:, None, None, None].expand(22, 3, 4, 4) * 3
    assert [part.num_frames for part in parts_of(Clip.at_rate(frames, 4.0), 2.0)] == [8, 8]
    assert motion_of(frames) == 3.0


def test_a_filmed_minute_is_right_and_what_it_does_not_show_is_wrong(
    model: Model, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = MinuteSettings(num_prompts=1, seconds=20.0, seed=1)
    [script] = minute_scripts(settings, model)
    clip = film(script).clip
    still = clip.frames[:1].expand(80, -1, -1, -1)

    def made(_model: Model, asked: Canvas, **_named: object) -> Tensor:
        frames = torch.cat((clip.frames.repeat(80 // clip.num_frames, 1, 1, 1), still))
        assert len(frames) == asked.num_frames
        return frames

    monkeypatch.setattr(minute, "sample_any", made)
    monkeypatch.setattr(minute, "decode", lambda _, frames, asked: Clip.at_rate(frames, asked.fps))
    report = run_minute_suite(model, judge, settings=settings)
    first, second = report.stretches
    assert first.claims["colour"].value == first.claims["floor"].value == 1.0
    assert first.motion > 0.9
    assert second.motion == 0.0
    assert worst(report, "colour").num_all == 1
    assert "20 s" in as_table(report)
    assert as_dict(report)["suite"] == "minute"
    other = replace(script.shots[0], floor="grey" if script.shots[0].floor != "grey" else "green")
    assert not claims_of(judge, clip, replace(script, shots=(other,)))["floor"]
    assert filmed_motion([script]) == motion_of(clip.frames)


@pytest.mark.parametrize(("changed", "words"), [({"num_prompts": 0}, "1 to 1000"), ({"seconds": 61.0}, "10 to 60 s")])
def test_what_cannot_be_is_refused(changed: dict, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        MinuteSettings(**changed)
