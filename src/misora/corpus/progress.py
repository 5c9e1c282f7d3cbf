"""How far a long run is, how fast it goes, and how long it will still take."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The state of a run over many things.

    Attributes:
        what: the things, such as `clips`.
        num_done: how many are done, those of earlier runs included.
        num_all: how many there will be.
        rate_hz: things a second in this run.
        remaining_seconds: the expected wait.
    """

    what: str
    num_done: int
    num_all: int
    rate_hz: float
    remaining_seconds: float

    def __str__(self) -> str:
        minutes, seconds = divmod(round(self.remaining_seconds), 60)
        return (
            f"{self.num_done:,} of {self.num_all:,} {self.what}, "
            f"{self.rate_hz:.1f} {self.what}/s, {minutes} min {seconds:02d} s left"
        )


OnProgress = Callable[[Progress], None]


def print_progress(progress: Progress) -> None:
    """Print one line to stderr.

    Args:
        progress: the state of the run.
    """
    print(progress, file=sys.stderr, flush=True)


def ignore_progress(progress: Progress) -> None:
    """Say nothing.

    Args:
        progress: the state of the run.
    """


class Meter:
    """Counts what a run does and reports it every few seconds and at the end."""

    def __init__(self, what: str, *, num_done: int, num_all: int, on_progress: OnProgress, every_seconds: float = 10):
        self._what = what
        self._num_before = self._num_done = num_done
        self._num_all = num_all
        self._on_progress = on_progress
        self._every_seconds = every_seconds
        self._started = self._reported = time.monotonic()

    def add(self, count: int) -> None:
        """Count things as done.

        Args:
            count: how many more.
        """
        self._num_done += count
        now = time.monotonic()
        if self._num_done < self._num_all and now - self._reported < self._every_seconds:
            return
        self._reported = now
        rate_hz = (self._num_done - self._num_before) / max(now - self._started, 1e-9)
        left = max(self._num_all - self._num_done, 0)
        self._on_progress(
            Progress(
                what=self._what,
                num_done=self._num_done,
                num_all=self._num_all,
                rate_hz=rate_hz,
                remaining_seconds=left / max(rate_hz, 1e-9),
            )
        )
