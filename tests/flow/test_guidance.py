"""Guidance."""

import pytest
import torch

from misora.flow.guidance import guided, guided_in_turn
from misora.flow.loss import velocity_from_clean


def test_zero_ignores_the_condition_and_one_is_the_plain_prediction() -> None:
    condition, nothing = torch.randn(2, 3), torch.randn(2, 3)
    assert torch.equal(guided(condition, nothing, 0.0), nothing)
    torch.testing.assert_close(guided(condition, nothing, 1.0), condition)


def test_guiding_clean_predictions_and_guiding_velocities_agree() -> None:
    noisy, condition, nothing = (torch.randn(4, 3, dtype=torch.float64) for _ in range(3))
    levels = torch.tensor([0.0, 0.3, 0.7, 1.0], dtype=torch.float64)
    early = velocity_from_clean(noisy, guided(condition, nothing, 2.5), levels)
    late = guided(velocity_from_clean(noisy, condition, levels), velocity_from_clean(noisy, nothing, levels), 2.5)
    torch.testing.assert_close(early, late)


def test_one_condition_in_turn_is_plain_guidance() -> None:
    condition, nothing = torch.randn(2, 3), torch.randn(2, 3)
    torch.testing.assert_close(guided_in_turn([nothing, condition], [3.0]), guided(condition, nothing, 3.0))


def test_conditions_in_turn_add_their_own_differences() -> None:
    nothing, pins, both = torch.zeros(1, 1), torch.ones(1, 1), torch.full((1, 1), 5.0)
    assert guided_in_turn([nothing, pins, both], [2.0, 3.0]).item() == 2 * 1 + 3 * 4


def test_a_scale_without_its_prediction_is_refused() -> None:
    with pytest.raises(ValueError, match="2 scales need 3 predictions"):
        guided_in_turn([torch.zeros(1, 1), torch.ones(1, 1)], [1.0, 2.0])
