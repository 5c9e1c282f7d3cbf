"""What the camera does, said in the words that models were trained on, or as a path."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import replace

from misora.core.errors import UsageError
from misora.generate.canvas import Canvas
from misora.generate.control import Control
from misora.video.line import Line

PHRASES = {
    "still": "the camera stays still",
    "orbit": "the camera orbits around",
    "pan": "the camera pans",
    "push in": "the camera pushes in",
    "pull back": "the camera pulls back",
    "rise": "the camera rises",
}
"""What a line says of the camera, by the word that a person gives."""


def phrase_of(word: str) -> str:
    """Find the trained phrase for a camera word.

    Args:
        word: such as "orbit" or "push in"; hyphens and underscores count as spaces.

    Returns:
        The phrase.

    Raises:
        UsageError: if the word is unknown.
    """
    plain = " ".join(word.lower().replace("-", " ").replace("_", " ").split())
    if plain not in PHRASES:
        close = difflib.get_close_matches(plain, PHRASES, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        raise UsageError(f"unknown camera word {word!r}{hint} There is {', '.join(PHRASES)}".replace("? T", "? t", 1))
    return PHRASES[plain]


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
            line if phrase in line.text else replace(line, text=f"{line.text.rstrip('. ')}, {phrase}") for line in spoken
        )
    return replace(canvas, lines=lines, controls=(*canvas.controls, *controls))
