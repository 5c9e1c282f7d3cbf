"""What the control benchmark tells."""

import pytest

from benchmarks import control
from misora.evaluate import control as suite
from misora.evaluate.judge import Judge
from misora.evaluate.part import NOT_TAUGHT, ControlSettings, Part
from misora.evaluate.report import Score
from misora.model import bundle


def test_every_number_has_its_interval_and_what_was_not_taught_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(_model: object, _judge: object, *, settings: ControlSettings) -> suite.ControlReport:
        assert (settings.num_cases, settings.seed) == (64, 4)
        half = Score(num_right=1, num_all=2)
        cards = Part(scores={"all": half, "all, single prompts": half}, values={"apart, heights": 0.5})
        return suite.ControlReport(parts={"camera path": NOT_TAUGHT, "storyboard": cards}, settings=settings)

    monkeypatch.setattr(suite, "run_control_suite", run)
    monkeypatch.setattr(Judge, "load", lambda: None)
    monkeypatch.setattr(bundle, "load_model", lambda: None)
    found = {reading.name: reading for reading in control.measure(control.Options(seed=4))}
    assert found["control_taught"].settings == {"camera_path": False, "storyboard": True}
    assert found["storyboard_all"].settings["low"] < 0.5 < found["storyboard_all"].settings["high"]
    assert found["storyboard_all_of_single"].value == 1.0
    assert found["storyboard_apart_heights"].value == 0.5
