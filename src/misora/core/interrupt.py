"""Ctrl-C and SIGTERM as a wish that a long run grants between two whole things."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)  # a person; a scheduler that wants the machine back


@contextmanager
def stop_wish() -> Generator[Callable[[], bool], None, None]:
    """Take the first Ctrl-C or SIGTERM as a wish to stop; the second acts as it did before.

    A signal that the process ignores stays ignored, and outside of the main thread nothing is caught.

    Yields:
        A function that tells whether the wish was made.
    """
    is_asked = False
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    caught = [number for number, handler in before.items() if handler not in (None, signal.SIG_IGN)]

    def restore() -> None:
        for number in caught:
            signal.signal(number, before[number])

    def note(_number: int, _frame: FrameType | None) -> None:
        nonlocal is_asked
        is_asked = True
        restore()

    if threading.current_thread() is not threading.main_thread():
        caught.clear()
    for number in caught:
        signal.signal(number, note)
    try:
        yield lambda: is_asked
    finally:
        restore()
