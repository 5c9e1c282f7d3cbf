"""The path between data and noise."""

import torch

from misora.flow.path import interpolate


def test_ends_of_the_path_are_data_and_noise_exactly() -> None:
    clean, noise = torch.randn(3, 2), torch.randn(3, 2)
    assert torch.equal(interpolate(clean, noise, torch.zeros(3)), clean)
    assert torch.equal(interpolate(clean, noise, torch.ones(3)), noise)


def test_each_token_stands_at_its_own_level() -> None:
    noisy = interpolate(torch.zeros(3, 1), torch.ones(3, 1), torch.tensor([0.0, 0.25, 1.0]))
    assert noisy.flatten().tolist() == [0.0, 0.25, 1.0]


def test_result_keeps_the_type_of_the_data() -> None:
    clean = torch.zeros(2, 4, dtype=torch.bfloat16)
    assert interpolate(clean, torch.ones_like(clean), torch.rand(2)).dtype == torch.bfloat16
