"""From maps of single frames to things that last: shots, and within each shot the things seen in it."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import torch
from jaxtyping import Bool, Float
from scipy import ndimage
from torch import Tensor

from misora.evaluate.network import NUM_COLOURS, Maps

MIN_AREA = 0.006
"""Smallest thing, in squared frame heights: specks below it are not things."""
MIN_SHARE = 0.2
"""A colour with a smaller share of its blob is a shade of the blob, not a thing of its own."""
MIN_PRESENCE = 0.3
"""A thing is seen in at least this share of its shot's frames."""
_WITHIN_A_FRAME = np.array([np.zeros((3, 3)), ndimage.generate_binary_structure(2, 1), np.zeros((3, 3))])


@dataclass(frozen=True, slots=True, kw_only=True)
class Blobs:
    """What is seen of each colour, frame by frame.

    Attributes:
        area: in squared frame heights; 0 where the colour is not seen.
        centre: (x, y) from the middle of the frame, in frame heights, x to the right and y down.
        extent: (width, height) of the colour, in frame heights.
        lean: how x and y go together within the colour, in squared frame heights; below 0 where it leans to the right.
        shape: log-probability of each shape, averaged over the colour's cells.
        num_parts: separate pieces of the colour large enough to be things.
    """

    area: Float[np.ndarray, "f 10"]
    centre: Float[np.ndarray, "f 10 2"]
    extent: Float[np.ndarray, "f 10 2"]
    lean: Float[np.ndarray, "f 10"]
    shape: Float[np.ndarray, "f 10 5"]
    num_parts: Float[np.ndarray, "f 10"]

    def between(self, first: int, last: int) -> Blobs:
        """Only the frames from `first` up to, not including, `last`."""
        return Blobs(**{field.name: getattr(self, field.name)[first:last] for field in fields(self)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One thing through one shot.

    Attributes:
        colour: index of its colour.
        shape: log-probability of each shape, over all frames in which it is seen.
        centre: (x, y) from the middle of the frame, in frame heights; the nearest seen frame's where it is unseen.
        extent: (width, height), in frame heights; likewise.
        area: in squared frame heights; 0 where it is unseen.
        lean: see `Blobs`; likewise.
        change: how much its surface changes from the frame before, in [0, 1] of grey; 0 where it is unseen.
        steady: where its centre would be seen had the camera stood still since the shot began.
    """

    colour: int
    shape: Float[np.ndarray, " 5"]
    centre: Float[np.ndarray, "f 2"]
    extent: Float[np.ndarray, "f 2"]
    area: Float[np.ndarray, " f"]
    lean: Float[np.ndarray, " f"]
    change: Float[np.ndarray, " f"]
    steady: Float[np.ndarray, "f 2"]

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
    num_frames, height, width = kinds.shape
    kept, num_parts = _kept_cells(kinds)
    frame, row, column = np.nonzero(kept)
    slot = frame * NUM_COLOURS + kept[frame, row, column] - 1
    x, y = (column + 0.5 - width / 2) / height, (row + 0.5 - height / 2) / height
    log_shape = maps.shape.log_softmax(1).numpy()[frame, :, row, column]

    def total(values: np.ndarray | None = None) -> np.ndarray:
        sums = np.bincount(slot, weights=values, minlength=num_frames * NUM_COLOURS)
        return sums.reshape(num_frames, NUM_COLOURS).astype(np.float64)

    count = total()
    some = np.maximum(count, 1)
    mean_x, mean_y = total(x) / some, total(y) / some
    return Blobs(
        area=count / height**2,
        centre=np.stack([mean_x, mean_y], -1),
        extent=np.stack([_spans(slot, each, count) / height for each in (column, row)], -1),
        lean=total(x * y) / some - mean_x * mean_y,
        shape=np.stack([total(each) / some for each in log_shape.T], -1),
        num_parts=num_parts,
    )


def _spans(slot: np.ndarray, place: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Cells from the first to the last of each colour in each frame."""
    first, last = np.full(count.size, 1 << 20), np.full(count.size, -1)
    np.minimum.at(first, slot, place)
    np.maximum.at(last, slot, place)
    return np.where(last >= 0, last - first + 1, 0).reshape(count.shape).astype(np.float64)


def _kept_cells(kinds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Clear specks and shades; count the pieces of each colour in each frame."""
    num_frames, height, _ = kinds.shape
    labels, num_labels = ndimage.label(kinds > 0, structure=_WITHIN_A_FRAME)  # type: ignore[misc]
    cells = labels.astype(np.int64) * (NUM_COLOURS + 1) + kinds
    counts = np.bincount(cells.ravel(), minlength=(num_labels + 1) * (NUM_COLOURS + 1))
    counts = counts.reshape(num_labels + 1, NUM_COLOURS + 1)
    is_kept = counts >= np.maximum(MIN_AREA * height**2, MIN_SHARE * counts.sum(1, keepdims=True))
    is_kept[0] = is_kept[:, 0] = False
    num_parts = np.zeros((num_frames, NUM_COLOURS))
    if num_labels:
        first = ndimage.find_objects(labels)
        for label, colour in zip(*np.nonzero(is_kept), strict=True):
            num_parts[first[label - 1][0].start, colour - 1] += 1
    return np.where(is_kept[labels, kinds], kinds, 0), num_parts


def find_tracks(
    blobs: Blobs, *, changes: Float[np.ndarray, "f 10"] | None = None, ground: Float[Tensor, "f 2 3"] | None = None
) -> tuple[Track, ...]:
    """The things of one shot, the most visible first.

    Args:
        blobs: the frames of the shot.
        changes: of `surface_changes`; none anywhere when not given.
        ground: of `chained`; a camera that stands still when not given.

    Returns:
        A track for each colour that stays; twice where a colour stays in two pieces.
    """
    num_frames = len(blobs.area)
    changes = np.zeros((num_frames, NUM_COLOURS)) if changes is None else changes
    ground = torch.eye(2, 3).repeat(num_frames, 1, 1) if ground is None else ground
    presence = (blobs.area > 0).sum(0) / max(1, num_frames)
    colours = [colour for colour in range(NUM_COLOURS) if presence[colour] >= MIN_PRESENCE]
    colours.sort(key=lambda colour: -blobs.area[:, colour].sum())
    tracks = []
    for colour in colours:
        track = _track(blobs, colour, changes=changes, ground=ground.double().numpy())
        num_copies = int(np.median(blobs.num_parts[track.is_seen, colour]))
        tracks.extend([track] * max(1, num_copies))
    return tuple(tracks)


def _track(blobs: Blobs, colour: int, *, changes: np.ndarray, ground: np.ndarray) -> Track:
    area = blobs.area[:, colour]
    seen = np.nonzero(area > 0)[0]
    nearest = seen[np.abs(np.arange(len(area))[:, None] - seen[None]).argmin(1)]
    weight = area[seen] / area[seen].sum()
    centre = blobs.centre[:, colour]
    steady = np.linalg.solve(ground[:, :, :2], (centre - ground[:, :, 2])[..., None])[..., 0]
    return Track(
        colour=colour,
        shape=(weight[:, None] * blobs.shape[seen, colour]).sum(0),
        centre=centre[nearest],
        extent=blobs.extent[nearest, colour],
        area=area,
        lean=blobs.lean[nearest, colour],
        change=changes[:, colour],
        steady=steady[nearest],
    )


def floor_of(floor: Float[Tensor, "f 4"]) -> int:
    """The floor of a shot, by the mean of what its frames say.

    Args:
        floor: logits of the shot's frames.

    Returns:
        Index of the floor.
    """
    return int(torch.log_softmax(floor, 1).mean(0).argmax())
