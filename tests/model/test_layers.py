"""Layers of the autoencoder."""

import torch

from misora.model.layers import Grow, Residual, Shrink, channel_norm


def test_a_new_residual_block_is_the_identity() -> None:
    images = torch.randn(2, 8, 4, 4)
    assert torch.equal(Residual(8)(images), images)


def test_shrink_and_grow_halve_and_double_the_sides() -> None:
    images = torch.randn(2, 3, 8, 12)
    small = Shrink(3, 5)(images)
    assert small.shape == (2, 5, 4, 6)
    assert Grow(5, 3)(small).shape == images.shape


def test_the_norm_stays_within_a_place() -> None:
    images = torch.randn(1, 8, 4, 4)
    changed = images.clone()
    changed[..., 0, 0] += torch.randn(8)
    gain = torch.ones(8)
    is_same = (channel_norm(images, gain) == channel_norm(changed, gain)).all(1)[0]
    assert not is_same[0, 0]
    assert is_same.sum() == 15
