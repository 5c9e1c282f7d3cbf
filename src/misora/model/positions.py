"""Rotary positions in physical units: seconds, and cells from the centre of the picture (Su et al. 2021, arXiv:2104.09864).

Each attention head gives a quarter of its pairs to time and the rest, halved, to rows and columns.
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor

from misora.model.dial import HEAD_WIDTH
from misora.model.grid import Grid

PAIRS = HEAD_WIDTH // 2
TIME_PAIRS = PAIRS // 4
SPACE_PAIRS = (PAIRS - TIME_PAIRS) // 2
PLACE_PAIRS = 12
NUM_PLACE_WAVES = 2 * 3 * PLACE_PAIRS
FASTEST_PER_SECOND, SLOWEST_PER_SECOND = 4.0, 0.05
FASTEST_PER_CELL, SLOWEST_PER_CELL = 1.0, 0.02


def token_positions(grid: Grid, *, start_seconds: float = 0.0) -> Float[Tensor, "n 3"]:
    """List where every token of a clip stands, ordered by latent frame, row, column; cards come last.

    Args:
        grid: extent of the clip.
        start_seconds: time of the first group on the clip's clock.

    Returns:
        Seconds at the middle of the group or of the card, rows below and columns right of the centre, in cells.
    """
    seconds = start_seconds + torch.tensor(grid.latent_frame_seconds)
    rows = torch.arange(grid.rows) - (grid.rows - 1) / 2
    columns = torch.arange(grid.columns) - (grid.columns - 1) / 2
    return torch.cartesian_prod(seconds.float(), rows.float(), columns.float()).view(-1, 3)


def place_waves(positions: Float[Tensor, "n 3"]) -> Float[Tensor, "n waves"]:
    """Spread positions over sines and cosines, so that a token knows where it stands and not only how far others are.

    Args:
        positions: seconds, rows, columns of each token.

    Returns:
        Cosines and sines of each axis at the rates of the rotary positions' fastest to slowest.
    """
    time = _geometric(FASTEST_PER_SECOND, SLOWEST_PER_SECOND, PLACE_PAIRS)
    space = _geometric(FASTEST_PER_CELL, SLOWEST_PER_CELL, PLACE_PAIRS)
    angles = torch.cat([positions[:, axis, None] * (space if axis else time) for axis in range(3)], dim=1)
    return torch.cat((angles.cos(), angles.sin()), dim=1)


def angular_frequencies() -> Float[Tensor, "3 pairs"]:
    """Give the turning rate of every pair along time, rows and columns; a pair turns along one axis only."""
    rates = torch.zeros(3, PAIRS)
    rates[0, :TIME_PAIRS] = _geometric(FASTEST_PER_SECOND, SLOWEST_PER_SECOND, TIME_PAIRS)
    rates[1, TIME_PAIRS : TIME_PAIRS + SPACE_PAIRS] = _geometric(FASTEST_PER_CELL, SLOWEST_PER_CELL, SPACE_PAIRS)
    rates[2, TIME_PAIRS + SPACE_PAIRS :] = _geometric(FASTEST_PER_CELL, SLOWEST_PER_CELL, SPACE_PAIRS)
    return rates


def rotations(positions: Float[Tensor, "n 3"]) -> Float[Tensor, "2 n pairs"]:
    """Turn positions into the cosine and sine of each pair's angle.

    Args:
        positions: seconds, rows, columns of each token.

    Returns:
        Cosines, then sines.
    """
    angles = positions @ angular_frequencies().to(positions)
    return torch.stack((angles.cos(), angles.sin()))


def rotate(heads: Float[Tensor, "n h c"], turns: Float[Tensor, "2 n pairs"]) -> Float[Tensor, "n h c"]:
    """Turn each pair of numbers by its angle; the pairs are (i, i + 32).

    Args:
        heads: queries or keys of each token and head.
        turns: cosines and sines from `rotations`.

    Returns:
        The turned queries or keys, in the same type.

    Source: Su et al. 2021, arXiv:2104.09864, eq. 34, with the pairs laid half a head apart.
    """
    cosine, sine = turns.to(heads.dtype).unsqueeze(2).unbind(0)
    first, second = heads.chunk(2, dim=-1)
    return torch.cat((first * cosine - second * sine, second * cosine + first * sine), dim=-1)


def _geometric(fastest: float, slowest: float, num: int) -> Float[Tensor, " num"]:
    return torch.exp(torch.linspace(math.log(fastest), math.log(slowest), num))
