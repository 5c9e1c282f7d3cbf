import math

import numpy as np
import pytest

from misora.worlds.pendulum import GRAVITY, Pendulum


def pendulum(**changed: float) -> Pendulum:
    hung = Pendulum(
        pivot_m=(0.0, 0.0, 0.0),
        **{"length_m": 3.0, "amplitude": 0.4, "phase": 0.0, "heading": 0.0, "lowest_m": 1.0, **changed},
    )
    middle = np.array([1.0, 2.0])
    half = hung.width_m / 2 * np.array([math.cos(hung.heading), math.sin(hung.heading)])
    return hung.under(middle - half, middle + half)


REST = np.array([1.0, 0.0, 0.0, 0.0])


def test_it_hangs_over_the_middle_and_turns_at_both_ends() -> None:
    hung = pendulum(heading=0.2)
    quarter = math.pi / 2 / hung.rate
    np.testing.assert_allclose(hung.state(quarter, rest=REST)[:3], [1.0, 2.0, 1.0], atol=1e-9)
    ends = [hung.state(time, rest=REST) for time in (0.0, 2 * quarter)]
    assert np.linalg.norm(ends[0][:2] - ends[1][:2]) == pytest.approx(hung.width_m)
    assert np.abs(ends[0][7:]).max() < 1e-9


def test_velocities_are_the_change_of_place_and_of_tilt() -> None:
    hung, step = pendulum(phase=0.7, heading=-0.2), 1e-5
    before, now, after = (hung.state(0.9 + k * step, rest=REST) for k in (-1, 0, 1))
    np.testing.assert_allclose((after[:3] - before[:3]) / (2 * step), now[7:10], atol=1e-6)
    turned = 2 * (after[3:7] - before[3:7]) / (2 * step)  # of a tilt alone: twice the rate of the vector part
    assert np.linalg.norm(turned) == pytest.approx(np.linalg.norm(now[10:]), rel=1e-6)


def test_the_line_keeps_its_length_and_the_thing_its_place_on_it() -> None:
    hung = pendulum()
    for time in np.linspace(0, 3, 7):
        state = hung.state(float(time), rest=REST)
        away = np.array(hung.pivot_m) - state[:3]
        assert np.linalg.norm(away) == pytest.approx(3.0)
        w, x, y, z = state[3:7]
        up = [2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)]
        np.testing.assert_allclose(up, away / 3.0, atol=1e-9)


def test_the_period_is_that_of_the_equation_of_motion() -> None:
    hung = pendulum(amplitude=0.47)
    angle, pace, time, step = 0.47, 0.0, 0.0, 1e-4
    while angle > 0:
        pace -= step * GRAVITY / 3.0 * math.sin(angle)
        angle += step * pace
        time += step
    assert time == pytest.approx(math.pi / 2 / hung.rate, rel=2e-3)
