"""The remix suite."""

import json
from dataclasses import replace

import pytest
import torch

from misora.core.errors import UsageError
from misora.evaluate.judge import Judge
from misora.evaluate.remix import (
    CHANGES,
    STRENGTHS,
    Ladder,
    RemixReport,
    RemixSettings,
    accepted_at,
    as_dict,
    as_table,
    comes_closer,
    pixel_distance,
    rises,
    run_remix_suite,
    second_script,
)
from misora.model.bundle import Model
from misora.worlds.draw import draw_script
from misora.worlds.grammar import FIRST
from misora.worlds.script import is_held_out


def _ladder(*closenesses: float) -> Ladder:
    return Ladder(
        change=("floor",),
        distances=(1.0, 2.0, 3.0, 4.0, 5.0),
        closenesses=closenesses,
        changes=(0.0, 0.0, 0.5, 1.0, 1.0),
        accepted=(False,) * 5,
        before=0.8,
        own=0.95,
        own_change=0.9,
        floor=1.0,
    )


def test_distance_is_ordered_where_it_rises_every_time() -> None:
    assert rises((1.0, 2.0, 3.0))
    assert not rises((1.0, 1.0, 3.0))
    assert not rises((2.0, 1.0, 3.0))


@pytest.mark.parametrize(
    ("closenesses", "is_ordered"),
    [
        ((0.8, 0.8, 0.9, 1.0, 1.0), True),
        ((0.8, 0.77, 0.9, 1.0, 0.97), True),  # falls by less than the noise
        ((0.8, 0.9, 0.88, 0.86, 0.84), False),  # little by little, by more than the noise
        ((0.8, 0.8, 0.8, 0.8, 0.8), False),  # never follows
        ((0.98, 1.0, 1.0, 1.0, 1.0), True),  # was there from the first
        ((0.98, 1.0, 1.0, 1.0, 0.8), False),
    ],
)
def test_closeness_is_ordered_but_for_the_noise(closenesses: tuple[float, ...], is_ordered: bool) -> None:
    assert comes_closer(closenesses, own=1.0, noise=0.05) is is_ordered


def test_the_second_script_says_what_was_asked_otherwise_and_keeps_to_the_split() -> None:
    script = draw_script(3, split="train", seconds=1.0, fps=8, size=(96, 96), num_lines=1)
    found = [second_script(script, change, seed=1, split="train", grammar=FIRST) for change in CHANGES]
    others = [(change, other) for change, other in zip(CHANGES, found, strict=True) if other is not None]
    assert len(others) >= 4
    for change, other in others:
        assert not is_held_out(other)
        assert (other.shots[0].floor != script.shots[0].floor) == ("floor" in change)
        assert [beat.kind for beat in other.shots[0].beats] == [beat.kind for beat in script.shots[0].beats]


def test_every_strength_of_every_case_is_told(untrained: Model, judge: Judge) -> None:
    told: list[tuple[int, int]] = []
    settings = RemixSettings(num_cases=2, steps=1)
    report = run_remix_suite(untrained, judge, settings=settings, on_video=lambda *done: told.append(done))
    assert told[-1] == (10, 10)
    assert [ladder.change for ladder in report.ladders] == [("floor",), ("colour",)]
    assert all(len(ladder.distances) == len(STRENGTHS) and ladder.own > ladder.before for ladder in report.ladders)
    assert accepted_at(report, 0).num_all == 2
    assert report.orders["both"].num_all == 2
    assert report.orders["both, other floor"].num_all == 1
    assert "ordered: closeness" in as_table(report)
    plain = json.loads(json.dumps(as_dict(report)))
    assert plain["orders"]["both"]["of"] == 2
    assert list(plain["strengths"]) == ["0.1", "0.3", "0.5", "0.7", "0.9"]


def test_a_ladder_in_order_counts_and_another_does_not() -> None:
    ladders = (_ladder(0.8, 0.85, 0.9, 0.95, 1.0), replace(_ladder(0.8, 0.8, 0.8, 0.9, 1.0), distances=(1.0,) * 5))
    report = RemixReport(ladders=ladders, settings=RemixSettings())
    assert (report.noise, report.change_noise) == pytest.approx((0.05, 0.1))
    assert (report.orders["distance"].num_right, report.orders["closeness"].num_right) == (1, 2)
    assert report.orders["both"].num_right == report.orders["distance and change"].num_right == 1
    assert report.orders["change"].num_right == 2


def test_distance_is_a_mean_over_pixels() -> None:
    black = torch.zeros(2, 3, 4, 4, dtype=torch.uint8)
    assert pixel_distance(black, black + 3) == 3.0


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(UsageError, match="the remix suite takes 1 to 1000 cases, got 0"):
        RemixSettings(num_cases=0)
