"""The control suite."""

import json

import pytest

from misora.evaluate import control
from misora.evaluate.control import PARTS, as_dict, as_table, run_control_suite
from misora.evaluate.judge import Judge
from misora.evaluate.part import NOT_TAUGHT, ControlSettings, Part
from misora.evaluate.report import Score
from misora.model.bundle import Model


def test_what_was_not_taught_is_told_and_the_rest_counted(
    untrained: Model, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = Part(scores={"direction right": Score(num_right=1, num_all=2)})
    monkeypatch.setattr(control, "PARTS", {"camera path": lambda *_: NOT_TAUGHT, "object track": lambda *_: right})
    told: list[tuple[int, int]] = []
    report = run_control_suite(
        untrained, judge, settings=ControlSettings(num_cases=2), on_part=lambda *done: told.append(done)
    )
    assert told == [(1, 2), (2, 2)]
    assert as_table(report).splitlines()[:2] == ["camera path: not taught", "object track"]
    plain = json.loads(json.dumps(as_dict(report)))
    assert plain["parts"]["camera path"] == {"is_taught": False, "scores": {}, "values": {}}
    assert plain["settings"]["num_cases"] == 2


def test_the_suite_has_a_part_for_each_thing_that_can_be_told() -> None:
    assert list(PARTS) == [
        "camera words",
        "camera path",
        "object track",
        "storyboard",
        "draft to final",
        "reframe",
        "inpaint",
    ]
