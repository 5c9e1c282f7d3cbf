"""Captions beside a footage file: a text file of the same name.

Either every line is another way of describing the whole clip, or every line says when it holds, as `[0.0 - 2.5] a dog
runs`; then the lines together are one caption.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from misora.core.errors import UsageError
from misora.corpus.row import Caption
from misora.video.line import Line

REGISTER = "caption"
_MAX_BYTES = 1 << 16
_MAX_CHARACTERS = 2000
_TIMED = re.compile(r"\[\s*(\d+(?:\.\d+)?)\s*-\s*(\d+(?:\.\d+)?)\s*\]\s*(.+)")
_SIDES = re.compile(r"\b(left|right)", re.IGNORECASE)
_FOREVER = 1e9


class CaptionError(UsageError):
    """A caption file that cannot be read as one."""


def read_sidecar(footage: Path) -> tuple[Caption, ...]:
    """Read the captions of a footage file.

    Args:
        footage: the video; its captions stand in a file of the same name ending in `.txt`.

    Returns:
        One caption per wording, on the clock of the file; none if there is no text.

    Raises:
        CaptionError: if the text is too long, not UTF-8, or says times on some lines only.
    """
    path = footage.with_suffix(".txt")
    if not path.is_file():
        return ()
    if path.stat().st_size > _MAX_BYTES:
        raise CaptionError(f"{path.name} has more than {_MAX_BYTES} bytes; it should hold a few sentences")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise CaptionError(f"{path.name} is not UTF-8 text; save it as UTF-8") from error
    return parse_captions(text)


def parse_captions(text: str) -> tuple[Caption, ...]:
    """Read captions from text.

    Args:
        text: lines of wordings, or of times and words.

    Returns:
        One caption per wording, or one caption of timed lines.

    Raises:
        CaptionError: if a line is too long, a time is wrong, or only some lines say when they hold.
    """
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    if any(len(line) > _MAX_CHARACTERS for line in lines):
        raise CaptionError(f"a line of the caption has more than {_MAX_CHARACTERS} characters; shorten it")
    timed = [_TIMED.fullmatch(line) for line in lines]
    if not any(timed):
        return tuple(_caption(number, (Line(line, 0.0, _FOREVER),)) for number, line in enumerate(lines))
    if not all(timed):
        raise CaptionError("some lines of the caption say when they hold and some do not; give times to all or to none")
    try:
        spoken = [Line(found[3], float(found[1]), float(found[2])) for found in timed if found]
    except UsageError as error:
        raise CaptionError(str(error)) from error
    return (_caption(0, tuple(sorted(spoken, key=lambda line: line.from_seconds))),)


def captions_of_piece(captions: tuple[Caption, ...], *, from_seconds: float, to_seconds: float) -> tuple[Caption, ...]:
    """Cut captions to a piece of a file and move them to the clock of the piece.

    Words with a side are not told of the mirrored piece, since "left" may be a direction or a verb.

    Args:
        captions: on the clock of the file.
        from_seconds: where the piece begins.
        to_seconds: where it ends.

    Returns:
        Captions of the piece as it is and, where no side is named, of its mirror image.
    """
    cut = [replace(caption, lines=_cut(caption.lines, from_seconds, to_seconds)) for caption in captions]
    told = [caption for caption in cut if caption.lines]
    mirrored = [replace(x, is_mirrored=True) for x in told if not any(_SIDES.search(line.text) for line in x.lines)]
    return (*told, *mirrored)


def _caption(variant: int, lines: tuple[Line, ...]) -> Caption:
    return Caption(register=REGISTER, variant=variant, is_mirrored=False, lines=lines)


def _cut(lines: tuple[Line, ...], from_seconds: float, to_seconds: float) -> tuple[Line, ...]:
    kept = [
        (
            line.text,
            max(line.from_seconds, from_seconds) - from_seconds,
            min(line.to_seconds, to_seconds) - from_seconds,
        )
        for line in lines
    ]
    return tuple(Line(text, start, end) for text, start, end in kept if end > start)
