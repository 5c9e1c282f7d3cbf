"""Colours, floors and lights of the playroom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8

from misora.core.seeds import numpy_rng
from misora.worlds.script import FLOORS

RGB = {
    "red": (0.86, 0.06, 0.07),
    "orange": (1.0, 0.42, 0.02),
    "yellow": (1.0, 0.93, 0.10),
    "green": (0.06, 0.62, 0.16),
    "blue": (0.08, 0.25, 0.92),
    "purple": (0.48, 0.12, 0.74),
    "pink": (1.0, 0.52, 0.74),
    "brown": (0.36, 0.18, 0.07),
    "white": (0.97, 0.97, 0.97),
    "black": (0.05, 0.05, 0.055),
}
SHADE = {
    "red": (0.45, 0.02, 0.03),
    "orange": (1.0, 0.72, 0.40),
    "yellow": (0.78, 0.66, 0.0),
    "green": (0.02, 0.30, 0.07),
    "blue": (0.48, 0.62, 1.0),
    "purple": (0.71, 0.44, 0.93),
    "pink": (1.0, 0.84, 0.92),
    "brown": (0.62, 0.38, 0.20),
    "white": (0.66, 0.66, 0.66),
    "black": (0.32, 0.32, 0.33),
}
"""The other shade of a checkered thing: of the same hue, so that the name of the colour stays right."""
TEXTURE_SIDE = 512
PATCH_SIDE = 32
FLOOR_TILE_M = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """Strengths per channel.

    Attributes:
        sun: of the directional light, which casts the shadows.
        fill: of the light from everywhere.
        slope_degrees: least and largest height of the sun over the horizon.
    """

    sun: tuple[float, float, float]
    fill: tuple[float, float, float]
    slope_degrees: tuple[float, float] = (50.0, 62.0)


LIGHT = {
    "bright": Light(sun=(0.62, 0.62, 0.62), fill=(0.46, 0.46, 0.47)),
    "warm": Light(sun=(0.67, 0.60, 0.51), fill=(0.44, 0.405, 0.355)),
    "dim": Light(sun=(0.41, 0.41, 0.415), fill=(0.305, 0.305, 0.31)),
    "low": Light(sun=(0.98, 0.85, 0.66), fill=(0.43, 0.415, 0.42), slope_degrees=(19.0, 25.0)),
}


def floor_texture(floor: str) -> UInt8[np.ndarray, "s s 3"]:
    """Paint a floor, which repeats without a seam.

    Args:
        floor: one of `FLOORS`.

    Returns:
        RGB, 0..255.
    """
    assert floor in FLOORS
    rng = numpy_rng("floor texture", floor)
    if floor == "wooden":
        picture = _planks(rng)
    elif floor == "checkered":
        tile = TEXTURE_SIDE // 8
        row, column = np.indices((TEXTURE_SIDE, TEXTURE_SIDE)) // tile
        is_light = ((row + column) % 2 == 0)[..., None]
        picture = np.where(is_light, np.array([0.80, 0.80, 0.78]), np.array([0.30, 0.31, 0.34]))
        picture = picture * (1 + 0.03 * _clouds(rng, 1.5)[..., None])
    else:
        base = {"green": (0.36, 0.55, 0.33), "grey": (0.515, 0.525, 0.535)}[floor]
        picture = np.array(base) * (1 + 0.10 * _clouds(rng, 1.3)[..., None])
    return (np.clip(picture, 0, 1) * 255).round().astype(np.uint8)


def patches(colour: str) -> UInt8[np.ndarray, "s w 3"]:
    """Paint the six faces of a cube, one below the other, so that the eight corners take turns in shade.

    Args:
        colour: one of `RGB`.

    Returns:
        RGB, 0..255.
    """
    row, column = np.indices((6 * PATCH_SIDE, PATCH_SIDE))
    is_right, is_low, face = column >= PATCH_SIDE // 2, row % PATCH_SIDE >= PATCH_SIDE // 2, row // PATCH_SIDE
    is_own = (is_right ^ is_low ^ (face % 2 == 1))[..., None]
    picture = np.where(is_own, np.array(RGB[colour]), np.array(SHADE[colour]))
    return (picture * 255).round().astype(np.uint8)


def _clouds(rng: np.random.Generator, steepness: float) -> np.ndarray:
    """Seamless noise of unit deviation, coarser for a larger steepness."""
    frequency = np.fft.fftfreq(TEXTURE_SIDE) * TEXTURE_SIDE
    radius = np.hypot(*np.meshgrid(frequency, frequency, indexing="ij"))
    spectrum = np.fft.fft2(rng.standard_normal((TEXTURE_SIDE, TEXTURE_SIDE)))
    noise = np.fft.ifft2(spectrum / np.maximum(radius, 3.0) ** steepness).real
    return (noise - noise.mean()) / noise.std()


def _planks(rng: np.random.Generator) -> np.ndarray:
    """Boards of different browns with dark joints and a grain along them."""
    width = TEXTURE_SIDE // 8
    shade = np.repeat(rng.uniform(0.82, 1.12, size=(8, 2)), width, axis=0)
    picture = np.empty((TEXTURE_SIDE, TEXTURE_SIDE))
    joint = np.ones((TEXTURE_SIDE, TEXTURE_SIDE))
    for board in range(8):
        rows = slice(board * width, (board + 1) * width)
        cut = int(rng.integers(0, TEXTURE_SIDE))
        half = np.roll(np.arange(TEXTURE_SIDE) >= TEXTURE_SIDE // 2, cut)
        picture[rows] = np.where(half, shade[board * width, 0], shade[board * width, 1])
        joint[board * width : board * width + 3] = 0.55
        joint[rows, cut : cut + 3] = 0.55
        joint[rows, (cut + TEXTURE_SIDE // 2) % TEXTURE_SIDE :][:, :3] = 0.55
    grain = np.repeat(_clouds(rng, 0.6)[:, ::16], 16, axis=1)
    grain = (grain + np.roll(grain, 5, axis=1) + np.roll(grain, -5, axis=1)) / 3
    return np.array([0.66, 0.46, 0.27]) * (picture * joint * (1 + 0.06 * grain))[..., None]
