"""Controls that follow the clip frame by frame: the path of the camera, the track of an object."""

from __future__ import annotations

import csv
import json
import math
import tomllib
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, get_args

from misora.core.config import from_dict
from misora.core.errors import UsageError

Kind = Literal["camera", "track"]
NUM_VALUES: dict[str, int] = {"camera": 6, "track": 2}
"""Camera: where it stands and what it looks at, metres, x right, y away, z up. Track: shares of the width and height."""

_MAX_BYTES = 4 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """What a thing outside of the words does, moment by moment.

    Attributes:
        kind: `camera` for its path, `track` for where an object is to be seen.
        times_seconds: moments on the canvas, rising.
        values: one row for each of them: six numbers for a camera (place, then the point looked at, metres), two for a
            track (from the left and from the top, as shares of the picture).
    """

    kind: Kind
    times_seconds: tuple[float, ...]
    values: tuple[tuple[float, ...], ...]

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise UsageError(f"unknown control {self.kind!r}; there is {', '.join(get_args(Kind))}")
        if not self.times_seconds or len(self.times_seconds) != len(self.values):
            raise UsageError(
                f"a {self.kind} control has {len(self.times_seconds)} times and {len(self.values)} rows of values; "
                "give at least one, and a row for each time"
            )
        wanted = NUM_VALUES[self.kind]
        for seconds, row in zip(self.times_seconds, self.values, strict=True):
            if len(row) != wanted or not all(map(math.isfinite, (seconds, *row))):
                raise UsageError(f"a {self.kind} control takes {wanted} finite numbers at {seconds} s, got {list(row)}")
        if self.times_seconds[0] < 0 or any(late <= early for early, late in pairwise(self.times_seconds)):
            raise UsageError(
                f"the times of a {self.kind} control must rise from 0 s on, got {list(self.times_seconds)}"
            )


def read_control(path: Path | str, kind: Kind) -> Control:
    """Read a control from a file.

    Args:
        path: .json or .toml with `times_seconds` and `values`, or .csv with a time and its values in each row.
        kind: what it controls.

    Returns:
        The control.

    Raises:
        UsageError: if the file is missing, of another kind, or does not hold such numbers.
    """
    path = Path(path)
    readers = {".json": json.loads, ".toml": tomllib.loads, ".csv": _rows}
    if path.suffix.lower() not in readers:
        raise UsageError(f"cannot read a {kind} control from {path.name!r}; give {', '.join(readers)}")
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise UsageError(f"{path} is larger than {_MAX_BYTES >> 20} MiB; a control is a short list of numbers")
        data = readers[path.suffix.lower()](path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        if isinstance(error, UsageError):
            raise
        raise UsageError(f"{path} is not a valid {path.suffix[1:]} file: {error}") from error
    if not isinstance(data, dict):
        raise UsageError(f"{path} must be a table with `times_seconds` and `values`, got a {type(data).__name__}")
    return from_dict(Control, {**data, "kind": kind}, where=str(path))


def _rows(text: str) -> dict[str, Any]:
    """Times and values from lines such as `0.5, 0.2, 0.8`; a heading is passed over."""
    rows = [row for row in csv.reader(text.splitlines()) if row]
    if rows and not _is_number(rows[0][0]):
        rows = rows[1:]
    numbers = [[float(word) for word in row] for row in rows]
    return {"times_seconds": [row[0] for row in numbers], "values": [row[1:] for row in numbers]}


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True
