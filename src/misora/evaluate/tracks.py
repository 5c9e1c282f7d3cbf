"""From maps of single frames to things that last: shots, and within each shot the things seen in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float
from scipy import ndimage
from torch import Tensor

from misora.evaluate.network import NUM_COLOURS, NUM_SHAPES, Maps

MIN_AREA = 0.006
"""Smallest thing, in squared frame heights: specks below it are not things."""
MIN_SHARE = 0.2
"""A colour with a smaller share of its blob is a shade of the blob, not a thing of its own."""
MIN_PRESENCE = 0.3
"""A thing is seen in at least this share of its shot's frames."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blobs:
    """What is seen of each colour, frame by frame.

    Attributes:
        area: in squared frame heights; 0 where the colour is not seen.
        centre: (x, y) from the middle of the frame, in frame heights, x to the right and y down.
        extent: (width, height) of the colour, in frame heights.
        shape: log-probability of each shape, averaged over the colour's cells.
        num_parts: separate pieces of the colour large enough to be things.
    """

    area: Float[np.ndarray, "f 10"]
    centre: Float[np.ndarray, "f 10 2"]
    extent: Float[np.ndarray, "f 10 2"]
    shape: Float[np.ndarray, "f 10 5"]
    num_parts: Float[np.ndarray, "f 10"]

    def between(self, first: int, last: int) -> Blobs:
        """Only the frames from `first` up to, not including, `last`."""
        return Blobs(
            area=self.area[first:last],
            centre=self.centre[first:last],
            extent=self.extent[first:last],
            shape=self.shape[first:last],
            num_parts=self.num_parts[first:last],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One thing through one shot.

    Attributes:
        colour: index of its colour.
        shape: log-probability of each shape, over all frames in which it is seen.
        centre: (x, y) from the middle of the frame, in frame heights; the nearest seen frame's where it is unseen.
        extent: (width, height), in frame heights; likewise.
        area: in squared frame heights; 0 where it is unseen.
    """

    colour: int
    shape: Float[np.ndarray, " 5"]
    centre: Float[np.ndarray, "f 2"]
    extent: Float[np.ndarray, "f 2"]
    area: Float[np.ndarray, " f"]

    @property
    def is_seen(self) -> Bool[np.ndarray, " f"]:
        """Whether it is seen, frame by frame."""
        return self.area > 0


def find_blobs(maps: Maps) -> Blobs:
    """Measure each colour in each frame.

    Args:
        maps: what the network says.

    Returns:
        Areas, places and shapes by colour.
    """
    kinds = maps.colour.argmax(1).numpy()
    log_shape = maps.shape.log_softmax(1).numpy()
    num_frames, height, _ = kinds.shape
    area = np.zeros((num_frames, NUM_COLOURS))
    centre, extent = np.zeros((num_frames, NUM_COLOURS, 2)), np.zeros((num_frames, NUM_COLOURS, 2))
    shape = np.zeros((num_frames, NUM_COLOURS, NUM_SHAPES))
    num_parts = np.zeros((num_frames, NUM_COLOURS))
    for frame in range(num_frames):
        kept, parts = _kept_cells(kinds[frame], height)
        for colour in np.unique(kept[kept > 0]) - 1:
            rows, columns = np.nonzero(kept == colour + 1)
            area[frame, colour] = len(rows) / height**2
            middle = np.array([kept.shape[1], height]) / 2
            centre[frame, colour] = (np.array([columns.mean(), rows.mean()]) + 0.5 - middle) / height
            extent[frame, colour] = np.array([np.ptp(columns) + 1, np.ptp(rows) + 1]) / height
            shape[frame, colour] = log_shape[frame][:, rows, columns].mean(1)
            num_parts[frame, colour] = parts[colour]
    return Blobs(area=area, centre=centre, extent=extent, shape=shape, num_parts=num_parts)


def _kept_cells(kinds: np.ndarray, height: int) -> tuple[np.ndarray, np.ndarray]:
    """Clear specks and shades; count the pieces of each colour."""
    labels, num_labels = ndimage.label(kinds > 0)  # type: ignore[misc]
    kept, parts = np.zeros_like(kinds), np.zeros(NUM_COLOURS)
    for label in range(1, num_labels + 1):
        inside = labels == label
        counts = np.bincount(kinds[inside], minlength=NUM_COLOURS + 1)
        for kind in np.nonzero(counts >= max(MIN_AREA * height**2, MIN_SHARE * counts.sum()))[0]:
            kept[inside & (kinds == kind)] = kind
            parts[kind - 1] += 1
    return kept, parts


def find_tracks(blobs: Blobs) -> tuple[Track, ...]:
    """The things of one shot, the most visible first.

    Args:
        blobs: the frames of the shot.

    Returns:
        A track for each colour that stays; twice where a colour stays in two pieces.
    """
    presence = (blobs.area > 0).sum(0) / max(1, len(blobs.area))
    colours = [colour for colour in range(NUM_COLOURS) if presence[colour] >= MIN_PRESENCE]
    colours.sort(key=lambda colour: -blobs.area[:, colour].sum())
    tracks = []
    for colour in colours:
        track = _track(blobs, colour)
        num_copies = int(np.median(blobs.num_parts[track.is_seen, colour]))
        tracks.extend([track] * max(1, num_copies))
    return tuple(tracks)


def _track(blobs: Blobs, colour: int) -> Track:
    area = blobs.area[:, colour]
    seen = np.nonzero(area > 0)[0]
    nearest = seen[np.abs(np.arange(len(area))[:, None] - seen[None]).argmin(1)]
    weight = area[seen] / area[seen].sum()
    return Track(
        colour=colour,
        shape=(weight[:, None] * blobs.shape[seen, colour]).sum(0),
        centre=blobs.centre[nearest, colour],
        extent=blobs.extent[nearest, colour],
        area=area,
    )


def floor_of(floor: Float[Tensor, "f 4"]) -> int:
    """The floor of a shot, by the mean of what its frames say.

    Args:
        floor: logits of the shot's frames.

    Returns:
        Index of the floor.
    """
    return int(torch.log_softmax(floor, 1).mean(0).argmax())
