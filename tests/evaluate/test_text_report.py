import json
from dataclasses import replace

import pytest

from misora.evaluate.prompts import SuiteSettings
from misora.evaluate.report import Score
from misora.evaluate.text_report import GROUPED, Row, TextReport, as_dict, as_table, groups_as_dict, row_as_dict


def _row(right: int) -> Row:
    full = Score(num_right=100, num_all=100)
    made = Score(num_right=right, num_all=100)
    return Row(
        generated=made, truth=full, reconstruction=full, chance=Score(num_right=0, num_all=0), false_accepts=None
    )


def _report() -> TextReport:
    scores = {name: Score(num_right=1, num_all=2) for name in GROUPED}
    return TextReport(
        rows={
            "floor": _row(100),
            "motion": _row(60),
            "relation": replace(_row(0), generated=Score(num_right=0, num_all=0)),
        },
        settings=SuiteSettings(num_prompts=100),
        grammar="wide",
        one_line={"floor": Score(num_right=70, num_all=70)},
        motions={"topple": (Score(num_right=3, num_all=4), Score(num_right=4, num_all=4))},
        groups={"aspect": {"wide": scores}},
    )


def test_a_missed_bar_is_marked_and_a_reached_one_is_not() -> None:
    table = as_table(_report()).splitlines()
    floor, motion, relation = (
        next(line for line in table if line.startswith(name)) for name in ("floor", "motion", "relation")
    )
    assert "95 % " in floor
    assert "!" not in floor
    assert "88 % !" in motion
    assert "does not apply" in relation
    assert any(line.startswith("topple") and "75.0 %" in line for line in table)


def test_a_share_of_truth_stands_with_its_interval() -> None:
    told = row_as_dict(_row(60))["of_truth"]
    assert isinstance(told, dict)
    assert told["value"] == pytest.approx(0.6)
    assert told["low"] < 0.6 < told["high"]


def test_the_report_is_plain_json() -> None:
    told = json.loads(json.dumps(as_dict(_report())))
    assert told["grammar"] == "wide"
    assert told["attributes"]["relation"]["of_truth"] is None
    assert told["groups"] == json.loads(json.dumps(groups_as_dict(_report())))
