"""Pinned frames found again by their hash among the files they may have come from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from misora.core.errors import MediaError
from misora.generate.canvas_record import PinRecord, rgb_sha256
from misora.generate.source import Fit, fitted, open_clip, way_back
from misora.video.clip import Clip

MAX_FILES = 1000
_FITS: tuple[Fit, ...] = ("fill", "crop", "fit")


def find_pins(pins: Sequence[PinRecord], sources: Sequence[Path], *, fps: float) -> dict[str, tuple[Path, Clip]]:
    """Find the frames of pins, as they were brought to the canvas: at its size and rate, whole, a part, or its way back.

    Args:
        pins: what is looked for.
        sources: files, and folders whose files are looked at, at most `MAX_FILES` in all.
        fps: frames per second of the canvas.

    Returns:
        In which file each was found, and its frames, by their hash.

    Raises:
        MediaError: if a file that is named cannot be read; in a folder such files are passed over.
    """
    found: dict[str, tuple[Path, Clip]] = {}
    for path, is_named in _files(sources):
        missing = [pin for pin in pins if pin.rgb_sha256 not in found]
        if not missing:
            break
        try:
            clip = open_clip(path)
        except MediaError:
            if is_named:
                raise
            continue
        for pin in missing:
            if (part := _part_of(clip, pin, fps)) is not None:
                found[pin.rgb_sha256] = (path, part)
    return found


def _files(sources: Sequence[Path]) -> Iterator[tuple[Path, bool]]:
    left = MAX_FILES
    for source in sources:
        inside = sorted(path for path in source.rglob("*") if path.is_file()) if source.is_dir() else [source]
        yield from ((path, not source.is_dir()) for path in inside[:left])
        left -= len(inside[:left])


def _part_of(clip: Clip, pin: PinRecord, fps: float) -> Clip | None:
    """The frames of a pin within a clip brought to its size in any of the ways there are."""
    for candidate in _candidates(clip, pin, fps):
        wholes = [candidate.frames[first:] for first in range(candidate.num_frames - pin.num_frames + 1)]
        for whole in (*wholes, way_back(candidate, pin.num_frames).frames):
            frames = whole[: pin.num_frames]
            if rgb_sha256(frames[:1]) == pin.first_sha256 and rgb_sha256(frames) == pin.rgb_sha256:
                return Clip.at_rate(frames, fps if pin.num_frames > 1 else 1.0)
    return None


def _candidates(clip: Clip, pin: PinRecord, fps: float) -> Iterator[Clip]:
    if clip.size == pin.size:
        yield clip
    for fit in _FITS:
        yield fitted(clip, size=pin.size, fps=fps, fit=fit)
