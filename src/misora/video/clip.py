"""Pixels and their clock in one record."""

from dataclasses import dataclass

import torch
from jaxtyping import Float64, UInt8
from torch import Tensor

from misora.core.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """Consecutive frames on one clock; may hold several shots.

    Attributes:
        frames: RGB, 0..255; at least one frame of at least one pixel.
        pts_seconds: when each frame is shown, on the source clock, strictly increasing.
    """

    frames: UInt8[Tensor, "f 3 H W"]
    pts_seconds: Float64[Tensor, " f"]

    def __post_init__(self) -> None:
        shape = tuple(self.frames.shape)
        if self.frames.dtype != torch.uint8 or len(shape) != 4 or shape[1] != 3 or 0 in shape:
            raise UsageError(
                f"a clip wants frames as uint8 (f, 3, H, W) with nothing empty, got {self.frames.dtype} {shape}"
            )
        if self.pts_seconds.dtype != torch.float64 or tuple(self.pts_seconds.shape) != shape[:1]:
            raise UsageError(
                f"a clip of {shape[0]} frames wants as many pts_seconds in float64, "
                f"got {self.pts_seconds.dtype} {tuple(self.pts_seconds.shape)}"
            )
        if not bool(torch.isfinite(self.pts_seconds).all()) or bool((self.pts_seconds.diff() <= 0).any()):
            raise UsageError("pts_seconds must be finite and strictly increasing; sort the frames or drop repeats")

    @classmethod
    def at_rate(cls, frames: UInt8[Tensor, "f 3 H W"], fps: float | int, *, start_seconds: float | int = 0.0) -> "Clip":
        """Put frames on an even clock.

        Args:
            frames: RGB, 0..255.
            fps: frames per second, above 0.
            start_seconds: when the first frame is shown.

        Returns:
            The clip whose frame i is shown at start_seconds + i / fps.

        Raises:
            UsageError: if fps is not a positive number.
        """
        if not 0 < fps < float("inf"):
            raise UsageError(f"fps must be a positive number, got {fps}")
        steps = torch.arange(frames.shape[0], dtype=torch.float64)
        return cls(frames=frames, pts_seconds=start_seconds + steps / fps)

    @property
    def num_frames(self) -> int:
        """How many frames."""
        return self.frames.shape[0]

    @property
    def size(self) -> tuple[int, int]:
        """(width_px, height_px)."""
        return self.frames.shape[3], self.frames.shape[2]

    @property
    def fps(self) -> float:
        """Frames per second, from the median gap between frames; a still counts as 1 per second."""
        if self.num_frames == 1:
            return 1.0
        gap_seconds = self.pts_seconds.diff().median().item()
        return round(1.0 / gap_seconds, 6)

    @property
    def seconds(self) -> float:
        """From the first frame to the end of the last, which is shown for one median gap."""
        return (self.pts_seconds[-1] - self.pts_seconds[0]).item() + 1.0 / self.fps

    def between(self, from_seconds: float | int, to_seconds: float | int) -> "Clip":
        """Cut out the frames shown within a stretch of time.

        Args:
            from_seconds: start, inclusive, on the source clock.
            to_seconds: end, exclusive.

        Returns:
            A clip that shares memory and keeps the source clock.

        Raises:
            UsageError: if no frame is shown within it.
        """
        keep = (self.pts_seconds >= from_seconds) & (self.pts_seconds < to_seconds)
        if not bool(keep.any()):
            raise UsageError(
                f"no frame is shown from {from_seconds} to {to_seconds} s; "
                f"this clip runs from {self.pts_seconds[0].item():.3f} to {self.pts_seconds[-1].item():.3f} s"
            )
        kept = keep.nonzero().flatten()
        first, last = int(kept[0]), int(kept[-1]) + 1
        return type(self)(frames=self.frames[first:last], pts_seconds=self.pts_seconds[first:last])
