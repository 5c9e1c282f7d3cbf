"""The grid of tokens that stands for a clip: closed groups of frames, cut into square cells of pixels."""

from __future__ import annotations

from dataclasses import dataclass

FRAMES_PER_GROUP = 4
CELL_PX = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Extent of a clip in tokens, with its clock.

    Attributes:
        groups: latent frames; each stands for four frames.
        rows: cells from top to bottom.
        columns: cells from left to right.
        seconds_per_group: time from one latent frame to the next; 0 for a still.
        cards_seconds: when stills stand that are added to the clip, each with tokens of its own behind those of the clip:
            pictures that are shown to the model and not made by it.
    """

    groups: int
    rows: int
    columns: int
    seconds_per_group: float
    cards_seconds: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        for name in ("groups", "rows", "columns"):
            if (value := getattr(self, name)) < 1:
                raise ValueError(f"Grid.{name} must be at least 1, got {value}")
        if self.seconds_per_group < 0:
            raise ValueError(f"Grid.seconds_per_group must not be negative, got {self.seconds_per_group}")

    @property
    def tokens_per_group(self) -> int:
        """Tokens of one latent frame."""
        return self.rows * self.columns

    @property
    def num_latent_frames(self) -> int:
        """Groups of the clip and its cards."""
        return self.groups + len(self.cards_seconds)

    @property
    def num_clip_tokens(self) -> int:
        """Tokens of the clip without its cards; they come first."""
        return self.groups * self.tokens_per_group

    @property
    def num_tokens(self) -> int:
        """Tokens of the clip and its cards."""
        return self.num_latent_frames * self.tokens_per_group

    @property
    def shape(self) -> tuple[int, int, int]:
        """Latent frames with the cards, rows, columns: clips of one shape can be attended to in one product."""
        return self.num_latent_frames, self.rows, self.columns

    @property
    def latent_frame_seconds(self) -> tuple[float, ...]:
        """The middle of each group, then the times of the cards."""
        return *((index + 0.5) * self.seconds_per_group for index in range(self.groups)), *self.cards_seconds


def grid_for(num_frames: int, *, width_px: int, height_px: int, fps: float | int) -> Grid:
    """Find the grid that covers a clip; the last group may overhang.

    Args:
        num_frames: frames of the clip, at least 1; one frame is a still.
        width_px: width in pixels, a multiple of 16.
        height_px: height in pixels, a multiple of 16.
        fps: frames per second, above 0.

    Returns:
        The smallest grid that covers all frames.

    Raises:
        ValueError: a side is not a multiple of 16.
    """
    for name, value in (("width", width_px), ("height", height_px)):
        if value % CELL_PX:
            near = value - value % CELL_PX
            raise ValueError(f"{name} {value} px is not a multiple of {CELL_PX}; take {near} or {near + CELL_PX}")
    return Grid(
        groups=-(-num_frames // FRAMES_PER_GROUP),
        rows=height_px // CELL_PX,
        columns=width_px // CELL_PX,
        seconds_per_group=0.0 if num_frames == 1 else FRAMES_PER_GROUP / fps,
    )
