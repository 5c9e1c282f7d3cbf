"""What the camera does, said in the words that models were trained on, or as a path."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from misora.generate.canvas import Canvas
from misora.generate.control import Control
from misora.generate.words import phrase_of
from misora.video.line import Line


def directed(canvas: Canvas, *, camera: str | None = None, controls: Iterable[Control] = ()) -> Canvas:
    """Tell the camera what to do.

    Args:
        canvas: what is asked.
        camera: a camera word, whose phrase is added to every line; None adds nothing.
        controls: paths and tracks that are added.

    Returns:
        The canvas with both.

    Raises:
        UsageError: if the word is unknown.
    """
    lines = canvas.lines
    if camera is not None:
        phrase = phrase_of(camera)
        spoken = lines or (Line(phrase, 0.0, canvas.seconds),)
        lines = tuple(
            line if phrase in line.text else replace(line, text=f"{line.text.rstrip('. ')}, {phrase}")
            for line in spoken
        )
    return replace(canvas, lines=lines, controls=(*canvas.controls, *controls))
