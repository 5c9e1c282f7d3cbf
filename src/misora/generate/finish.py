"""From a finished clip to a file that may leave: its words and inputs judged, its frames judged and marked, the file signed."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from misora.core.errors import MisoraError, RefusedError
from misora.generate.canvas import Canvas
from misora.generate.canvas_record import digest_of, record_canvas
from misora.generate.expand import PLAYROOM
from misora.generate.record import Record, read_record
from misora.trust.claim import Making
from misora.trust.gate import admit_frames, admit_words
from misora.trust.seal import Seal, sealed

MOST_BEFORE = 64


def admitted(canvas: Canvas, *, raw: str | None = None, parents: Sequence[Path] = (), encoder: object = None) -> Canvas:
    """Judge what is asked, before anything is computed: words as typed and as expanded, the negative prompt, and pins.

    Args:
        canvas: what is asked.
        raw: the prompt as it was typed, where it was expanded.
        parents: files that go into it; the prompts of those that were made here are judged together with the words.
        encoder: a text encoder that is loaded already, where there is one.

    Returns:
        The canvas to go on with; harmless words are put in where policy transforms.

    Raises:
        RefusedError: if policy does not allow it.
        JudgeError: if a required judge cannot answer.
    """
    before = words_before(parents)
    if raw:
        admit_words([raw], parents=before, encoder=encoder)
    stage = "expanded" if raw else "prompt"
    texts = [line.text for line in canvas.lines]
    words = admit_words(texts, stage=stage, parents=before, encoder=encoder)
    [negative] = admit_words([canvas.negative], encoder=encoder)
    for pin in canvas.pins:
        admit_frames(pin.clip, stage="input")
    if list(words) == texts and negative == canvas.negative:
        return canvas
    lines = tuple(replace(line, text=text) for line, text in zip(canvas.lines, words, strict=True))
    return replace(canvas, lines=lines, negative=negative)


@contextmanager
def finishing(
    path: Path, canvas: Canvas, record: Record, *, parents: Sequence[Path] = (), visible_mark: bool = False
) -> Generator[Seal]:
    """Make the file of a finished video: what the body writes to `Seal.path` leaves signed, or not at all.

    Args:
        path: the final name.
        canvas: what was asked.
        record: how it was made, words and all.
        parents: files that went into it.
        visible_mark: whether to draw the visible mark.

    Yields:
        The seal: where to write, and what marks the frames.

    Raises:
        RefusedError: if policy does not allow the words, or wants others, or does not allow the frames.
        SigningError: if the file cannot be signed.
    """
    if admitted(canvas, raw=record.raw_prompt, parents=parents) is not canvas:
        raise RefusedError(
            f"{path.name} was made of words that policy replaces; make it by `Studio.generate` or the command, which do so"
        )
    said = ("", PLAYROOM, canvas.prompt, canvas.negative)
    admit_words([text for text in (record.prompt, record.negative, record.expanded_by or "") if text not in said])
    making = Making(
        model=record.model,
        model_sha256=record.model_sha256,
        canvas_sha256=digest_of(record_canvas(canvas)),
        seed=record.seed,
        parents=tuple(parents),
    )
    with sealed(path, making, fps=canvas.fps, is_visible=visible_mark) as seal:
        yield seal


def words_before(paths: Sequence[Path]) -> tuple[str, ...]:
    """Prompts of the files that misora made, and of those that they came from: a chain of edits must not leave them behind.

    Args:
        paths: files that go into another.

    Returns:
        The oldest first, each once, the last `MOST_BEFORE`; files of another maker or without a record say nothing.
    """
    found = []
    for path in paths:
        try:
            record = read_record(path)[0]
        except MisoraError:
            continue
        found += [*record.words_before, record.prompt]
    return tuple(dict.fromkeys(text for text in found if text))[-MOST_BEFORE:]
