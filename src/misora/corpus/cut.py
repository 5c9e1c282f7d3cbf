"""Footage cut where the scene changes, into pieces of one frame rate and whole cells.

Cuts are found by PySceneDetect's AdaptiveDetector with the threshold, window and shortest scene that score best on its
own benchmark.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import torch
from scenedetect import AdaptiveDetector, FrameTimecode

from misora.core.errors import UsageError
from misora.model.grid import CELL_PX, FRAMES_PER_GROUP
from misora.video.clip import Clip
from misora.video.resize import resize

_THRESHOLD = 3.5
_WINDOW_FRAMES = 3
_MIN_SCENE_SECONDS = 0.6
_SAME_SECONDS = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class CutSettings:
    """What the pieces of footage are like.

    Attributes:
        short_side_px: the shorter side is shrunk to this; smaller footage keeps its size.
        fps: frames per second of the pieces.
        min_seconds: shorter pieces are left out.
        max_seconds: longer scenes become several pieces.
    """

    short_side_px: int = 96
    fps: float = 8.0
    min_seconds: float = 1.0
    max_seconds: float = 4.0

    def __post_init__(self) -> None:
        if self.short_side_px < CELL_PX:
            raise UsageError(f"short_side_px must be at least {CELL_PX}, got {self.short_side_px}")
        if not 0 < self.fps <= 240:
            raise UsageError(f"fps must lie in (0, 240], got {self.fps}")
        if not 0 < self.min_seconds <= self.max_seconds:
            raise UsageError(f"min_seconds must lie in (0, max_seconds], got {self.min_seconds}, {self.max_seconds}")
        if self.max_seconds * self.fps < FRAMES_PER_GROUP:
            raise UsageError(
                f"max_seconds={self.max_seconds} at {self.fps} frames/s is less than {FRAMES_PER_GROUP} frames"
            )

    @property
    def min_frames(self) -> int:
        """Frames of the shortest piece, in whole groups."""
        return max(-(-round(self.min_seconds * self.fps) // FRAMES_PER_GROUP), 1) * FRAMES_PER_GROUP

    @property
    def max_frames(self) -> int:
        """Frames of the longest piece, in whole groups."""
        return max(
            int(self.max_seconds * self.fps + _SAME_SECONDS) // FRAMES_PER_GROUP * FRAMES_PER_GROUP, self.min_frames
        )


def pieces_of(clip: Clip, settings: CutSettings) -> Iterator[Clip]:
    """Cut footage into pieces.

    Args:
        clip: upright frames on the clock of the file.
        settings: what the pieces are like.

    Yields:
        Pieces on the clock of the file, at an even rate, with whole groups of frames and whole cells of pixels.

    Raises:
        UsageError: if the footage is smaller than a cell.
    """
    clip = whole_cells(clip, settings.short_side_px)
    for from_seconds, to_seconds in scenes_of(clip):
        num_frames = int((to_seconds - from_seconds) * settings.fps + _SAME_SECONDS)
        for first in range(0, num_frames, settings.max_frames):
            length = min(num_frames - first, settings.max_frames) // FRAMES_PER_GROUP * FRAMES_PER_GROUP
            if length >= settings.min_frames:
                yield at_rate(clip, settings.fps, from_seconds=from_seconds + first / settings.fps, num_frames=length)


def scenes_of(clip: Clip) -> list[tuple[float, float]]:
    """Find the stretches between cuts.

    Args:
        clip: footage.

    Returns:
        From and to, in seconds on the clock of the clip; the first begins and the last ends with it.
    """
    detector = AdaptiveDetector(
        adaptive_threshold=_THRESHOLD,
        window_width=_WINDOW_FRAMES,
        min_scene_len=max(round(_MIN_SCENE_SECONDS * clip.fps), 1),
    )
    rate = Fraction(clip.fps).limit_denominator(1001)
    cuts: set[int] = set()
    last = FrameTimecode(0, rate)
    for number, frame in enumerate(clip.frames):
        last = FrameTimecode(number, rate)
        cuts |= {cut.frame_num for cut in detector.process_frame(last, frame.flip(0).movedim(0, -1).numpy().copy())}
    cuts |= {cut.frame_num for cut in detector.post_process(last)}
    starts = [0, *sorted(cut for cut in cuts if 0 < cut < clip.num_frames)]
    times = [clip.pts_seconds[start].item() for start in starts]
    return list(zip(times, [*times[1:], times[0] + clip.seconds], strict=True))


def at_rate(clip: Clip, fps: float, *, from_seconds: float, num_frames: int) -> Clip:
    """Take the frames that are shown at even times.

    Args:
        clip: on any clock, even or not.
        fps: frames per second wanted.
        from_seconds: time of the first frame, on the clock of the clip.
        num_frames: how many frames.

    Returns:
        At each time the frame that is on show then.
    """
    times = from_seconds + torch.arange(num_frames, dtype=torch.float64) / fps
    shown = torch.searchsorted(clip.pts_seconds, times + _SAME_SECONDS, right=True) - 1
    return Clip(frames=clip.frames[shown.clamp(min=0)], pts_seconds=times)


def whole_cells(clip: Clip, short_side_px: int) -> Clip:
    """Shrink to a shorter side at most this long, and cut the edges to whole cells.

    Args:
        clip: of any size.
        short_side_px: the longest shorter side.

    Returns:
        A clip whose sides are multiples of the cell; its middle is kept.

    Raises:
        UsageError: if a side is shorter than a cell.
    """
    short = min(clip.size)
    if short > short_side_px:
        width_px, height_px = (max(round(side * short_side_px / short), 1) for side in clip.size)
        clip = resize(clip, (width_px, height_px))
    width_px, height_px = (side // CELL_PX * CELL_PX for side in clip.size)
    if not width_px or not height_px:
        raise UsageError(f"footage of {clip.size[0]}x{clip.size[1]} px is smaller than a cell of {CELL_PX} px")
    left, top = (clip.size[0] - width_px) // 2, (clip.size[1] - height_px) // 2
    frames = clip.frames[:, :, top : top + height_px, left : left + width_px]
    return Clip(frames=frames.contiguous(), pts_seconds=clip.pts_seconds)
