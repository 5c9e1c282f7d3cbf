"""From controls on a canvas's clock to what the transformer is told of each latent frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from misora.model.controls import Controls, camera_motion, track
from misora.model.grid import Grid


@runtime_checkable
class Path(Protocol):
    """What is asked of a camera or of a thing, moment by moment."""

    @property
    def kind(self) -> str:
        """`camera`, or `track` of a thing."""
        ...

    @property
    def times_seconds(self) -> tuple[float, ...]:
        """Moments, rising."""
        ...

    @property
    def values(self) -> tuple[tuple[float, ...], ...]:
        """A row for each: a camera's place and the point it looks at in metres, z up; or shares from the left and the top."""
        ...


def steering(paths: Sequence[Path], grid: Grid, *, lead_seconds: float = 0.0) -> Controls:
    """Tell a clip's latent frames what its paths say, straight between their moments and at rest before and after.

    Args:
        paths: at most one of a kind is followed, the last.
        grid: of the clip.
        lead_seconds: what is made before the clock of the paths begins.

    Returns:
        The camera's motion since the beginning, and where the thing is seen; outside of the picture it is not seen. A still has
        no camera's motion.
    """
    found = {path.kind: path for path in paths}
    middles = torch.tensor(grid.latent_frame_seconds[: grid.groups]) - lead_seconds
    camera = seen = None
    if "camera" in found and grid.seconds_per_group > 0:
        poses = _values_at(found["camera"], torch.cat((torch.tensor([-lead_seconds]), middles)))
        camera = camera_motion(poses[:, :3], poses[:, 3:] - poses[:, :3])[1:]
    if "track" in found:
        shares = _values_at(found["track"], middles)
        seen = track(shares, is_seen=((shares >= 0) & (shares <= 1)).all(1))
    return Controls(camera=camera, track=seen)


def _values_at(path: Path, seconds: Float[Tensor, " t"]) -> Float[Tensor, "t v"]:
    columns = np.asarray(path.values, np.float64).T
    return torch.from_numpy(np.stack([np.interp(seconds.numpy(), path.times_seconds, c) for c in columns], 1)).float()
