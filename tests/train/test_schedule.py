"""Learning rates."""

import pytest

from misora.core.errors import UsageError
from misora.train.schedule import Schedule

PLAN = Schedule(steps=100, warmup_steps=10, decay_share=0.4)


def test_rates_rise_stay_and_fall_once() -> None:
    schedule = Schedule(steps=100, warmup_steps=10, decay_share=0.4)
    assert schedule.rate(0) == pytest.approx(0.1)
    assert {schedule.rate(step) for step in range(9, 61)} == {1.0}
    assert schedule.rate(80) == pytest.approx(0.5)
    assert 0 < schedule.rate(99) < 0.05


def test_a_run_without_steps_is_refused() -> None:
    with pytest.raises(ValueError, match="steps must be at least 1"):
        Schedule(steps=0)


def test_a_run_made_longer_in_time_has_the_curve_of_the_longer_one() -> None:
    assert PLAN.ending_at(200, now=50) == Schedule(steps=200, warmup_steps=10, decay_share=0.4)


def test_a_run_that_must_end_soon_decays_from_now_on() -> None:
    soon = PLAN.ending_at(70, now=50)
    assert [soon.rate(step) for step in (49, 50)] == [1, 1]
    assert soon.rate(60) == pytest.approx(0.5)
    assert soon.rate(69) == pytest.approx(0.05)
    assert soon.ending_at(70, now=65) == soon  # the same command goes on


@pytest.mark.parametrize("steps", [90, 160])
def test_a_rate_that_falls_goes_on_falling_from_where_it_is(steps: int) -> None:
    later = PLAN.ending_at(steps, now=80)
    rates = [later.rate(step) for step in range(80, steps)]
    assert rates[0] == pytest.approx(PLAN.rate(80))
    assert rates == sorted(rates, reverse=True)
    assert later.rate(steps) == 0


def test_a_run_that_has_ended_is_taken_up_again() -> None:
    again = PLAN.ending_at(200, now=100)
    assert again.rate(100) == pytest.approx(0.1)
    assert {again.rate(step) for step in range(109, 161)} == {1.0}
    assert again.rate(180) == pytest.approx(0.5)


def test_steps_that_are_made_cannot_be_unmade() -> None:
    with pytest.raises(UsageError, match="cannot end at step 40: 50 steps are made"):
        PLAN.ending_at(40, now=50)
