import math

import pytest
import torch

from misora.evaluate.reconstruction import decibels, grid_contrast, grid_excess, likeness


def noise(seed: int, frames: int = 8, side: int = 64) -> torch.Tensor:
    draws = torch.Generator().manual_seed(seed)
    return torch.randint(0, 256, (frames, 3, side, side), generator=draws, dtype=torch.uint8)


def test_an_error_of_one_level_is_48_decibels() -> None:
    real = torch.full((4, 3, 32, 32), 100, dtype=torch.uint8)
    found = likeness([real + 1], [real])
    assert found.psnr_db == found.pooled_db == pytest.approx(20 * math.log10(255))
    assert math.isnan(found.moving_db)  # nothing moves
    assert decibels(0.0) == 99.0


def test_only_what_moves_within_its_group_counts_as_moving() -> None:
    real = torch.full((8, 3, 32, 32), 50, dtype=torch.uint8)
    real[2, :, :8, :8] = 200  # in the first group, the upper left corner
    made = real.clone()
    made[:, :, 16:, 16:] += 5  # elsewhere
    assert likeness([made], [real]).moving_db == 99.0
    made = real.clone()
    made[:4, :, :9, :9] += 5  # there, widened by one
    assert likeness([made], [real]).moving_db == pytest.approx(20 * math.log10(255 / 5))


def test_the_mean_of_clips_is_not_the_clip_of_means() -> None:
    real = torch.full((4, 3, 32, 32), 100, dtype=torch.uint8)
    found = likeness([real + 1, real + 10], [real, real])
    assert found.psnr_db == pytest.approx(20 * math.log10(255) - 10)
    assert found.pooled_db == pytest.approx(decibels(50.5))


def test_a_token_grid_shows_and_noise_does_not() -> None:
    real = noise(0)
    assert grid_contrast(real) == pytest.approx(1, abs=0.02)
    tiles = noise(1, side=4).repeat_interleave(16, dim=2).repeat_interleave(16, dim=3)
    made = (real.float() * 0.5 + tiles.float() * 0.5).to(torch.uint8)
    assert grid_excess([made], [real]) > 0.1
    assert grid_excess([real], [real]) == 0.0
