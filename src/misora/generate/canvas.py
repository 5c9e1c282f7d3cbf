"""A canvas of spacetime: what is said, what is known, how large and how long; the rest is noise to be removed."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

from misora.core.errors import UsageError
from misora.generate.control import Control
from misora.generate.pin import Pin
from misora.model.grid import Grid, grid_for
from misora.video.line import Line

__all__ = ["MAX_SEED", "Canvas", "Control", "Guidance", "Line", "Pin"]

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
        controls: what follows the clip frame by frame.
        guidance: how far conditions are exaggerated.
        seed: names the noise.
        is_still: whether this is one picture instead of a clip.
        lead_frames: frames that are made before the first and cut off, so that groups begin where pins do.
        tail_frames: frames that are made after the last and cut off, so that an end can lead somewhere.
    """

    seconds: float
    fps: float
    width_px: int
    height_px: int
    lines: tuple[Line, ...]
    negative: str = ""
    pins: tuple[Pin, ...] = ()
    controls: tuple[Control, ...] = ()
    guidance: Guidance = field(default_factory=Guidance)
    seed: int = 0
    is_still: bool = False
    lead_frames: int = 0
    tail_frames: int = 0

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
        if min(self.lead_frames, self.tail_frames) < 0 or (self.is_still and self.lead_frames + self.tail_frames):
            raise UsageError("frames that are made and cut off are counted from 0, and a picture has none")
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
    def num_made_frames(self) -> int:
        """Frames that are sampled: those of the finished clip, and what is cut off at its ends."""
        return self.lead_frames + self.num_frames + self.tail_frames

    @property
    def cards(self) -> tuple[Pin, ...]:
        """The pins that are shown beside the clip."""
        return tuple(pin for pin in self.pins if pin.is_card)

    @property
    def heard_lines(self) -> tuple[Line, ...]:
        """The lines on the clock of what is made; the first speaks over the lead too, the last over the tail."""
        lead, made = self.lead_frames / self.fps, max(self.num_made_frames / self.fps, self.seconds)
        return tuple(
            replace(
                line,
                from_seconds=line.from_seconds + lead if line.from_seconds > 0 else 0.0,
                to_seconds=line.to_seconds + lead if line.to_seconds < self.seconds else max(line.to_seconds, made),
            )
            for line in self.lines
        )

    @property
    def size(self) -> tuple[int, int]:
        """(width_px, height_px)."""
        return self.width_px, self.height_px

    @property
    def grid(self) -> Grid:
        """Extent of what is made in tokens, cards last; the last group may overhang the last frame.

        Raises:
            UsageError: if a side is not a multiple of the token's.
        """
        try:
            grid = grid_for(self.num_made_frames, width_px=self.width_px, height_px=self.height_px, fps=self.fps)
        except ValueError as error:
            raise UsageError(str(error)) from error
        times = tuple(card.at_seconds + (self.lead_frames + 0.5) / self.fps for card in self.cards)
        return replace(grid, cards_seconds=times)

    @property
    def prompt(self) -> str:
        """The lines one after another, for records."""
        return " / ".join(line.text for line in self.lines)
