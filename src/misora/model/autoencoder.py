"""The autoencoder: closed groups of four frames to one latent frame and back.

A latent frame depends on its own four frames and on nothing else, so any frame can be pinned, loops close and clips join
anywhere. The decoder may look at the latent frames just before and after, which steadies motion across groups, and therefore
streams in constant memory. One latent cell stands for 4 frames x 16 x 16 pixels.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

import torch
from einops import rearrange
from jaxtyping import Float, UInt8
from torch import Tensor, nn
from torch.nn import functional

from misora.model.grid import CELL_PX, FRAMES_PER_GROUP
from misora.model.layers import Grow, Residual, Shrink, channels_last

RGB = 3
STEM_PX = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoencoderSize:
    """Sizes of the autoencoder.

    Attributes:
        latent_channels: numbers in a latent cell.
        widths: channels at a half, a quarter, an eighth and a sixteenth of the picture's sides.
        encoder_blocks: residual blocks of the encoder at a quarter, an eighth, a sixteenth.
        decoder_blocks: residual blocks of the decoder at a half, a quarter, an eighth, a sixteenth.
    """

    latent_channels: int = 64
    widths: tuple[int, int, int, int] = (32, 96, 192, 192)
    encoder_blocks: tuple[int, int, int] = (1, 2, 1)
    decoder_blocks: tuple[int, int, int, int] = (1, 3, 3, 1)

    def __post_init__(self) -> None:
        if self.latent_channels < 1 or min(self.widths) < 1:
            raise ValueError(f"AutoencoderSize: channels must be at least 1, got {self.latent_channels}, {self.widths}")


class Autoencoder(nn.Module):
    """Compress groups of four frames 48-fold and bring them back."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, size: AutoencoderSize) -> None:
        """Make the weights.

        Args:
            size: channels and blocks.
        """
        super().__init__()
        self.size = size
        self.encoder = Encoder(size)
        self.decoder = Decoder(size)
        self.register_buffer("mean", torch.zeros(size.latent_channels))
        self.register_buffer("deviation", torch.ones(size.latent_channels))

    def encode_groups(self, pixels: Float[Tensor, "g 12 H W"]) -> Float[Tensor, "g c h w"]:
        """Encode groups whose pixels lie in [-1, 1]; the code is of unit length per cell, not yet normalised.

        Args:
            pixels: frame-major: channel 3 x frame + colour.

        Returns:
            Codes on the sphere of radius sqrt(c), which bounds them and gives noise a fixed meaning.
        """
        dtype = next(self.parameters()).dtype
        code = self.encoder(pixels.to(dtype))
        return functional.rms_norm(code.movedim(1, -1).float(), (code.shape[1],)).movedim(-1, 1)

    def decode_groups(self, code: Float[Tensor, "b t c h w"]) -> Float[Tensor, "b t 12 H W"]:
        """Decode runs of consecutive groups.

        Args:
            code: codes of each run, not normalised.

        Returns:
            Pixels, about [-1, 1].
        """
        return self.decoder(code)

    @torch.no_grad()
    def encode_frames(self, frames: UInt8[Tensor, "g 4 3 H W"]) -> Float[Tensor, "g c h w"]:
        """Encode closed groups to normalised latents: about mean 0 and variance 1 per channel.

        Args:
            frames: RGB, 0..255; sides are multiples of 16.

        Returns:
            Latents, float32.
        """
        pixels = to_pixels(frames).to(self.mean.device)
        code = self.encode_groups(pixels)
        return (code - self._mean()) / self._deviation()

    def decode_latents(self, latents: Float[Tensor, "t c h w"]) -> UInt8[Tensor, "f 3 H W"]:
        """Decode the consecutive groups of one clip.

        Args:
            latents: normalised latents.

        Returns:
            Four RGB frames for each group.
        """
        return torch.cat(list(self.stream(latents)))

    def stream(self, latents: Iterable[Float[Tensor, "c h w"]]) -> Iterator[UInt8[Tensor, "4 3 H W"]]:
        """Decode the consecutive groups of one clip as they come, in memory that does not grow with their number.

        A group's frames are given once the group after it has come, since the decoder looks at it. Every group is decoded by a
        call of its own, so a clip has the same bits whether its latents come all at once or one by one.

        Args:
            latents: normalised latents of each group, all of one size.

        Yields:
            The four RGB frames of each group.
        """
        before = here = None  # nothing stands before the first group, and nothing after the last
        for after in chain(map(self._code, latents), (None,)):
            if here is not None:
                nothing = torch.zeros_like(here)
                window = (nothing if before is None else before, here, nothing if after is None else after)
                with torch.no_grad():  # not around the whole: a generator's reader must keep its own mode
                    pixels = self.decoder.decode_window(torch.stack(window)[None])[0]
                yield to_frames(pixels)
            before, here = here, after

    def _code(self, latents: Float[Tensor, "c h w"]) -> Float[Tensor, "c h w"]:
        return latents.to(self.mean.device).float() * self._deviation() + self._mean()

    def _mean(self) -> Float[Tensor, "c 1 1"]:
        return self.mean.float().view(-1, 1, 1)

    def _deviation(self) -> Float[Tensor, "c 1 1"]:
        return self.deviation.float().view(-1, 1, 1)


class Encoder(nn.Module):
    """Shrink the pixels of a group to its code."""

    def __init__(self, size: AutoencoderSize) -> None:
        """Make the weights.

        Args:
            size: channels and blocks.
        """
        super().__init__()
        assert STEM_PX * 4 == CELL_PX
        _, quarter, eighth, sixteenth = size.widths
        at_quarter, at_eighth, at_sixteenth = size.encoder_blocks
        self.stem = Shrink(FRAMES_PER_GROUP * RGB, quarter, times=STEM_PX)
        self.body = nn.Sequential(
            *(Residual(quarter) for _ in range(at_quarter)),
            Shrink(quarter, eighth),
            *(Residual(eighth) for _ in range(at_eighth)),
            Shrink(eighth, sixteenth),
            *(Residual(sixteenth) for _ in range(at_sixteenth)),
        )
        self.last = nn.Conv2d(sixteenth, size.latent_channels, 3, padding=1)

    def forward(self, pixels: Float[Tensor, "g 12 H W"]) -> Float[Tensor, "g c h w"]:
        """Encode groups.

        Args:
            pixels: frame-major channels, [-1, 1].

        Returns:
            Codes of any length.
        """
        return self.last(self.body(self.stem(channels_last(pixels))))


class Decoder(nn.Module):
    """Grow codes back to pixels."""

    def __init__(self, size: AutoencoderSize) -> None:
        """Make the weights.

        Args:
            size: channels and blocks.
        """
        super().__init__()
        half, quarter, eighth, sixteenth = size.widths
        at_half, at_quarter, at_eighth, at_sixteenth = size.decoder_blocks
        self.stem = nn.Conv2d(3 * size.latent_channels, sixteenth, 3, padding=1)
        self.body = nn.Sequential(
            *(Residual(sixteenth) for _ in range(at_sixteenth)),
            Grow(sixteenth, eighth),
            *(Residual(eighth) for _ in range(at_eighth)),
            Grow(eighth, quarter),
            *(Residual(quarter) for _ in range(at_quarter)),
            Grow(quarter, half),
            *(Residual(half) for _ in range(at_half)),
        )
        self.last = Grow(half, FRAMES_PER_GROUP * RGB, side=3)

    def forward(self, code: Float[Tensor, "b t c h w"]) -> Float[Tensor, "b t 12 H W"]:
        """Decode whole runs; there is nothing before the first group and after the last.

        Args:
            code: codes of each run.

        Returns:
            Pixels of each run.
        """
        return self.decode_window(functional.pad(code, (0, 0, 0, 0, 0, 0, 1, 1)))

    def decode_window(self, code: Float[Tensor, "b t2 c h w"]) -> Float[Tensor, "b t 12 H W"]:
        """Decode the inner groups of a window whose first and last group are only looked at.

        Args:
            code: codes; two groups more than are decoded.

        Returns:
            Pixels of the inner groups.
        """
        dtype = self.stem.weight.dtype
        around = torch.cat((code[:, :-2], code[:, 1:-1], code[:, 2:]), dim=2)
        flat = channels_last(around.flatten(0, 1).to(dtype))
        return self.last(self.body(self.stem(flat))).float().unflatten(0, around.shape[:2])


def to_pixels(frames: UInt8[Tensor, "g 4 3 H W"]) -> Float[Tensor, "g 12 H W"]:
    """Bring RGB 0..255 to [-1, 1], frames of a group side by side in the channels."""
    return rearrange(frames, "g f rgb H W -> g (f rgb) H W").float() / 127.5 - 1


def to_frames(pixels: Float[Tensor, "g 12 H W"]) -> UInt8[Tensor, "f 3 H W"]:
    """Bring [-1, 1] to RGB 0..255, one frame after another."""
    rgb = rearrange(pixels, "g (f rgb) H W -> (g f) rgb H W", rgb=RGB)
    return ((rgb.float() + 1) * 127.5).round().clamp(0, 255).to(torch.uint8).cpu()
