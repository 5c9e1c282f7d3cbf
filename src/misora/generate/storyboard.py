"""From a canvas file to a canvas: lines, pins and cards laid out, characters described and shown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Unpack

import torch

from misora.core.errors import UsageError
from misora.generate.canvas import Canvas
from misora.generate.canvas_file import CanvasFile, CardEntry, Character, LineEntry, PinEntry
from misora.generate.limits import check_canvas
from misora.generate.pin import Pin
from misora.generate.source import fitted, fitting_size, open_clip, read_mask
from misora.generate.studio import Asked, Studio, blank
from misora.video.clip import Clip
from misora.video.line import Line

CHARACTER_LEVEL = 0.1
"""Noise with which a character's frame is shown: what it looks like, not where it stands."""


def storyboard(studio: Studio, said: CanvasFile, *, folder: Path | str = ".", **asked: Unpack[Asked]) -> Canvas:
    """Lay out what a canvas file says.

    Args:
        studio: the model.
        said: from `read_canvas_file`, or made in Python.
        folder: that its paths are relative to.
        **asked: as in `Studio.canvas`; what is not None goes before what the file says.

    Returns:
        The canvas.

    Raises:
        UsageError: if something does not fit.
    """
    sized = _settings(studio, said, Path(folder), asked)
    base = blank(studio.model.limits, "said below" if said.lines or said.cards else "", **sized)
    lines = _lines(said, base)
    described = tuple(replace(line, text=_described(line.text, said.characters)) for line in lines)
    pins = [_pin(entry, base, said, Path(folder)) for entry in said.pins]
    pins += _card_pins(said, base, Path(folder))
    pins += _shown(said.characters, lines, base, said, Path(folder))
    canvas = replace(base, lines=described, pins=tuple(pins), controls=said.controls)
    check_canvas(canvas, studio.model.limits)
    return canvas


def _settings(studio: Studio, said: CanvasFile, folder: Path, asked: Asked) -> Asked:
    """What is asked of the canvas as a whole: first by the caller, then by the file, then by its first source."""
    sized = Asked(
        seconds=said.seconds, fps=said.fps, size=said.size, guidance=said.guidance, negative=said.negative,
        seed=said.seed, is_still=said.is_still,
    )  # fmt: skip
    for name, value in asked.items():
        if value not in (None, "", False):
            sized[name] = value  # type: ignore[literal-required]
    files = [entry.file for entry in said.pins if entry.region is None]
    files += [path for card in said.cards for path in (card.image, card.clip) if path is not None]
    if sized.get("size") is None and files:
        sized["size"] = fitting_size(open_clip(folder / files[0]).size, studio.model.limits)
    return sized


def _lines(said: CanvasFile, base: Canvas) -> tuple[Line, ...]:
    """The lines as they are written; those of cards hold until the next card that speaks."""
    spoken = [card for card in said.cards if card.text]
    ends = [*(card.at_seconds for card in spoken[1:]), base.seconds]
    cards = [
        LineEntry(text=card.text, from_seconds=card.at_seconds, to_seconds=end)
        for card, end in zip(spoken, ends, strict=True)
    ]
    for card in said.cards:
        if card.at_seconds >= base.seconds:
            raise UsageError(
                f"the card at {card.at_seconds:g} s stands after the end at {base.seconds:g} s; put it earlier, or make "
                "the canvas longer with `seconds`"
            )
    return tuple(
        Line(line.text, line.from_seconds, base.seconds if line.to_seconds is None else line.to_seconds)
        for line in (*said.lines, *cards)
    )


def _pin(entry: PinEntry, base: Canvas, said: CanvasFile, folder: Path) -> Pin:
    source = open_clip(folder / entry.file)
    is_kept = None if entry.mask is None else read_mask(folder / entry.mask, source)
    span = (entry.from_seconds or 0.0, float("inf") if entry.to_seconds is None else entry.to_seconds)
    left, top, right, bottom = entry.region or (0, 0, *base.size)
    size = (right - left, bottom - top)

    def laid(clip: Clip) -> Clip:
        return fitted(clip.between(*span), size=size, fps=base.fps, fit=said.fit)

    mask = None
    if is_kept is not None:
        grey = torch.where(is_kept[:, None], 255, 0).to(torch.uint8).expand(-1, 3, -1, -1)
        mask = laid(Clip(frames=grey, pts_seconds=source.pts_seconds)).frames[:, 0] > 254
    return Pin(
        clip=laid(source),
        at_seconds=entry.at_seconds,
        region=entry.region,
        keep=entry.keep,
        weight=entry.weight,
        mask=mask,
        hold=entry.hold,
        is_card=entry.is_card,
    )


def _card_pins(said: CanvasFile, base: Canvas, folder: Path) -> list[Pin]:
    pins, busy_until, before = [], 0.0, None
    for card in said.cards:
        path = card.image or card.clip
        if path is None:
            continue
        if card.at_seconds < busy_until - 0.5 / base.fps:
            raise UsageError(
                f"the card at {card.at_seconds:g} s overlaps {before}, which lasts until {busy_until:g} s; put it later"
            )
        clip = fitted(_of_kind(card, folder / path), size=base.size, fps=base.fps, fit=said.fit)
        pins.append(Pin(clip=clip, at_seconds=card.at_seconds))
        busy_until, before = card.at_seconds + clip.num_frames / base.fps, path
    return pins


def _of_kind(card: CardEntry, path: Path) -> Clip:
    clip = open_clip(path)
    if card.image is not None and clip.num_frames > 1:
        raise UsageError(f"{path} is a clip of {clip.num_frames} frames; name it as the card's clip, not its image")
    return clip


def _described(text: str, characters: Sequence[Character]) -> str:
    """The text with each name replaced by what it stands for."""
    for character in characters:
        text = _named(character).sub(lambda _, words=character.description: words, text)
    return text


def _named(character: Character) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(character.name)}(?!\w)", re.IGNORECASE)


def _shown(
    characters: Sequence[Character], lines: Sequence[Line], base: Canvas, said: CanvasFile, folder: Path
) -> list[Pin]:
    """A frame of each character that is named, beside the clip where it is named first."""
    pins = []
    for character in characters:
        first = next((line for line in lines if _named(character).search(line.text)), None)
        if character.clip is None or first is None:
            continue
        source = open_clip(folder / character.clip)
        frame = Clip.at_rate(source.frames[source.num_frames // 2][None], 1.0)
        still = fitted(frame, size=base.size, fps=base.fps, fit=said.fit)
        pins.append(Pin(clip=still, at_seconds=first.from_seconds, hold=CHARACTER_LEVEL, is_card=True))
    return pins
