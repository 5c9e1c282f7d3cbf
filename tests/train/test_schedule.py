"""Learning rates."""

import pytest

from misora.train.schedule import Schedule


def test_rates_rise_stay_and_fall_once() -> None:
    schedule = Schedule(steps=100, warmup_steps=10, decay_share=0.4)
    assert schedule.rate(0) == pytest.approx(0.1)
    assert {schedule.rate(step) for step in range(9, 61)} == {1.0}
    assert schedule.rate(80) == pytest.approx(0.5)
    assert 0 < schedule.rate(99) < 0.05


def test_a_run_without_steps_is_refused() -> None:
    with pytest.raises(ValueError, match="steps must be at least 1"):
        Schedule(steps=0)
