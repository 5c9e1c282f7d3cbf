"""What is said on a command line about times, parts and curves, read as values."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Literal

from misora.core.errors import UsageError
from misora.generate.pin import Curve
from misora.video.clip import Clip


def timed_files(words: Sequence[str]) -> dict[float | Literal["end"], Path]:
    """Read which file stands when.

    Args:
        words: each TIME=FILE, the time in seconds, or "first" or "end".

    Returns:
        Files by their times.

    Raises:
        UsageError: if a word is not such a pair, or a time is said twice.
    """
    files: dict[float | Literal["end"], Path] = {}
    for word in words:
        time, equals, name = word.partition("=")
        if not equals or not name:
            raise UsageError(f"say when each file stands, as TIME=FILE such as 0=a.png or end=b.png; got {word!r}")
        when: float | Literal["end"] = "end" if time == "end" else _seconds(0.0 if time == "first" else time, word)
        if when in files:
            raise UsageError(f"two files stand at {when}: {files[when]} and {name}; give each a time of its own")
        files[when] = Path(name)
    if not files:
        raise UsageError("give at least one file and when it stands, such as 0=a.png")
    return files


def kept_parts(clip: Clip, words: Sequence[str], *, gap: float | None = None) -> list[Clip | float]:
    """Cut out the parts of a clip that are kept, with the gaps between them.

    Args:
        clip: the whole.
        words: each FROM-TO in seconds, in order and apart from each other.
        gap: seconds between two parts; as long as what is cut out when not given.

    Returns:
        Parts and seconds of gaps, in turn; a part cut off at the start or the end leaves no gap.

    Raises:
        UsageError: if a word is not such a pair, the parts overlap or are out of order, or a part holds no frame.
    """
    spans = [_span(word) for word in words]
    for (one, other), (early, late) in zip(pairwise(words), pairwise(spans), strict=True):
        if late[0] < early[1]:
            raise UsageError(f"the parts {one} and {other} overlap or are out of order; give them in the order of time")
    parts: list[Clip | float] = []
    for index, span in enumerate(spans):
        if index:
            parts.append(span[0] - spans[index - 1][1] if gap is None else gap)
        parts.append(clip.between(*span))
    if gap is None and any(isinstance(part, float) and part <= 0 for part in parts):
        raise UsageError("two parts touch each other, so there is no gap to fill; say how long it should be with --gap")
    return parts


def curve_of(text: str) -> str | Curve:
    """Read a curve.

    Args:
        text: a name, or points of seconds and share such as "0:0,1:0.8,2:1".

    Returns:
        The name as it is, or the points.

    Raises:
        UsageError: if the points are no such pairs.
    """
    if ":" not in text:
        return text
    points = []
    for word in text.split(","):
        seconds, _, share = word.partition(":")
        points.append((_seconds(seconds, word), _seconds(share, word)))
    return tuple(points)


def _span(word: str) -> tuple[float, float]:
    start, dash, stop = word.partition("-")
    if not dash:
        raise UsageError(f"a part is FROM-TO in seconds, such as 0.5-1.5; got {word!r}")
    span = _seconds(start, word), _seconds(stop, word)
    if span[1] <= span[0]:
        raise UsageError(f"a part ends after it starts; got {word!r}")
    return span


def _seconds(text: str | float, word: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise UsageError(f"{str(text)!r} in {word!r} is no number from 0 on")
    return value
