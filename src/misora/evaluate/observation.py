"""A video as it is seen, before anyone says what it should show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np
import torch
from jaxtyping import Float, Shaped, UInt8
from torch import Tensor

from misora.evaluate.network import MapNetwork, Maps, look
from misora.evaluate.steady import chained, ground_moves
from misora.evaluate.surface import surface_changes
from misora.evaluate.tracks import Blobs, Track, find_blobs, find_tracks, floor_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One shot as it is seen.

    Attributes:
        floor: index of the floor.
        tracks: the things, the most visible first.
        ground: of `chained`: where the camera went.
        times_seconds: when its frames are shown.
    """

    floor: int
    tracks: tuple[Track, ...]
    ground: Float[Tensor, "f 2 3"]
    times_seconds: Float[np.ndarray, " f"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """A whole video as it is seen.

    Attributes:
        floor: logits of the floors, frame by frame.
        blobs: what is seen of each colour, frame by frame.
        changes: of `surface_changes`.
        moves: of `ground_moves`.
        times_seconds: when the frames are shown, from 0.
        cuts: first frame of each shot but the first.
    """

    floor: Float[Tensor, "f 4"]
    blobs: Blobs
    changes: Float[np.ndarray, "f 10"]
    moves: Float[Tensor, "f 2 3"]
    times_seconds: Float[np.ndarray, " f"]
    cuts: tuple[int, ...]

    def scenes(self, cuts: tuple[int, ...]) -> tuple[Scene, ...]:
        """Split at some frames and follow the things of each part.

        Args:
            cuts: first frame of each scene but the first, rising.

        Returns:
            One scene more than cuts.
        """
        ends = (0, *cuts, len(self.times_seconds))
        return tuple(self._scene(first, last) for first, last in pairwise(ends))

    def _scene(self, first: int, last: int) -> Scene:
        ground, changes = chained(self.moves[first:last]), self.changes[first:last].copy()
        changes[:1] = 0  # what came before the cut is another thing
        return Scene(
            floor=floor_of(self.floor[first:last]),
            tracks=find_tracks(self.blobs.between(first, last), changes=changes, ground=ground),
            ground=ground,
            times_seconds=self.times_seconds[first:last],
        )


def observation_to_tensors(seen: Observation) -> dict[str, Shaped[Tensor, "..."]]:
    """An observation as named tensors, to be stored or sent.

    Args:
        seen: any.

    Returns:
        What `observation_from_tensors` reads back.
    """
    blobs = {f"blobs.{each.name}": torch.from_numpy(getattr(seen.blobs, each.name)) for each in fields(Blobs)}
    return {
        **{name: value.contiguous() for name, value in blobs.items()},
        "floor": seen.floor,
        "changes": torch.from_numpy(seen.changes),
        "moves": seen.moves,
        "times_seconds": torch.from_numpy(seen.times_seconds),
        "cuts": torch.tensor(seen.cuts, dtype=torch.int64),
    }


def observation_from_tensors(tensors: Mapping[str, Shaped[Tensor, "..."]]) -> Observation:
    """Read an observation back.

    Args:
        tensors: of `observation_to_tensors`.

    Returns:
        An equal observation.
    """
    return Observation(
        floor=tensors["floor"],
        blobs=Blobs(**{each.name: tensors[f"blobs.{each.name}"].numpy() for each in fields(Blobs)}),
        changes=tensors["changes"].numpy(),
        moves=tensors["moves"],
        times_seconds=tensors["times_seconds"].numpy(),
        cuts=tuple(tensors["cuts"].tolist()),
    )


def observed(
    network: MapNetwork, frames: UInt8[Tensor, "f 3 H W"], *, times_seconds: Float[np.ndarray, " f"]
) -> tuple[Observation, Maps]:
    """Look at the frames of a video.

    Args:
        network: the eyes.
        frames: RGB, 0..255, at the judged size.
        times_seconds: when they are shown, from 0.

    Returns:
        What is seen, with no cuts yet, and the maps it was read from.
    """
    maps = look(network, frames)
    blobs = find_blobs(maps)
    with torch.inference_mode():
        seen = Observation(
            floor=maps.floor,
            blobs=blobs,
            changes=surface_changes(frames, blobs),
            moves=ground_moves(frames, maps.colour.argmax(1) > 0),
            times_seconds=times_seconds,
            cuts=(),
        )
    return seen, maps
