"""Convolutional layers of the autoencoder: a residual block, halving and doubling the sides."""

from __future__ import annotations

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional


class Residual(nn.Module):
    """x + conv(silu(conv(silu(norm(x)))))."""

    def __init__(self, channels: int) -> None:
        """Make the weights; the block starts as the identity.

        Args:
            channels: at the input, inside and at the output.
        """
        super().__init__()
        self.gain = nn.Parameter(torch.ones(channels))
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        nn.init.zeros_(self.second.weight)
        assert self.second.bias is not None
        nn.init.zeros_(self.second.bias)

    def forward(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        """Refine the images once.

        Args:
            images: feature maps.

        Returns:
            Feature maps of the same shape.
        """
        hidden = self.first(functional.silu(channel_norm(images, self.gain)))
        return images + self.second(functional.silu(hidden))


def channel_norm(images: Float[Tensor, "b c h w"], gain: Float[Tensor, " c"]) -> Float[Tensor, "b c h w"]:
    """Bring every place's channels to mean 0 and variance 1, then scale each channel.

    Normalising within a place keeps groups closed and works at any size; the channels-last layout makes it a plain layer norm.

    Args:
        images: feature maps.
        gain: scale of each channel.

    Returns:
        Normalised feature maps.
    """
    rows = images.permute(0, 2, 3, 1)  # b h w c, contiguous for channels-last maps
    return functional.layer_norm(rows, rows.shape[-1:], gain).permute(0, 3, 1, 2)


class Shrink(nn.Module):
    """Halve the sides: four neighbours become channels, then mix."""

    def __init__(self, channels_in: int, channels_out: int, *, times: int = 2) -> None:
        """Make the weights.

        Args:
            channels_in: channels of the large maps.
            channels_out: channels of the small maps.
            times: by how much each side shrinks.
        """
        super().__init__()
        self.times = times
        self.mix = nn.Conv2d(channels_in * times**2, channels_out, 1)

    def forward(self, images: Float[Tensor, "b c H W"]) -> Float[Tensor, "b d h w"]:
        """Shrink feature maps.

        Args:
            images: the large maps.

        Returns:
            The small maps.
        """
        n = self.times
        return self.mix(channels_last(rearrange(images, "b c (h i) (w j) -> b (i j c) h w", i=n, j=n)))


class Grow(nn.Module):
    """Double the sides: mix, then channels become four neighbours."""

    def __init__(self, channels_in: int, channels_out: int, *, side: int = 1) -> None:
        """Make the weights.

        Args:
            channels_in: channels of the small maps.
            channels_out: channels of the large maps.
            side: side of the convolution, odd.
        """
        super().__init__()
        self.mix = nn.Conv2d(channels_in, channels_out * 4, side, padding=side // 2)

    def forward(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b d H W"]:
        """Grow feature maps.

        Args:
            images: the small maps.

        Returns:
            The large maps.
        """
        return channels_last(rearrange(self.mix(images), "b (i j c) h w -> b c (h i) (w j)", i=2, j=2))


def channels_last(images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
    """Lay feature maps out with the channels innermost, where CPU and GPU convolutions are several times faster."""
    return images.contiguous(memory_format=torch.channels_last)
