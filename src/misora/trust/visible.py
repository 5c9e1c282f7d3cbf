"""The visible mark: a small wordmark that drifts slowly over the picture, so that no crop of one corner removes it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from jaxtyping import UInt8
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

WORDS = "misora · AI"
_HEIGHT_SHARE = 0.07
_MIN_FONT_PX, _MAX_WIDTH_SHARE = 7, 0.6
_OPACITY = 0.8
_SHADOW = 0.55
_PERIODS_SECONDS = (23.0, 17.0)  # across and down; of no common measure, so the path does not repeat soon
_MARGIN_SHARE = 0.04


@dataclass(slots=True, kw_only=True)
class VisibleMark:
    """Draws the wordmark on frames as they pass by.

    Attributes:
        fps: frames per second; the mark drifts in seconds.
        num_drawn: frames so far.
    """

    fps: float | int
    num_drawn: int = 0

    def draw(self, frames: UInt8[Tensor, "f 3 H W"]) -> UInt8[Tensor, "f 3 H W"]:
        """Draw on the next frames.

        Args:
            frames: RGB, 0..255.

        Returns:
            New frames.
        """
        drawn = frames.clone()
        height, width = frames.shape[2:]
        for frame in drawn:
            ink, paper = _wordmark(width, height)
            top, left = _place(self.num_drawn / self.fps, (width, height), (ink.shape[1], ink.shape[0]))
            under = frame[:, top : top + ink.shape[0], left : left + ink.shape[1]].float()
            shaded = under * (1 - paper)
            under.copy_(shaded + (255 - shaded) * ink)
            frame[:, top : top + ink.shape[0], left : left + ink.shape[1]] = under.round().to(torch.uint8)
            self.num_drawn += 1
        return drawn


def _place(seconds: float, frame: tuple[int, int], mark: tuple[int, int]) -> tuple[int, int]:
    """Top and left of the mark: a slow figure over the whole frame, begun in the lower right corner."""
    places = []
    for side, size, period in zip(frame, mark, _PERIODS_SECONDS, strict=True):
        margin = min(round(side * _MARGIN_SHARE), max(0, side - size) // 2)
        share = 0.5 + 0.5 * math.cos(2 * math.pi * seconds / period)
        places.append(max(0, margin + round((side - size - 2 * margin) * share)))
    return places[1], places[0]


@lru_cache(maxsize=4)
def _wordmark(width: int, height: int) -> tuple[Tensor, Tensor]:
    """Opacity of white letters and of the dark halo below them, cut to the frame."""
    size = max(_MIN_FONT_PX, round(min(width, height) * _HEIGHT_SHARE))
    font = ImageFont.load_default(size)
    left, top, right, bottom = font.getbbox(WORDS)
    while right - left > width * _MAX_WIDTH_SHARE and size > _MIN_FONT_PX:
        size -= 1
        font = ImageFont.load_default(size)
        left, top, right, bottom = font.getbbox(WORDS)
    halo = max(1, size // 8)
    extent = (math.ceil(right - left) + 2 * halo, math.ceil(bottom - top) + 2 * halo)
    letters = Image.new("L", extent)
    ImageDraw.Draw(letters).text((halo - left, halo - top), WORDS, font=font, fill=255)
    shade = Image.new("L", extent)
    ImageDraw.Draw(shade).text((halo - left, halo - top), WORDS, font=font, fill=255, stroke_width=halo)
    ink, paper = (torch.from_numpy(np.asarray(layer).astype(np.float32) / 255) for layer in (letters, shade))
    return ink[:height, :width] * _OPACITY, paper[:height, :width] * _SHADOW
