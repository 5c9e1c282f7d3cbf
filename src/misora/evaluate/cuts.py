"""Where one shot ends and the next begins, from what changes between two frames."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float, Float32, UInt8
from torch import Tensor, nn

from misora.evaluate.network import Maps
from misora.evaluate.tracks import Blobs

NUM_FEATURES = 16
_GRID = 12
_CERTAIN = 0.5


def change_features(frames: UInt8[Tensor, "f 3 H W"], maps: Maps, *, blobs: Blobs) -> Float32[np.ndarray, "e 16"]:
    """What changes from each frame to the next, for all f - 1 of these steps.

    Args:
        frames: RGB, 0..255; at least two.
        maps: of these frames.
        blobs: of these frames.

    Returns:
        A row a step: how much the picture, its floor and its things change, and the same for the busier neighbour step.
    """
    cells = nn.functional.adaptive_avg_pool2d(frames.float() / 255, _GRID)
    change = (cells[1:] - cells[:-1]).abs().mean(1).flatten(1)
    picture = torch.quantile(change, torch.tensor([0.25, 0.5, 0.75, 0.95]), dim=1).T.numpy()
    floor = maps.floor.softmax(1).numpy()
    floor_change = 0.5 * np.abs(floor[1:] - floor[:-1]).sum(1, keepdims=True)
    things = _things_change(blobs)
    own = np.concatenate([np.sqrt(picture), floor_change, things], 1)
    neighbours = np.pad(own, ((1, 1), (0, 0)))
    beside = np.maximum(neighbours[:-2], neighbours[2:])
    return np.concatenate([own, beside], 1).astype(np.float32)


def _things_change(blobs: Blobs) -> np.ndarray:
    before, after = blobs.area[:-1], blobs.area[1:]
    both = (before > 0) & (after > 0)
    jump = np.linalg.norm(blobs.centre[1:] - blobs.centre[:-1], axis=2) * both
    shape = np.abs(np.exp(blobs.shape[1:]) - np.exp(blobs.shape[:-1])).sum(2) * both
    exchanged = np.minimum(np.maximum(after - before, 0).sum(1), np.maximum(before - after, 0).sum(1))
    return np.stack([20 * exchanged, jump.max(1), shape.max(1)], 1)


class CutNetwork(nn.Module):
    """A small perceptron from the change between two frames to whether a shot ended there."""

    centre: Tensor
    spread: Tensor

    def __init__(self, width: int = 24) -> None:
        super().__init__()
        self.register_buffer("centre", torch.zeros(NUM_FEATURES))
        self.register_buffer("spread", torch.ones(NUM_FEATURES))
        self.layers = nn.Sequential(
            nn.Linear(NUM_FEATURES, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 1)
        )

    def forward(self, rows: Float[Tensor, "e 16"]) -> Float[Tensor, " e"]:
        """Logits of a cut."""
        return self.layers((rows - self.centre) / self.spread)[:, 0]


def find_cuts(network: CutNetwork, rows: Float32[np.ndarray, "e 16"]) -> tuple[int, ...]:
    """The first frames of all shots but the first.

    Args:
        network: the fitted network.
        rows: of `change_features`.

    Returns:
        Frame indices, rising; of neighbouring steps only the surest counts.
    """
    with torch.inference_mode():
        sure = network(torch.from_numpy(rows)).sigmoid().numpy()
    padded = np.pad(sure, 1)
    is_peak = (sure > _CERTAIN) & (sure >= padded[:-2]) & (sure > padded[2:])
    return tuple(int(step) + 1 for step in np.nonzero(is_peak)[0])
