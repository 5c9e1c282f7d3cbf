"""Times of training and of sampling."""

import math

import pytest
import torch

from misora.flow.schedule import draw_times, sampling_times, shift_for, shift_time


def test_shift_adds_its_logarithm_to_the_logit() -> None:
    times = torch.linspace(0.01, 0.99, 50, dtype=torch.float64)
    moved = torch.logit(shift_time(times, shift=3.0)) - torch.logit(times)
    torch.testing.assert_close(moved, torch.full_like(times, math.log(3)))


def test_shift_leaves_the_ends_and_one_leaves_all() -> None:
    ends = torch.tensor([0.0, 1.0])
    assert torch.equal(shift_time(ends, shift=8.0), ends)
    assert torch.equal(shift_time(torch.tensor([0.3]), shift=1.0), torch.tensor([0.3]))


def test_shift_above_one_moves_towards_noise() -> None:
    assert shift_time(torch.tensor(0.5), shift=3.0).item() == pytest.approx(0.75)


def test_shift_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        shift_time(torch.tensor([0.5]), shift=0.0)


def test_four_times_the_tokens_double_the_shift() -> None:
    assert shift_for(64) == pytest.approx(3.0)
    assert shift_for(256) == pytest.approx(6.0)
    assert shift_for(0) == 1.0
    with pytest.raises(ValueError, match="negative"):
        shift_for(-1)


def test_drawn_times_have_the_promised_distribution() -> None:
    times = draw_times(20_000, generator=torch.Generator().manual_seed(0), mean=1.0, sigma=1.2, shift=3.0)
    logits = torch.logit(times.double())
    # Standard errors: 1.2 / sqrt(20000) = 0.0085 for the mean, 0.006 for the width; four of each.
    assert logits.mean().item() == pytest.approx(1.0 + math.log(3), abs=0.034)
    assert logits.std().item() == pytest.approx(1.2, abs=0.024)


def test_same_generator_draws_the_same_times() -> None:
    first, second = (draw_times(5, generator=torch.Generator().manual_seed(7)) for _ in range(2))
    assert torch.equal(first, second)


def test_sampling_times_fall_from_one_to_zero() -> None:
    times = sampling_times(12, shift=3.0)
    assert len(times) == 13
    assert (times[0], times[-1]) == (1, 0)
    assert (times.diff() < 0).all()


def test_sampling_without_steps_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1 step"):
        sampling_times(0)
