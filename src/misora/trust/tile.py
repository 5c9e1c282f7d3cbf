"""The keyed pattern: a periodic tile whose spectrum is a ring of bins with secret phases.

    p(y, x) = sqrt(2/n) · sum over bins i of  Re  x_i s_i exp(j (phi_i + 2 pi (v_i y + u_i x) / T)),   x_i = 1 in the plain tile

The key alone decides the phases phi_i and which bins only help to find the mark (s_i = +1) and which bear the signs of the
id. Kin to JAWS (Kalker et al. 1999) and to phase-only matching; ours differs in the ring, the code of the id, the keyed
split, the weights x_i that answer to the picture, and the search.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from jaxtyping import Complex64, Float32, Int64
from scipy import fft

from misora.core.errors import UsageError
from misora.trust.code import NUM_SIGNS, encode_id

TILE_PX = 64
LOWEST, HIGHEST = 6.0, 20.0  # cycles a tile
NUM_COPIES = 3  # of each sign of the id
KEY_BYTES = 32
_DOMAIN = b"misora watermark 1"


@dataclass(frozen=True, slots=True)
class MarkKey:
    """The secret of an installation's mark: who has it can find, forge and remove marks.

    Attributes:
        secret: 32 bytes from a cryptographic generator.
    """

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != KEY_BYTES:
            raise UsageError(
                f"a mark's key has {KEY_BYTES} bytes, got {len(self.secret)}; draw it with secrets.token_bytes({KEY_BYTES})"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Bins:
    """Which frequencies bear what, under one key.

    Attributes:
        rows: cycles a tile downwards, 0 or more.
        columns: cycles a tile to the right; above 0 where `rows` is 0.
        phases: radians.
        sync: indices of the bins that are always positive.
        data: indices of the bins that bear the signs of the id, a row a copy.
    """

    rows: Int64[np.ndarray, " n"]
    columns: Int64[np.ndarray, " n"]
    phases: Float32[np.ndarray, " n"]
    sync: Int64[np.ndarray, " s"]
    data: Int64[np.ndarray, "3 96"]


@lru_cache(maxsize=64)
def bins_of(key: MarkKey) -> Bins:
    """Draw phases and roles from a key, by SHAKE-256.

    Args:
        key: the secret.

    Returns:
        The bins; the same on every machine.
    """
    rows, columns = ring()
    count = len(rows)
    stream = hashlib.shake_256(_DOMAIN + key.secret).digest(12 * count)
    words = np.frombuffer(stream, dtype="<u4", count=count)
    order = np.argsort(np.frombuffer(stream, dtype="<u8", offset=4 * count), kind="stable")
    num_data = NUM_COPIES * NUM_SIGNS
    return Bins(
        rows=rows,
        columns=columns,
        phases=(words * (2 * np.pi / 2**32)).astype(np.float32),
        sync=np.sort(order[num_data:]),
        data=order[:num_data].reshape(NUM_COPIES, NUM_SIGNS),
    )


@lru_cache(maxsize=1)
def ring() -> tuple[Int64[np.ndarray, " n"], Int64[np.ndarray, " n"]]:
    """List the frequencies of the ring, one of each conjugate pair.

    Returns:
        Rows and columns, in cycles a tile.
    """
    most = int(HIGHEST)
    rows, columns = np.meshgrid(np.arange(most + 1), np.arange(-most, most + 1), indexing="ij")
    radius = np.hypot(rows, columns)
    inside = (radius >= LOWEST) & (radius <= HIGHEST) & ((rows > 0) | (columns > 0))
    return rows[inside], columns[inside]


@lru_cache(maxsize=8)
def wanted(key: MarkKey, mark_id: int) -> Complex64[np.ndarray, " n"]:
    """Say which way each bin shall point.

    Args:
        key: the secret.
        mark_id: 0 to 2**32 - 1.

    Returns:
        s_i exp(j phi_i), of unit size; not to be written to.

    Raises:
        UsageError: if the id needs more than 32 bits.
    """
    bins = bins_of(key)
    signs = np.ones(len(bins.rows), dtype=np.float32)
    signs[bins.data] = encode_id(mark_id)
    directions = (signs * np.exp(1j * bins.phases)).astype(np.complex64)
    directions.setflags(write=False)
    return directions


def tile_of(spectrum: Complex64[np.ndarray, " n"]) -> Float32[np.ndarray, "64 64"]:
    """Draw the tile of a spectrum.

    Args:
        spectrum: of each bin of the ring; of root mean square 1 it gives unit variance.

    Returns:
        The levels.
    """
    rows, columns = ring()
    half = np.zeros((TILE_PX // 2 + 1, TILE_PX), dtype=np.complex64)
    half[rows, columns] = spectrum * np.where(rows == 0, 2, 1)  # of rows 0 the transform takes half
    levels = np.asarray(fft.irfft2(half, s=(TILE_PX, TILE_PX), axes=(1, 0)))
    return levels * np.float32(TILE_PX**2 / 2 * np.sqrt(2 / len(rows)))


def repeated(tile: Float32[np.ndarray, "64 64"], rows: int, columns: int) -> Float32[np.ndarray, "H W"]:
    """Lay a tile side by side from the top left.

    Args:
        tile: the pattern.
        rows: of the frame.
        columns: of the frame.

    Returns:
        The frame's pattern.
    """
    times = (-(-rows // TILE_PX), -(-columns // TILE_PX))
    return np.tile(tile, times)[:rows, :columns]


def folded(levels: Float32[np.ndarray, "H W"]) -> Float32[np.ndarray, "64 64"]:
    """Sum all the tiles of a frame; where it ends within one, the rest counts as 0.

    Args:
        levels: of a frame.

    Returns:
        The sum.
    """
    rows, columns = levels.shape
    padded = np.pad(levels, ((0, -rows % TILE_PX), (0, -columns % TILE_PX)))
    return padded.reshape(-1, TILE_PX, padded.shape[1] // TILE_PX, TILE_PX).sum((0, 2))


def spectrum_of(tile: Float32[np.ndarray, "64 64"]) -> Complex64[np.ndarray, " n"]:
    """Transform a tile.

    Args:
        tile: the levels.

    Returns:
        The bins of the ring.
    """
    rows, columns = ring()
    return np.asarray(fft.rfft2(tile, axes=(1, 0)))[rows, columns]
