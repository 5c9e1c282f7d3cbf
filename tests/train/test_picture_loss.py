"""The picture loss."""

from dataclasses import replace

import pytest
import torch

from misora.train.picture_loss import PictureWeights, moving_pixels, picture_loss, psnr


def test_pixels_that_change_within_a_group_are_marked_a_little_wide() -> None:
    pixels = torch.zeros(1, 12, 8, 8)
    pixels[:, 6:, 4, 4] = 1.0
    assert moving_pixels(pixels)[0, 0].sum() == 9


ALONE = PictureWeights(moving=0.0, edges=0.0, fine=0.0, motion=0.0)


def test_a_ramp_has_edges_and_no_fine_pattern() -> None:
    flat, ramp = torch.zeros(1, 12, 8, 8), torch.linspace(0, 0.7, 8).expand(1, 12, 8, 8)
    squares = picture_loss(ramp, flat, ALONE)
    assert picture_loss(ramp, flat, replace(ALONE, edges=1.0)) - squares == pytest.approx(0.1, rel=1e-4)
    assert picture_loss(ramp, flat, replace(ALONE, fine=1.0)) - squares == pytest.approx(0.0, abs=1e-6)
    stripes = torch.tensor([0.1, -0.1]).repeat(4).expand(1, 12, 8, 8)
    assert picture_loss(stripes, flat, replace(ALONE, fine=1.0)) == pytest.approx(0.4 + 0.01, rel=1e-4)


def test_a_flicker_counts_within_a_group_and_from_one_to_the_next() -> None:
    still, jump = torch.zeros(2, 12, 8, 8), torch.zeros(2, 12, 8, 8)
    jump[1] = 0.5
    weights = replace(ALONE, motion=1.0)
    squares = picture_loss(jump, still, ALONE)
    assert picture_loss(jump, still, weights) == squares  # two clips: nothing moves within either
    assert picture_loss(jump, still, weights, run_groups=2) - squares == pytest.approx(0.5 / 7, rel=1e-4)
    within = torch.zeros(1, 12, 8, 8)
    within[:, 6:] = 0.3
    assert picture_loss(within, still[:1], weights) - picture_loss(within, still[:1], ALONE) == pytest.approx(
        0.1, rel=1e-4
    )


def test_a_perfect_picture_has_no_loss_and_a_shift_has_no_edges() -> None:
    real = torch.rand(2, 12, 8, 8) * 0.01
    assert picture_loss(real, real, PictureWeights()) == 0
    shifted = picture_loss(real + 0.1, real, PictureWeights(moving=0.0), run_groups=2)
    assert shifted.item() == pytest.approx(0.01, rel=1e-3)


def test_decibels_count_from_the_full_range_of_two() -> None:
    assert psnr(torch.tensor(4.0)) == pytest.approx(0)
    assert psnr(torch.tensor(0.04)) == pytest.approx(20)
