"""One dial: every size of the transformer follows from its depth."""

from __future__ import annotations

from dataclasses import dataclass

HEAD_WIDTH = 64
WIDTH_PER_LAYER = 56


@dataclass(frozen=True, slots=True, kw_only=True)
class TransformerSize:
    """Sizes of a transformer.

    Attributes:
        depth: number of blocks.
        width: numbers per token inside the transformer, a multiple of 64.
        hidden: numbers per token inside a feed-forward layer.
        latent_channels: numbers per token at the input and output.
        text_channels: numbers per text token given by the text encoder.
        refiner_depth: blocks of the text refiner.
    """

    depth: int = 6
    width: int = 320
    hidden: int = 1280
    latent_channels: int = 64
    text_channels: int = 384
    refiner_depth: int = 2

    def __post_init__(self) -> None:
        for name in ("depth", "width", "hidden", "latent_channels", "text_channels"):
            if (value := getattr(self, name)) < 1:
                raise ValueError(f"TransformerSize.{name} must be at least 1, got {value}")
        if self.width % HEAD_WIDTH:
            raise ValueError(f"TransformerSize.width must be a multiple of {HEAD_WIDTH}, got {self.width}")

    @property
    def num_heads(self) -> int:
        """Attention heads, each 64 numbers wide."""
        return self.width // HEAD_WIDTH


def size_for(depth: int, *, latent_channels: int = 64, text_channels: int = 384) -> TransformerSize:
    """Derive all sizes from the depth.

    Args:
        depth: number of blocks, at least 1.
        latent_channels: numbers per token of the autoencoder.
        text_channels: numbers per text token of the text encoder.

    Returns:
        width = 56 x depth rounded to a multiple of 64, four times that inside a feed-forward layer.
    """
    width = max(HEAD_WIDTH, round(WIDTH_PER_LAYER * depth / HEAD_WIDTH) * HEAD_WIDTH)
    return TransformerSize(
        depth=depth,
        width=width,
        hidden=4 * width,
        latent_channels=latent_channels,
        text_channels=text_channels,
    )
