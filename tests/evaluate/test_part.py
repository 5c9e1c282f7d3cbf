"""A part of the control suite."""

import json
import math

import pytest

from misora.core.errors import UsageError
from misora.evaluate.part import NOT_TAUGHT, ControlSettings, Part, middle, score_as_dict
from misora.evaluate.report import Score


def test_a_part_is_told_to_people_and_machines() -> None:
    part = Part(scores={"right": Score(num_right=3, num_all=4)}, values={"apart, heights": math.nan, "far": 0.5})
    assert [line.split()[0] for line in part.lines] == ["right", "apart,", "far"]
    plain = json.loads(json.dumps(part.plain, allow_nan=False))
    assert plain["values"] == {"apart, heights": None, "far": 0.5}
    assert plain["scores"]["right"]["right"] == 3
    assert score_as_dict(part.scores["right"])["of"] == 4
    assert not NOT_TAUGHT.lines


def test_the_middle_leaves_out_what_could_not_be_measured() -> None:
    assert middle([1.0, math.nan, 3.0]) == 2.0
    assert math.isnan(middle([math.nan]))


def test_each_part_draws_its_own_scripts_and_noise() -> None:
    settings = ControlSettings(num_cases=3, seed=5)
    assert settings.wanted("draft").name != settings.wanted("inpaint").name
    assert settings.wanted("draft").num == 3
    assert settings.asked("draft", 0)["seed"] != settings.asked("inpaint", 0)["seed"]  # pyright: ignore
    with pytest.raises(UsageError, match="the control suite takes"):
        ControlSettings(num_cases=0)
