"""Putting the mark into frames: a tile repeated over each frame, stronger where texture hides it.

The picture itself is the loudest noise that a detector meets, and the embedder knows it. So it spends its strength where
it counts: bins that already point the right way get little, those that can be turned get more, hopeless ones are left
(informed embedding; cf. Malvar and Florencio 2003, "improved spread spectrum", and Cox et al. 1999). Frames are marked as
they come, with the memory of a short running mean, so a stream of any length takes constant memory.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Complex64, Float32, UInt8
from torch import Tensor

from misora.trust.tile import TILE_PX, MarkKey, folded, repeated, ring, spectrum_of, tile_of, wanted
from misora.trust.whiten import NEAR_PX, box, luma_of, passed, whitened

STRENGTH = 2.0  # grey levels where nothing hides them
FLOOR_DB, LARGE_FLOOR_DB = 38.3, 40.0
_LARGE_PX = 192 * 192  # nine tiles: what is summed over more of them may be fainter
_HIDING_PX = 9
_LEAST, _LEVELS, _MOST = 0.5, 2.0, 2.5  # gain without texture, texture that adds one, gain at most
_MEMORY_FRAMES = 8
_NUM_STEPS, _STEP = 8, 0.2
_INFORMED_PX = 320 * 320  # beyond it many tiles drown the picture anyway


class Marker:
    """Marks the frames of one video as they come.

    Example:
        >>> marker = Marker(key=MarkKey(bytes(32)), mark_id=7)
        >>> marker.mark(torch.zeros(2, 3, 64, 96, dtype=torch.uint8)).shape
        torch.Size([2, 3, 64, 96])
    """

    def __init__(self, *, key: MarkKey, mark_id: int) -> None:
        """Choose what to say.

        Args:
            key: the secret.
            mark_id: 0 to 2**32 - 1.

        Raises:
            UsageError: if the id needs more than 32 bits.
        """
        self._wanted = wanted(key, mark_id)
        self._seen = np.zeros(len(self._wanted), dtype=np.complex64)
        self._num_frames = 0

    def mark(self, frames: UInt8[Tensor, "f 3 H W"]) -> UInt8[Tensor, "f 3 H W"]:
        """Mark the next frames.

        Args:
            frames: RGB.

        Returns:
            New frames, each at least `FLOOR_DB` from its original, a large one `LARGE_FLOOR_DB`.
        """
        pixels = frames.cpu().numpy()
        marked = np.empty_like(pixels)
        for frame, target in zip(pixels, marked, strict=True):
            levels = frame + (self._pattern(luma_of(frame)) + np.float32(0.5))
            np.clip(levels, 0, 255.5, out=levels)
            target[...] = levels  # cuts off: with the half added it rounds
        return torch.from_numpy(marked)

    def _pattern(self, luma: Float32[np.ndarray, "H W"]) -> Float32[np.ndarray, "H W"]:
        gain = gain_of(luma)
        floor_db = FLOOR_DB if luma.size < _LARGE_PX else LARGE_FLOOR_DB
        allowed = np.float32(255 / 10 ** (floor_db / 20))
        ceiling = min(1.0, allowed / np.sqrt(np.mean(gain * gain)))
        weights = np.ones_like(self._wanted)
        if luma.size <= _INFORMED_PX:
            structure, counts = whitened(luma)
            self._remember(structure)
            weights = weights_for(self._seen, _kept() * np.float32((counts * gain).sum() * ceiling))
        pattern = gain * repeated(tile_of(weights * self._wanted), *luma.shape)
        return pattern * min(1.0, allowed / np.sqrt(np.mean(pattern * pattern)))

    def _remember(self, structure: Float32[np.ndarray, "H W"]) -> None:
        seen = spectrum_of(folded(structure)) * self._wanted.conj()
        self._num_frames += 1
        self._seen += (seen - self._seen) / min(self._num_frames, _MEMORY_FRAMES)


def embed(frames: UInt8[Tensor, "f 3 H W"], *, mark_id: int, key: MarkKey) -> UInt8[Tensor, "f 3 H W"]:
    """Mark every frame of a clip.

    Args:
        frames: RGB.
        mark_id: what to say, 0 to 2**32 - 1.
        key: the secret.

    Returns:
        New frames, each at least `FLOOR_DB` from its original, a large one `LARGE_FLOOR_DB`.

    Raises:
        UsageError: if the id needs more than 32 bits.
    """
    return Marker(key=key, mark_id=mark_id).mark(frames)


def gain_of(luma: Float32[np.ndarray, "H W"]) -> Float32[np.ndarray, "H W"]:
    """Say how strongly each pixel may be marked.

    Args:
        luma: of one frame, 0 to 255.

    Returns:
        Grey levels.
    """
    roots = box(
        np.sqrt(np.abs(luma - box(luma, NEAR_PX))), _HIDING_PX
    )  # of roots: an edge is few pixels and hides little
    return STRENGTH * np.clip(_LEAST + roots * roots / _LEVELS, _LEAST, _MOST)


def weights_for(seen: Complex64[np.ndarray, " n"], answer: Float32[np.ndarray, " n"]) -> Complex64[np.ndarray, " n"]:
    """Share the strength among the bins so that what the detector sums up is largest.

    Climbs the sum over bins of Re z_i / sqrt(|z_i|² + a_i²), with z_i = seen_i + answer_i x_i: the cosine that the detector
    will read, as it is on average after damage about as large as the mark itself (a_i).

    Args:
        seen: the picture's own bins, relative to the wanted direction.
        answer: how far a weight of 1 moves each bin.

    Returns:
        Weights x_i of root mean square 1, relative to the wanted direction.
    """
    aligned, across = np.ones_like(answer), np.zeros_like(answer)  # real and imaginary parts of the weights
    damage = answer * answer + np.float32(1e-9)
    for _ in range(_NUM_STEPS):
        real, imaginary = np.real(seen) + answer * aligned, np.imag(seen) + answer * across
        rest = imaginary * imaginary + damage
        steepness = answer * (real * real + rest) ** np.float32(-1.5)
        up, aside = steepness * rest, -steepness * real * imaginary
        step = np.float32(_STEP / (_norm(up, aside) + 1e-12))
        aligned, across = aligned + step * up, across + step * aside
        size = np.float32(1 / _norm(aligned, across))
        aligned, across = aligned * size, across * size
    return (aligned + 1j * across).astype(np.complex64)


@lru_cache(maxsize=1)
def _kept() -> Float32[np.ndarray, " n"]:
    """How much of each bin is left once the local mean is taken away, times what a bin of weight 1 is in a fold."""
    rows, columns = ring()
    kept = 1 - passed(rows / TILE_PX) * passed(columns / TILE_PX)
    return (kept / np.sqrt(2 * len(rows))).astype(np.float32)


def _norm(real: Float32[np.ndarray, " n"], imaginary: Float32[np.ndarray, " n"]) -> float:
    """Root mean square."""
    return float(np.sqrt((real @ real + imaginary @ imaginary) / len(real)))
