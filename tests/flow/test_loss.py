"""The loss and the velocity that a clean prediction means."""

import pytest
import torch

from misora.flow.loss import velocity_from_clean, velocity_loss
from misora.flow.path import interpolate


def test_velocity_of_the_truth_is_noise_minus_data() -> None:
    clean, noise = torch.randn(5, 3, dtype=torch.float64), torch.randn(5, 3, dtype=torch.float64)
    levels = torch.linspace(0.1, 1, 5, dtype=torch.float64)
    velocity = velocity_from_clean(interpolate(clean, noise, levels), clean, levels)
    torch.testing.assert_close(velocity, noise - clean)


def test_known_tokens_have_no_velocity() -> None:
    velocity = velocity_from_clean(torch.ones(2, 3), torch.zeros(2, 3), torch.tensor([0.0, 0.5]))
    assert velocity.tolist() == [[0.0] * 3, [2.0] * 3]


def test_loss_is_the_squared_error_of_the_velocity() -> None:
    clean, noise, guess = (torch.randn(6, 4, dtype=torch.float64) for _ in range(3))
    levels = torch.linspace(0.2, 1, 6, dtype=torch.float64)
    noisy = interpolate(clean, noise, levels)
    error = velocity_from_clean(noisy, guess, levels) - (noise - clean)
    torch.testing.assert_close(velocity_loss(guess, clean, levels), error.square().mean())


def test_known_tokens_carry_no_loss_and_do_not_dilute_it() -> None:
    guess, clean = torch.tensor([[1.0], [100.0]]), torch.zeros(2, 1)
    assert velocity_loss(guess, clean, torch.tensor([0.5, 0.0])).item() == pytest.approx(4.0)


def test_floor_bounds_the_weight_of_nearly_clean_tokens() -> None:
    guess, clean = torch.ones(1, 2), torch.zeros(1, 2)
    assert velocity_loss(guess, clean, torch.tensor([0.001])).item() == pytest.approx(400.0)
    assert velocity_loss(guess, clean, torch.tensor([0.001]), floor=0.5).item() == pytest.approx(4.0)


def test_loss_of_a_fully_known_clip_is_zero_with_a_gradient() -> None:
    guess = torch.ones(2, 2, requires_grad=True)
    loss = velocity_loss(guess, torch.zeros(2, 2), torch.zeros(2))
    loss.backward()
    assert loss.item() == 0
    assert torch.equal(guess.grad, torch.zeros(2, 2))


def test_loss_of_low_precision_tokens_is_summed_in_float32() -> None:
    tokens = torch.ones(4, 2, dtype=torch.bfloat16)
    assert velocity_loss(tokens, tokens, torch.ones(4)).dtype == torch.float32
