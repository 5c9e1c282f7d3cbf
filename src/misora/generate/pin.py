"""What is known of a canvas: frames that are kept exactly or roughly, held as context, or shown beside the clip."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

from jaxtyping import Bool
from torch import Tensor

from misora.core.errors import UsageError
from misora.video.clip import Clip

Curve = tuple[tuple[float, float], ...]
"""Points (seconds on the canvas, value), rising in time; straight between them, level before and after."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """Frames that are known.

    Attributes:
        clip: the frames, of the region's size and the canvas's rate; one frame is a still.
        at_seconds: where the first of them stands on the canvas.
        region: left, top, right and bottom in pixels of the canvas; the whole picture when not given.
        keep: 1 keeps exactly; between 0 and 1 keeps roughly, less for smaller numbers; a curve changes it over time.
        weight: share where several rough pins lie over each other; a curve changes it over time.
        mask: which pixels of the clip are known; all of them when not given.
        hold: level of noise at which the frames stay to the end, as context that is looked at and not touched.
        is_card: whether it is a still with tokens of its own beside the clip, instead of frames of the clip.
    """

    clip: Clip
    at_seconds: float = 0.0
    region: tuple[int, int, int, int] | None = None
    keep: float | Curve = 1.0
    weight: float | Curve = 1.0
    mask: Bool[Tensor, "f H W"] | None = None
    hold: float | None = None
    is_card: bool = False

    def __post_init__(self) -> None:
        if not all(0 < value <= 1 for value in _values(self.keep)):
            raise UsageError(f"a pin's keep must be above 0 and at most 1, got {self.keep}; 1 keeps exactly")
        if not all(0 <= value <= 1 for value in _values(self.weight)):
            raise UsageError(f"a pin's weight must lie between 0 and 1, got {self.weight}")
        if not (math.isfinite(self.at_seconds) and self.at_seconds >= 0):
            raise UsageError(f"a pin must stand at 0 s or later, got {self.at_seconds}")
        if self.hold is not None and not 0 <= self.hold < 1:
            raise UsageError(f"a pin is held at a level from 0 to below 1, got {self.hold}; 0.1 is usual")
        if self.is_card and (self.clip.num_frames > 1 or self.region is not None or self.mask is not None):
            raise UsageError("a card is one whole still, without a region or a mask; pin a clip as frames instead")
        self._check_place()

    def _check_place(self) -> None:
        if self.region is not None:
            left, top, right, bottom = self.region
            if not (0 <= left < right and 0 <= top < bottom):
                raise UsageError(f"a region is left, top, right, bottom in pixels, rising, got {self.region}")
            if (right - left, bottom - top) != self.clip.size:
                raise UsageError(
                    f"a region of {right - left}x{bottom - top} px does not fit a pin of {_by(self.clip.size)} px; "
                    "resize the pin first"
                )
        if self.mask is not None and tuple(self.mask.shape) != (self.clip.num_frames, *self.clip.size[::-1]):
            frames, rows, columns = self.mask.shape
            raise UsageError(
                f"a mask of {frames} frames of {columns}x{rows} px does not fit a clip of {self.clip.num_frames} frames "
                f"of {_by(self.clip.size)} px; make it as large and as long"
            )

    @property
    def is_exact(self) -> bool:
        """Whether it says without doubt what its frames look like."""
        return not self.is_card and self.hold is None and self.keep == 1.0 and self.weight == 1.0

    def keep_at(self, seconds: float) -> float:
        """How exactly it is kept at a moment of the canvas."""
        return at(self.keep, seconds)

    def weight_at(self, seconds: float) -> float:
        """Its share at a moment of the canvas."""
        return at(self.weight, seconds)


def at(curve: float | Curve, seconds: float) -> float:
    """Read a curve.

    Args:
        curve: a number, or points in rising time.
        seconds: the moment.

    Returns:
        The value there, on the straight line between the points around it.

    >>> at(((0.0, 0.0), (2.0, 1.0)), 0.5)
    0.25
    """
    if isinstance(curve, int | float):
        return float(curve)
    before = [point for point in curve if point[0] <= seconds]
    after = [point for point in curve if point[0] > seconds]
    if not before or not after:
        return (before or after)[-1 if before else 0][1]
    (start, low), (end, high) = before[-1], after[0]
    return low + (high - low) * (seconds - start) / (end - start)


def _values(curve: float | Curve) -> tuple[float, ...]:
    """The values of a curve, refused if its times do not rise."""
    if isinstance(curve, int | float):
        return (float(curve),)
    times = [seconds for seconds, _ in curve]
    if not curve or any(not late > early for early, late in pairwise(times)):
        raise UsageError(f"a curve needs points whose times rise, got {curve}")
    return tuple(value for _, value in curve)


def _by(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"
