"""One clip of a corpus as it is written: its bytes, its clock, its captions, and where it comes from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from misora.video.line import Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Caption:
    """One way of saying what a clip shows.

    Attributes:
        register: manner of speaking: `tags`, `plain`, `story` or `paragraph` for worlds, `caption` for footage.
        variant: number of the choice of words within the register, from 0.
        is_mirrored: whether it describes the clip with left and right exchanged.
        lines: what is said, and when; at least one.
    """

    register: str
    variant: int
    is_mirrored: bool
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One clip as a row of the table.

    Attributes:
        id: unique in the corpus; the same content always gets the same id.
        source: where it comes from, such as `playroom` or the name of a footage file.
        seed: the seed of the script for worlds, the number of the piece for footage.
        split: `train` or `held_out`.
        video: an encoded file; lossless for worlds.
        width_px: width of a frame.
        height_px: height of a frame.
        num_frames: how many frames `video` decodes to.
        fps: frames per second.
        seconds: duration on the clip's clock.
        captions: every stored way of saying what it shows; may be empty for footage.
        script: the script of a world as JSON, or None.
        truth: the truth of a world as safetensors bytes, or None.
        licence: under which the pixels may be used.
        renderer: what made or cut the pixels, with its version.
    """

    id: str
    source: str
    seed: int
    split: str
    video: bytes
    width_px: int
    height_px: int
    num_frames: int
    fps: float
    seconds: float
    captions: tuple[Caption, ...]
    script: str | None
    truth: bytes | None
    licence: str
    renderer: str


def captions_to_json(captions: tuple[Caption, ...]) -> str:
    """Write captions as the text of the `lines` column.

    Args:
        captions: every stored way of saying what a clip shows.

    Returns:
        A JSON list of {register, variant, mirrored, lines: [{text, from_seconds, to_seconds}]}.
    """
    return json.dumps([_caption_to_dict(caption) for caption in captions], ensure_ascii=False, separators=(",", ":"))


def captions_from_json(text: str) -> tuple[Caption, ...]:
    """Read captions from the text of the `lines` column.

    Args:
        text: what `captions_to_json` wrote.

    Returns:
        The captions in the order in which they were written.
    """
    return tuple(_caption_from_dict(entry) for entry in json.loads(text))


def _caption_to_dict(caption: Caption) -> dict[str, Any]:
    lines = [{"text": x.text, "from_seconds": x.from_seconds, "to_seconds": x.to_seconds} for x in caption.lines]
    return {
        "register": caption.register,
        "variant": caption.variant,
        "mirrored": caption.is_mirrored,
        "lines": lines,
    }


def _caption_from_dict(entry: dict[str, Any]) -> Caption:
    return Caption(
        register=entry["register"],
        variant=entry["variant"],
        is_mirrored=entry["mirrored"],
        lines=tuple(Line(x["text"], float(x["from_seconds"]), float(x["to_seconds"])) for x in entry["lines"]),
    )
