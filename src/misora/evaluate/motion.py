"""What a thing does during a beat, from its track and that of the thing nearest to it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float, Float32
from torch import Tensor, nn

from misora.evaluate.tracks import Track
from misora.worlds.script import Beat

DOINGS = (
    "still",
    "fall",
    "bounce",
    "left",
    "right",
    "towards",
    "collide left",
    "collide right",
    "collide towards",
    "struck",
    "topple left",
    "topple right",
    "swing",
    "spin",
)
"""What a thing can do: rolling and sliding look the same in a track; a collision is told apart by who moves first."""
NUM_POINTS = 24
NUM_COLUMNS = 10
"""x, y, width, height, root of the area, presence, lean, change of the surface, steadied x and y since the beat began."""
NUM_FEATURES = 2 * NUM_COLUMNS * NUM_POINTS + 2
_PRESENCE, _CHANGE = 5, 7
_MIRRORED = (0, 6, 8)
_LEAN_GAIN, _CHANGE_GAIN = 10.0, 3.0
"""Bring these columns to the spread of the others."""


def doing_of(beat: Beat, thing: int) -> str:
    """What a beat makes a thing do.

    Args:
        beat: of the script.
        thing: index of the thing within the shot.

    Returns:
        One of `DOINGS`.
    """
    if thing == beat.target:
        return "struck"
    if thing != beat.thing:
        return "still"
    if beat.kind in ("collide", "topple"):
        return f"{beat.kind} {beat.direction}"
    return beat.direction or beat.kind


def mirrored_doing(doing: str) -> str:
    """The same in a mirror."""
    swapped = {"left": "right", "right": "left"}
    return " ".join(swapped.get(word, word) for word in doing.split())


def nearest(track: Track, others: Sequence[Track]) -> Track | None:
    """The thing that comes nearest to another one: with whom it may have to do.

    Args:
        track: the one that is asked about.
        others: all others of the shot.

    Returns:
        One of them, None where there is none.
    """

    def gap(other: Track) -> float:
        apart = np.linalg.norm(track.centre - other.centre, axis=1) - (track.extent + other.extent).mean(1) / 2
        return float(apart.min())

    return min(others, key=gap, default=None)


def features(
    track: Track, other: Track | None, *, times_seconds: Float[np.ndarray, " f"], window: tuple[float, float]
) -> Float32[np.ndarray, " v"]:
    """A beat of a thing as numbers: both tracks at even times within the beat.

    Args:
        track: of the thing that is asked about.
        other: of the thing beside it, None when alone.
        times_seconds: when the frames are shown.
        window: start and end of the beat, in seconds.

    Returns:
        `NUM_COLUMNS` rows of `NUM_POINTS` for each of both, whether there is another thing, and the length of the beat.
    """
    last = min(window[1], float(times_seconds[-1]) + 1e-3)
    points = np.linspace(window[0], last, NUM_POINTS)
    mine = _sampled(track, times_seconds, points)
    others = np.zeros_like(mine) if other is None else _sampled(other, times_seconds, points)
    extra = [float(other is not None), window[1] - window[0] - 1.5]
    return np.concatenate([mine.ravel(), others.ravel(), extra]).astype(np.float32)


def _sampled(track: Track, times_seconds: np.ndarray, points: np.ndarray) -> np.ndarray:
    columns = [track.centre[:, 0], track.centre[:, 1], track.extent[:, 0], track.extent[:, 1]]
    columns += [np.sqrt(track.area), (track.area > 0).astype(float)]
    columns += [_LEAN_GAIN * track.lean, _CHANGE_GAIN * track.change, track.steady[:, 0], track.steady[:, 1]]
    rows = np.stack([np.interp(points, times_seconds, column) for column in columns])
    rows[-2:] -= rows[-2:, :1]
    return rows


def mirrored_features(rows: Float[Tensor, "n v"]) -> Float[Tensor, "n v"]:
    """The features of the same beats seen in a mirror.

    Args:
        rows: of `features`.

    Returns:
        The same with x and the lean reversed for both things.
    """
    tracks = _tracks_of(rows).clone()
    tracks[:, :, _MIRRORED] *= -1
    return _rows_of(tracks, rows)


def _tracks_of(rows: Tensor) -> Tensor:
    return rows[:, : 2 * NUM_COLUMNS * NUM_POINTS].reshape(-1, 2, NUM_COLUMNS, NUM_POINTS)


def _rows_of(tracks: Tensor, rows: Tensor) -> Tensor:
    return torch.cat([tracks.flatten(1), rows[:, 2 * NUM_COLUMNS * NUM_POINTS :]], 1)


def disturbed_features(rows: Float[Tensor, "n v"], *, generator: torch.Generator) -> Float[Tensor, "n v"]:
    """The features of the same beats filmed a little nearer or farther, aimed elsewhere, and measured less well.

    Args:
        rows: of `features`.
        generator: of all chance.

    Returns:
        Other features for which the answer is the same.
    """

    def normal(*shape: int) -> Tensor:
        return torch.randn(len(rows), *shape, generator=generator)

    tracks = _tracks_of(rows).clone()
    presence = tracks[:, :, _PRESENCE].clone()
    is_there = (presence > 0).any(-1)[:, :, None, None]
    scale, shift = 1 + 0.08 * normal(1, 1, 1), 0.05 * normal(1, 2, 1)
    tracks[:, :, _CHANGE] *= 1 + 0.2 * normal(1, 1)
    tracks *= scale
    tracks[:, :, :2] += shift
    tracks += 0.006 * normal(2, NUM_COLUMNS, NUM_POINTS)
    tracks[:, :, -2:] += 0.05 * normal(1, 2, 1) * torch.linspace(0, 1, NUM_POINTS)  # the ground is measured with drift
    tracks[:, :, _PRESENCE] = presence
    return _rows_of(tracks * is_there, rows)


class MotionNetwork(nn.Module):
    """A small perceptron from the features of a beat to what the thing does."""

    centre: Tensor
    spread: Tensor

    def __init__(self, width: int = 96) -> None:
        super().__init__()
        self.register_buffer("centre", torch.zeros(NUM_FEATURES))
        self.register_buffer("spread", torch.ones(NUM_FEATURES))
        self.layers = nn.Sequential(
            nn.Linear(NUM_FEATURES, width),
            nn.ReLU(),
            nn.Dropout(0.1),
            nn.Linear(width, width),
            nn.ReLU(),
            nn.Linear(width, len(DOINGS)),
        )

    def forward(self, rows: Float[Tensor, "n v"]) -> Float[Tensor, "n 14"]:
        """Logits of `DOINGS`."""
        return self.layers((rows - self.centre) / self.spread)
