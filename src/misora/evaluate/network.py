"""The judge's eyes: a small U-shaped network from a frame to colour, shape and floor."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn
from torch.nn.functional import interpolate, pixel_unshuffle

from misora.core.machine import pick_dtype

NUM_COLOURS = 10
NUM_SHAPES = 5
NUM_FLOORS = 4
CELL_PX = 2
"""Side of one cell of the maps, in pixels of the frame."""
STRIDE_PX = 16
"""Frames are padded to a multiple of this by repeating their border."""
SHORT_SIDE_PX = 96
"""The size that the judge learnt; larger and smaller videos are resized to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSize:
    """Channels of the network at each scale; the weights must stay under 2 MB.

    Attributes:
        widths: channels at 1/2, 1/4, 1/8 and 1/16 of the frame.
    """

    widths: tuple[int, int, int, int] = (16, 40, 64, 96)


@dataclass(frozen=True, slots=True, kw_only=True)
class Maps:
    """What the network says about some frames, as logits.

    Attributes:
        colour: background first, then the ten colours.
        shape: the five shapes; means something only where there is a thing.
        floor: the four floors.
    """

    colour: Float[Tensor, "f 11 h w"]
    shape: Float[Tensor, "f 5 h w"]
    floor: Float[Tensor, "f 4"]


def unit(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    """Convolution, normalisation, rectifier."""
    convolution = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs), nn.ReLU())


class Residual(nn.Module):
    """Two convolutions beside an identity."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = unit(width, width)
        self.second = nn.Sequential(nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width))

    def forward(self, x: Float[Tensor, "f c h w"]) -> Float[Tensor, "f c h w"]:
        """Add what the two convolutions say."""
        return torch.relu(x + self.second(self.first(x)))


class MapNetwork(nn.Module):
    """From frames in [0, 1] to maps at half their size; any size that is a multiple of `STRIDE_PX`."""

    def __init__(self, size: NetworkSize = NetworkSize()) -> None:
        super().__init__()
        first, second, third, fourth = size.widths
        self.stem = nn.Sequential(unit(3 * CELL_PX**2, first), unit(first, first))
        self.down2 = nn.Sequential(unit(first, second, 2), Residual(second))
        self.down3 = nn.Sequential(unit(second, third, 2), Residual(third))
        self.down4 = nn.Sequential(unit(third, fourth, 2), Residual(fourth))
        self.up3 = nn.Sequential(unit(fourth + third, third), Residual(third))
        self.up2 = nn.Sequential(unit(third + second, second), Residual(second))
        self.up1 = nn.Sequential(unit(second + first, 24), unit(24, 24))
        self.things = nn.Conv2d(24, 1 + NUM_COLOURS + NUM_SHAPES, 1)
        self.floor = nn.Linear(third + fourth, NUM_FLOORS)

    def forward(self, frames: Float[Tensor, "f 3 H W"]) -> Maps:
        """Look at each frame alone."""
        one = self.stem(pixel_unshuffle(frames, CELL_PX))
        two = self.down2(one)
        three = self.down3(two)
        four = self.down4(three)
        floor = self.floor(torch.cat([three.mean((2, 3)), four.mean((2, 3))], 1))
        three = self.up3(torch.cat([_double(four), three], 1))
        two = self.up2(torch.cat([_double(three), two], 1))
        things = self.things(self.up1(torch.cat([_double(two), one], 1)))
        return Maps(colour=things[:, : 1 + NUM_COLOURS], shape=things[:, 1 + NUM_COLOURS :], floor=floor)


def _double(x: Tensor) -> Tensor:
    return interpolate(x, scale_factor=2, mode="nearest")


def look(network: MapNetwork, frames: UInt8[Tensor, "f 3 H W"], *, batch: int = 64) -> Maps:
    """Maps of frames of any size, in probabilities' logits, in float32.

    Args:
        network: the fitted network.
        frames: RGB, 0..255.
        batch: frames looked at together; bounds the memory.

    Returns:
        Maps at half the frame's size; a border of padding is cut.
    """
    height, width = frames.shape[-2:]
    pad = (0, -width % STRIDE_PX, 0, -height % STRIDE_PX)
    parts = []
    is_half = pick_dtype("cpu") is torch.bfloat16
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=is_half):
        for piece in frames.split(batch):
            x = nn.functional.pad(piece.float() / 255, pad, mode="replicate")
            parts.append(network(x.contiguous(memory_format=torch.channels_last)))
    rows, columns = -(-height // CELL_PX), -(-width // CELL_PX)
    return Maps(
        colour=torch.cat([part.colour for part in parts])[..., :rows, :columns].float(),
        shape=torch.cat([part.shape for part in parts])[..., :rows, :columns].float(),
        floor=torch.cat([part.floor for part in parts]).float(),
    )


def at_judged_size(frames: UInt8[Tensor, "f 3 H W"]) -> UInt8[Tensor, "f 3 h w"]:
    """Frames with a short side of `SHORT_SIDE_PX`.

    Args:
        frames: RGB, 0..255.

    Returns:
        The same frames when they have that size, else resized ones.
    """
    height, width = frames.shape[-2:]
    short = min(height, width)
    if short == SHORT_SIDE_PX:
        return frames
    size = (round(height * SHORT_SIDE_PX / short), round(width * SHORT_SIDE_PX / short))
    resized = nn.functional.interpolate(frames.float(), size=size, mode="bilinear", antialias=True)
    return resized.round().clamp(0, 255).byte()
