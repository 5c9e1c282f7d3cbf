"""The picture loss."""

import pytest
import torch

from misora.train.picture_loss import PictureWeights, moving_pixels, picture_loss, psnr


def test_pixels_that_change_within_a_group_are_marked_a_little_wide() -> None:
    pixels = torch.zeros(1, 12, 8, 8)
    pixels[:, 6:, 4, 4] = 1.0
    assert moving_pixels(pixels)[0, 0].sum() == 9


def test_a_perfect_picture_has_no_loss_and_a_shift_has_no_edges() -> None:
    real = torch.rand(2, 12, 8, 8) * 0.01
    assert picture_loss(real, real, PictureWeights()) == 0
    shifted = picture_loss(real + 0.1, real, PictureWeights(moving=0.0))
    assert shifted.item() == pytest.approx(0.01, rel=1e-3)


def test_decibels_count_from_the_full_range_of_two() -> None:
    assert psnr(torch.tensor(4.0)) == pytest.approx(0)
    assert psnr(torch.tensor(0.04)) == pytest.approx(20)
