"""What the camera does in a shot, named from how the ground moves in the picture."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float, Float32
from torch import Tensor, nn

CAMERAS = ("still", "orbit", "pan", "push_in", "pull_back", "rise")
"""What the judge can name, in the order of its weights."""
NUM_POINTS = 12
NUM_FEATURES = 6 * NUM_POINTS + 1
_SIGNS_IN_A_MIRROR = (1.0, -1.0, -1.0, -1.0, 1.0, 1.0)


def camera_features(
    ground: Float[Tensor, "f 2 3"], *, times_seconds: Float[np.ndarray, " f"]
) -> Float32[np.ndarray, " v"]:
    """The way of the ground as numbers, at even times within a shot.

    Args:
        ground: of `chained`.
        times_seconds: when the frames are shown.

    Returns:
        Six numbers of each map, the identity taken away, at `NUM_POINTS` times; and the length of the shot.
    """
    maps = (ground - torch.eye(2, 3)).flatten(1).numpy()
    points = np.linspace(times_seconds[0], times_seconds[-1], NUM_POINTS)
    rows = np.stack([np.interp(points, times_seconds, column) for column in maps.T])
    return np.concatenate([rows.ravel(), [times_seconds[-1] - times_seconds[0] - 1.5]]).astype(np.float32)


def mirrored_camera(rows: Float[Tensor, "n v"]) -> Float[Tensor, "n v"]:
    """The same shots in a mirror.

    Args:
        rows: of `camera_features`.

    Returns:
        What a mirror would show; the name of the camera stays.
    """
    signs = torch.tensor(_SIGNS_IN_A_MIRROR).repeat_interleave(NUM_POINTS)
    return torch.cat([rows[:, :-1] * signs, rows[:, -1:]], 1)


class CameraNetwork(nn.Module):
    """A small perceptron from the way of the ground to what the camera does."""

    centre: Tensor
    spread: Tensor

    def __init__(self, width: int = 48) -> None:
        super().__init__()
        self.register_buffer("centre", torch.zeros(NUM_FEATURES))
        self.register_buffer("spread", torch.ones(NUM_FEATURES))
        self.layers = nn.Sequential(
            nn.Linear(NUM_FEATURES, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 6)
        )

    def forward(self, rows: Float[Tensor, "n v"]) -> Float[Tensor, "n 6"]:
        """Logits of `CAMERAS`."""
        return self.layers((rows - self.centre) / self.spread)
