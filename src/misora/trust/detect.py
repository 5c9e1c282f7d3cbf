"""Is there a mark of ours, and what does it say? A bare answer is a hint: a mark can be copied from clip to clip."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from misora.trust.code import decode_id, encode_id
from misora.trust.search import LARGEST, SMALLEST, Peak, best_of, middle_of, spectra_of
from misora.trust.tile import TILE_PX, MarkKey, bins_of, ring
from misora.trust.whiten import luma_of, whitened
from misora.video.clip import Clip

FALSE_ALARM = 1e-6
_MAX_FRAMES = 64
_LARGE_PX, _MIDDLE_PX = 192, 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """What a search for the mark found.

    Attributes:
        found: whether `p_value` is below 1e-6.
        mark_id: what the mark says; None where none was found.
        z: score of the best place.
        p_value: how often a clip without our mark would score as high, over the whole search; an upper bound.
        scale: size of the clip over the size it was marked at; 1 where none was found.
        is_mirrored: whether it was seen in a mirror.
        id_agreement: share of the bins that bear the id which agree with it: 1 clear, 0.5 nothing.
    """

    found: bool
    mark_id: int | None
    z: float
    p_value: float
    scale: float
    is_mirrored: bool
    id_agreement: float


def detect(clip: Clip, key: MarkKey) -> Detection:
    """Search a clip for the mark of a key.

    Where a large picture shows nothing as a whole, its middle is searched alone: turned or bent a little, only a small
    part still lies on one grid. The p-value counts both looks.

    Args:
        clip: or a still; of a long one 64 frames are looked at.
        key: the secret.

    Returns:
        What was found.
    """
    structure = structure_of(clip)
    parts = [structure] if max(structure.shape) < _LARGE_PX else [structure, middle_of(structure, _MIDDLE_PX)]
    looks = []
    for part in parts:
        spectra = spectra_of(part)
        peak = best_of(spectra, key)
        looks.append((min(1.0, len(parts) * p_value_of(peak.z, spectra.size_px)), peak))
        if looks[-1][0] < FALSE_ALARM:
            break
    p_value, peak = min(looks, key=lambda look: look[0])
    found = p_value < FALSE_ALARM
    mark_id, agreement = _read(peak, key)
    return Detection(
        found=found,
        mark_id=mark_id if found else None,
        z=peak.z,
        p_value=p_value,
        scale=1 / peak.zoom if found else 1.0,
        is_mirrored=found and peak.is_mirrored,
        id_agreement=agreement,
    )


def structure_of(clip: Clip) -> Float32[np.ndarray, "H W"]:
    """Average what the detector sees of a clip: the mark stands still while the picture moves.

    Args:
        clip: or a still.

    Returns:
        The mean over frames, evenly chosen where there are many.
    """
    chosen = np.unique(np.linspace(0, clip.num_frames - 1, min(clip.num_frames, _MAX_FRAMES)).round().astype(int))
    total = np.zeros(clip.frames.shape[2:], dtype=np.float32)
    for index in chosen:
        total += whitened(luma_of(clip.frames[int(index)].cpu().numpy()))[0]
    return total / len(chosen)


def p_value_of(z: float, size_px: tuple[int, int]) -> float:
    """How often the search would score as high where there is no mark.

    Under a secret key the phases are uniform whatever the picture, so the score at any one place is a sum of independent
    cosines: about standard normal, with lighter tails. Over shifts and sizes it is a smooth random field, and the chance
    that it rises above z anywhere is the expected Euler characteristic of what rises above:

        p = 2 ( V3 (z² - 1) / (2 pi)² + V2 z / (2 pi)^1.5 ) exp(-z²/2)

    V3 and V2 are the volumes of the search and of its end faces, measured by how quickly the field varies; 2 for the mirror.

    Args:
        z: the best score, at least 1 to mean anything.
        size_px: rows and columns of what was looked at.

    Returns:
        The probability, at most 1.

    Source: Adler and Taylor 2007, "Random Fields and Geometry", as Worsley et al. 1996 use it.
    """
    if z < 2:
        return 1.0
    rates = [np.mean((2 * np.pi / TILE_PX * axis) ** 2) for axis in ring()]  # variance of the slope, per tile pixel
    face = TILE_PX**2 * np.sqrt(rates[0] * rates[1])
    by_zoom = sum(rate * (side**2 - 1) / 12 for rate, side in zip(rates, size_px, strict=True))
    volume = face * np.sqrt(by_zoom) * (1 / SMALLEST - 1 / LARGEST)
    inside, ends = volume * (z * z - 1) / (2 * np.pi) ** 2, face * z / (2 * np.pi) ** 1.5
    return float(min(1.0, 2 * (inside + ends) * np.exp(-z * z / 2)))


def _read(peak: Peak, key: MarkKey) -> tuple[int, float]:
    read = peak.agreement[bins_of(key).data]
    mark_id = decode_id(read.sum(axis=0))
    return mark_id, float(np.mean((read > 0) == (encode_id(mark_id) > 0)))
