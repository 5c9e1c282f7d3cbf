"""The search: a picture's spectrum on the ring at every size, and how well it agrees with a key at every shift.

A picture shrunk to 1/zoom of its size bears its mark at zoom times the frequency, so the search over sizes asks for the
spectrum there and resamples nothing:

    G(v, u; zoom) = sum over pixels of  r(y, x) exp(-2 pi j zoom (v y + u x) / T)

Of each bin only the phase counts: q = G / |G|. The score at a shift is z = sqrt(2/S) · sum over the sync bins of
Re q exp(-j phi) exp(2 pi j (v dy + u dx) / T), and one inverse transform gives it at all shifts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Complex64, Float32, Float64
from scipy import fft

from misora.trust.tile import HIGHEST, TILE_PX, Bins, MarkKey, bins_of

SMALLEST, LARGEST = 0.5, 2.0
WINDOW_PX = 384
_MOST = int(HIGHEST)
_NUM_REFINED = 4
_NUM_NEAR = 4  # sizes to each side
_NUDGES_PX = np.arange(-3, 4) / 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Spectra:
    """A picture's phases on the ring, at all sizes.

    Attributes:
        phasors: of unit size, rows 0 to 20 and columns -20 to 20.
        sizes: what the phasors were divided by.
        zooms: how much larger the picture was when it was marked; every second is scanned, the others refine.
        size_px: rows and columns of what was looked at.
    """

    phasors: Complex64[np.ndarray, "s 21 41"]
    sizes: Float32[np.ndarray, "s 21 41"]
    zooms: Float64[np.ndarray, " s"]
    size_px: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """The best agreement found.

    Attributes:
        z: the score, about standard normal at any one place where there is no mark.
        zoom: how much larger the picture was when it was marked.
        is_mirrored: whether it agrees in a mirror.
        agreement: of every bin, the cosine between what is and what the key says, from -1 to 1.
    """

    z: float
    zoom: float
    is_mirrored: bool
    agreement: Float32[np.ndarray, " n"]


def spectra_of(structure: Float32[np.ndarray, "H W"]) -> Spectra:
    """Transform a whitened picture at all sizes.

    Args:
        structure: the mean over frames; of a large one the middle is looked at.

    Returns:
        Phases.
    """
    part = middle_of(structure, WINDOW_PX)
    zooms = _zooms(max(part.shape))
    bins = np.concatenate([_transformed(part, some) for some in np.array_split(zooms, -(-len(zooms) // 64))])
    sizes = np.abs(bins)
    phasors = bins / np.maximum(sizes, np.float32(1e-12))
    return Spectra(phasors=phasors, sizes=sizes, zooms=zooms, size_px=part.shape)


def middle_of(structure: Float32[np.ndarray, "H W"], side_px: int) -> Float32[np.ndarray, "h w"]:
    """Cut the middle out.

    Args:
        structure: of a picture.
        side_px: at most this many rows and columns are left.

    Returns:
        A view.
    """
    top, left = (max(0, side - side_px) // 2 for side in structure.shape)
    return structure[top : top + side_px, left : left + side_px]


def best_of(spectra: Spectra, key: MarkKey) -> Peak:
    """Find where a picture agrees best with a key.

    Args:
        spectra: of the picture.
        key: the secret.

    Returns:
        The best place.
    """
    bins = bins_of(key)
    found = [
        (float(heights[place]), is_mirrored, 2 * index, int(place))
        for is_mirrored in (False, True)
        for index, (place, heights) in enumerate(_scanned(spectra.phasors[::2], bins, is_mirrored))
    ]
    peaks = [_refined(spectra, bins, *candidate[1:]) for candidate in sorted(found, reverse=True)[:_NUM_REFINED]]
    return max(peaks, key=lambda peak: peak.z)


def score_at(spectra: Spectra, key: MarkKey, index: int, down_px: float, right_px: float) -> float:
    """Score one place that no search has chosen.

    Args:
        spectra: of the picture.
        key: the secret.
        index: of the size.
        down_px: shift, in pixels of the tile.
        right_px: the same to the right.

    Returns:
        z; standard normal under a key that has nothing to do with the picture.
    """
    bins = bins_of(key)
    rows, columns = bins.rows[bins.sync], bins.columns[bins.sync]
    angles = bins.phases[bins.sync] - 2 * np.pi / TILE_PX * (rows * down_px + columns * right_px)
    cosines = np.real(spectra.phasors[index, rows, columns + _MOST] * np.exp(-1j * angles))
    return float(np.sqrt(2 / len(rows)) * cosines.sum())


def _zooms(side_px: int) -> Float64[np.ndarray, " s"]:
    """Even steps, through 1, so small that between two of them no bin turns far at the picture's rim."""
    step = 1 / side_px
    first, last = int(np.floor((1 - SMALLEST) / step / 2)) * 2, int(np.floor((LARGEST - 1) / step / 2)) * 2
    return 1 + step * np.arange(-first, last + 1)


def _transformed(
    structure: Float32[np.ndarray, "H W"], zooms: Float64[np.ndarray, " s"]
) -> Complex64[np.ndarray, "s 21 41"]:
    """Columns first, then rows; columns left of 0 follow, since the picture is real."""
    down, across = (_waves(zooms, side) for side in structure.shape)
    flat = across.reshape(-1, structure.shape[1])
    halfway = np.empty((flat.shape[0], structure.shape[0]), dtype=np.complex64)
    np.matmul(np.real(flat), structure.T, out=halfway.real)
    np.matmul(np.imag(flat), structure.T, out=halfway.imag)
    halfway = halfway.reshape(len(zooms), _MOST + 1, -1).transpose(0, 2, 1)
    right, left = down @ halfway, down @ halfway.conj()
    return np.concatenate([left[:, :, :0:-1], right], axis=2)


def _waves(zooms: Float64[np.ndarray, " s"], side_px: int) -> Complex64[np.ndarray, "s 21 side"]:
    places = (np.arange(side_px) - (side_px - 1) / 2) / TILE_PX
    waves = np.ones((len(zooms), _MOST + 1, side_px), dtype=np.complex64)
    slowest = np.exp(-2j * np.pi * zooms[:, None] * places).astype(np.complex64)
    for cycles in range(1, _MOST + 1):
        np.multiply(waves[:, cycles - 1], slowest, out=waves[:, cycles])
    return waves


def _scanned(
    phasors: Complex64[np.ndarray, "s 21 41"], bins: Bins, is_mirrored: bool
) -> list[tuple[int, Float32[np.ndarray, " places"]]]:
    """At each size the best place, and the scores at all 64 x 64."""
    rows, columns = bins.rows[bins.sync], bins.columns[bins.sync]
    turned = phasors[:, rows, (-columns if is_mirrored else columns) + _MOST] * np.exp(-1j * bins.phases[bins.sync])
    half = np.zeros((len(phasors), TILE_PX, TILE_PX // 2 + 1), dtype=np.complex64)
    half[:, columns % TILE_PX, rows] = turned * np.where(rows == 0, 2, 1)  # of rows 0 the transform takes half
    scores = np.asarray(fft.irfft2(half, s=(TILE_PX, TILE_PX))).reshape(len(phasors), -1)
    scores *= np.float32(TILE_PX**2 / 2 * np.sqrt(2 / len(bins.sync)))
    return list(zip(scores.argmax(axis=1).tolist(), scores, strict=True))


def _refined(spectra: Spectra, bins: Bins, is_mirrored: bool, index: int, place: int) -> Peak:
    """Look around a place of the scan: half a step in size, quarter pixels in shift; then measure the size."""
    right, down = divmod(place, TILE_PX)
    columns = -bins.columns if is_mirrored else bins.columns
    near = np.arange(max(0, index - _NUM_NEAR), min(len(spectra.zooms), index + _NUM_NEAR + 1))
    here = near[:, None], bins.rows, columns + _MOST
    turned = spectra.phasors[here] * np.exp(-1j * bins.phases)
    waves_down = np.exp(2j * np.pi / TILE_PX * bins.rows[:, None] * (down + _NUDGES_PX))
    waves_right = np.exp(2j * np.pi / TILE_PX * bins.columns[:, None] * (right + _NUDGES_PX))
    sync = bins.sync
    beside = np.abs(near - index) <= 1
    mixed = turned[beside][:, sync, None] * waves_down[sync]
    scores = np.real(np.einsum("snd,nr->sdr", mixed, waves_right[sync], optimize=True)) * np.sqrt(2 / len(sync))
    size, row, column = np.unravel_index(int(scores.argmax()), scores.shape)
    cosines = np.real(turned * waves_down[:, row] * waves_right[:, column])
    loudest = int(
        (cosines * spectra.sizes[here]).sum(axis=1).argmax()
    )  # phases alone hardly tell neighbouring sizes apart
    return Peak(
        z=float(scores[size, row, column]),
        zoom=float(spectra.zooms[near[loudest]]),
        is_mirrored=is_mirrored,
        agreement=cosines[beside][size].astype(np.float32),
    )
