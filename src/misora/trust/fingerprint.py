"""What a video looks like, in a few hundred bytes: the lowest frequencies of a few frames.

A watermark can be lifted from one clip and laid on another; the picture under it cannot. So the store keeps this beside each
id, and a mark on frames that look different is told as possibly copied. A perceptual hash in the manner of pHash (DCT of a
small luma image), kept as signed bytes instead of bits, so that likeness is a correlation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cache

import torch
from einops import rearrange, reduce
from jaxtyping import Float, Int8, UInt8
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, interpolate

SAME = 0.80  # likeness from which on two pictures count as the same; measured in docs/trust.md
_SIDE_PX = 64
_NUM_FREQUENCIES = 16
_MAX_FRAMES = 16
_CROPS = (1.0, 0.9, 0.8, 0.7)
_OFFSETS = (0.0, 0.5, 1.0)
_BYTES_A_FRAME = _NUM_FREQUENCIES**2


@dataclass(slots=True)
class Collector:
    """Gathers the looks of a video while its frames pass by, in constant memory.

    Attributes:
        frames: of which looks are kept so far.
        stride: every how many frames one is kept; doubles when there are too many.
        num_seen: frames that passed by.
    """

    frames: list[Int8[Tensor, "16 16"]] = field(default_factory=list)
    stride: int = 1
    num_seen: int = 0

    def add(self, frames: UInt8[Tensor, "f 3 H W"]) -> None:
        """Look at the next frames.

        Args:
            frames: RGB, 0..255.
        """
        wanted = [i for i in range(frames.shape[0]) if (self.num_seen + i) % self.stride == 0]
        self.num_seen += frames.shape[0]
        for index in wanted:
            if (self.num_seen - frames.shape[0] + index) % self.stride:
                continue  # the stride has doubled meanwhile
            self.frames.append(looks(frames[index : index + 1])[0])
            if len(self.frames) > _MAX_FRAMES:
                del self.frames[1::2]
                self.stride *= 2

    def to_bytes(self) -> bytes:
        """The looks one after another; empty if no frame passed by."""
        return b"".join(frame.numpy().tobytes() for frame in self.frames)


def looks(frames: UInt8[Tensor, "f 3 H W"]) -> Int8[Tensor, "f 16 16"]:
    """The lowest frequencies of each frame's luma, but for its mean, scaled so that the largest is 127.

    Args:
        frames: RGB, 0..255.

    Returns:
        Vertical frequencies in rows, horizontal ones in columns.
    """
    weights = torch.tensor([0.299, 0.587, 0.114])
    luma = (adaptive_avg_pool2d(frames.float(), _SIDE_PX) * weights.view(1, 3, 1, 1)).sum(1)
    return _quantised(_waves() @ luma @ _waves().T)


def likeness(stored: bytes, frames: UInt8[Tensor, "f 3 H W"]) -> float:
    """Say how much frames look like what was stored; mirrors and crops are tried.

    Args:
        stored: from `Collector.to_bytes`.
        frames: a few frames of a file, RGB.

    Returns:
        The mean over frames of the best correlation with a stored frame: 1 is the same, 0 is unlike.
    """
    if len(stored) < _BYTES_A_FRAME or len(stored) % _BYTES_A_FRAME:
        return 0.0
    known = torch.frombuffer(bytearray(stored), dtype=torch.int8).view(-1, _NUM_FREQUENCIES, _NUM_FREQUENCIES)
    asked = _unit(looks(frames).float())
    signs = torch.ones(_NUM_FREQUENCIES)
    signs[1::2] = -1  # mirrored left to right, odd frequencies change sign
    best = torch.full((asked.shape[0],), -1.0)
    for cropped in _crops(known.float()):
        for variant in (cropped, cropped * signs):
            best = torch.maximum(best, (asked @ _unit(variant).T).amax(1))
    return best.mean().item()


def _crops(known: Float[Tensor, "f 16 16"]) -> list[Float[Tensor, "f 16 16"]]:
    """What crops of the stored frames would look like."""
    luma = _waves().T @ known @ _waves()
    cropped = []
    for share in _CROPS:
        side = round(_SIDE_PX * share)
        places = {round((_SIDE_PX - side) * offset) for offset in _OFFSETS}
        for top in sorted(places):
            for left in sorted(places):
                window = luma[:, None, top : top + side, left : left + side]
                whole = interpolate(window, size=_SIDE_PX, mode="bilinear", align_corners=False)[:, 0]
                cropped.append(_waves() @ whole @ _waves().T)
    return cropped


def _unit(spectra: Float[Tensor, "f 16 16"]) -> Float[Tensor, "f n"]:
    """Flat, without the mean, of length one; high frequencies count as much as low ones."""
    weighted = spectra * _weights()
    flat = rearrange(weighted, "f y x -> f (y x)")
    return flat / flat.norm(dim=1, keepdim=True).clamp_min(1e-6)


def _quantised(spectra: Float[Tensor, "f 16 16"]) -> Int8[Tensor, "f 16 16"]:
    spectra[:, 0, 0] = 0
    peak = reduce(spectra.abs(), "f y x -> f 1 1", "max").clamp_min(1e-6)
    return (spectra / peak * 127).round().to(torch.int8)


@cache
def _waves() -> Float[Tensor, "16 64"]:
    """The lowest rows of an orthonormal DCT-II."""
    place = (torch.arange(_SIDE_PX) + 0.5) * math.pi / _SIDE_PX
    waves = torch.cos(torch.arange(_NUM_FREQUENCIES)[:, None] * place) * math.sqrt(2 / _SIDE_PX)
    waves[0] /= math.sqrt(2)
    return waves


@cache
def _weights() -> Float[Tensor, "16 16"]:
    """Pictures have 1/f spectra: weighting by f lets detail count, not only where light and dark halves are."""
    rows, columns = torch.meshgrid(torch.arange(_NUM_FREQUENCIES), torch.arange(_NUM_FREQUENCIES), indexing="ij")
    weights = torch.sqrt((rows**2 + columns**2).float())
    weights[0, 0] = 0
    return weights
