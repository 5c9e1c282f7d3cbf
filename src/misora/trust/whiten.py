"""What the detector sees of a frame: fine structure alone, texture as loud as plain ground.

A picture's own structure is the noise in which the mark is sought. Taking the local mean away and dividing by the local
spread leaves that noise about white, so that no edge outvotes the rest; limiting what still stands out does the same for
specks. The embedder looks through the same eyes to learn what the picture will answer.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float32, Float64, UInt8
from scipy.ndimage import uniform_filter

NEAR_PX = 5
_SPREAD_PX = 7
_LEAST_SPREAD = 0.7  # grey levels; below it there is nothing but rounding
_LIMIT = 1.5
_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)


def luma_of(frame: UInt8[np.ndarray, "3 H W"]) -> Float32[np.ndarray, "H W"]:
    """Take the brightness of a frame, BT.601.

    Args:
        frame: RGB.

    Returns:
        0 to 255.
    """
    return np.tensordot(_LUMA, frame.astype(np.float32), 1)


def box(levels: Float32[np.ndarray, "H W"], side_px: int) -> Float32[np.ndarray, "H W"]:
    """Average over a square; what lies outside repeats the edge.

    Args:
        levels: of a frame.
        side_px: of the square.

    Returns:
        The local mean.
    """
    return uniform_filter(levels, side_px, mode="nearest")


def whitened(luma: Float32[np.ndarray, "H W"]) -> tuple[Float32[np.ndarray, "H W"], Float32[np.ndarray, "H W"]]:
    """Look at a frame as the detector does.

    Args:
        luma: 0 to 255.

    Returns:
        Structure of about unit spread, limited; and what a grey level counted for at each pixel.
    """
    structure = luma - box(luma, NEAR_PX)
    spread = np.sqrt(np.maximum(box(structure * structure, _SPREAD_PX), 0))
    weight = 1 / (spread + np.float32(_LEAST_SPREAD))
    return np.clip(structure * weight, -_LIMIT, _LIMIT), weight


def passed(cycles_a_px: Float64[np.ndarray, " n"]) -> Float64[np.ndarray, " n"]:
    """How much of a wave along one axis a box of `NEAR_PX` keeps.

    Args:
        cycles_a_px: frequencies.

    Returns:
        The box's response, 1 for a constant.
    """
    return np.sinc(NEAR_PX * cycles_a_px) / np.sinc(cycles_a_px)
