"""A canvas of spacetime: what is said, what is known, how large and how long; the rest is noise to be removed."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from misora.core.errors import UsageError
from misora.model.grid import Grid, grid_for
from misora.video.clip import Clip
from misora.video.line import Line

MAX_SEED = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Guidance:
    """How far each condition is exaggerated, and for how long.

    Attributes:
        lines: scale of the text; 1 is the plain prediction and costs half as much, 0 ignores the text.
        down_to: time at which exaggeration ends, 1 is noise. What is where is settled early; exaggerated to the end, the
            text bends shapes (docs/log.md), and costs twice as much.
    """

    lines: float = 4.0
    down_to: float = 0.6

    def __post_init__(self) -> None:
        if not 0 <= self.down_to <= 1:
            raise UsageError(f"guidance ends at a time between 0 and 1, got {self.down_to}; 0 guides to the end")
        if not 0 <= self.lines <= 20:
            raise UsageError(f"guidance must lie between 0 and 20, got {self.lines}; 1 is plain, 3 to 5 is usual")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """Frames that are known.

    Attributes:
        clip: the frames, of the canvas's size and rate.
        at_seconds: where the first of them stands on the canvas.
        keep: 1 keeps them exactly; between 0 and 1 keeps them roughly, less for smaller numbers.
    """

    clip: Clip
    at_seconds: float = 0.0
    keep: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.keep <= 1:
            raise UsageError(f"a pin's keep must be above 0 and at most 1, got {self.keep}; 1 keeps exactly")
        if not (math.isfinite(self.at_seconds) and self.at_seconds >= 0):
            raise UsageError(f"a pin must stand at 0 s or later, got {self.at_seconds}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Canvas:
    """What is asked of a model, whole and checked for sense; `check_canvas` holds it against a model's limits.

    Attributes:
        seconds: duration; for a still, only the stretch its lines speak about.
        fps: frames per second.
        width_px: width, a multiple of 16.
        height_px: height, a multiple of 16.
        lines: what is said, and when; a moment without a line is left to the model.
        negative: what guidance walks away from; empty means from saying nothing.
        pins: what is known.
        guidance: how far conditions are exaggerated.
        seed: names the noise.
        is_still: whether this is one picture instead of a clip.
    """

    seconds: float
    fps: float
    width_px: int
    height_px: int
    lines: tuple[Line, ...]
    negative: str = ""
    pins: tuple[Pin, ...] = ()
    guidance: Guidance = field(default_factory=Guidance)
    seed: int = 0
    is_still: bool = False

    def __post_init__(self) -> None:
        for name in ("seconds", "fps"):
            if not (math.isfinite(value := getattr(self, name)) and value > 0):
                raise UsageError(f"{name} must be above 0, got {value}")
        if self.width_px < 1 or self.height_px < 1:
            raise UsageError(f"a canvas needs pixels, got {self.width_px}x{self.height_px}")
        if not 0 <= self.seed <= MAX_SEED:
            raise UsageError(f"a seed lies between 0 and 2^63 - 1, got {self.seed}")
        if not self.is_still and self.num_frames < 2:
            raise UsageError(
                f"{self.seconds} s at {self.fps} frames/s is less than two frames; take at least "
                f"{2 / self.fps:g} s, or ask for a picture"
            )
        for line in self.lines:
            if line.from_seconds >= self.seconds:
                raise UsageError(
                    f"line {line.text[:60]!r} begins at {line.from_seconds} s, after the end at {self.seconds} s; "
                    "begin it earlier or take a longer canvas"
                )

    @property
    def num_frames(self) -> int:
        """Frames of the finished clip: the duration on the grid of the frame rate."""
        return 1 if self.is_still else round(self.seconds * self.fps)

    @property
    def size(self) -> tuple[int, int]:
        """(width_px, height_px)."""
        return self.width_px, self.height_px

    @property
    def grid(self) -> Grid:
        """Extent in tokens; the last group may overhang the last frame.

        Raises:
            UsageError: if a side is not a multiple of the token's.
        """
        try:
            return grid_for(self.num_frames, width_px=self.width_px, height_px=self.height_px, fps=self.fps)
        except ValueError as error:
            raise UsageError(str(error)) from error

    @property
    def prompt(self) -> str:
        """The lines one after another, for records."""
        return " / ".join(line.text for line in self.lines)
