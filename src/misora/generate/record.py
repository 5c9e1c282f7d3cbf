"""What a finished file says about how it was made: enough to make it anew, and a digest that finds what was edited.

The digest proves that nobody changed the record by accident or by hand; it is no signature, for anyone can compute it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from misora.core.config import from_dict, to_dict
from misora.core.errors import MediaError, RecordError, UsageError
from misora.core.machine import Machine, versions
from misora.generate.canvas_record import CanvasRecord, digest_of
from misora.generate.windows import Overlap
from misora.video.line import Line

FORMAT = 2
DIGEST = "record_sha256"
MAX_BYTES = 4 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """How a video was made; written into the file itself and beside it.

    Attributes:
        prompt: the lines, one after another.
        negative: what guidance walked away from.
        seed: names the noise.
        model: name of the model.
        model_sha256: hash of its index, which holds the hash of every weight.
        steps: solver steps, of each window.
        speed: `exact`, or `fast` with step caching.
        guidance: scale of the text.
        guidance_down_to: time at which it ends; 1 is noise.
        size: width and height in pixels, as made.
        seconds: duration.
        fps: frames per second.
        scale: how many times each side was enlarged after sampling; 1 is as sampled.
        raw_prompt: what was asked, where the prompt was expanded from it.
        expanded_by: what expanded it: `playroom`, or the address of an endpoint.
        words_before: prompts of the files it came from, and of theirs, the oldest first, which are judged with its own.
        is_private: whether the words were left out.
        overlap: what neighbouring windows share; None where all was sampled in one go.
        canvas: the whole canvas, its pins by hash.
        machine: where it was made.
        rgb_sha256: of all pixels before marking and encoding; empty until they are finished.
    """

    prompt: str
    negative: str
    seed: int
    model: str
    model_sha256: str
    steps: int
    speed: str
    guidance: float
    guidance_down_to: float
    size: tuple[int, int]
    seconds: float
    fps: float
    scale: int = 1
    raw_prompt: str | None = None
    expanded_by: str | None = None
    words_before: tuple[str, ...] = ()
    is_private: bool = False
    overlap: Overlap | None = None
    canvas: CanvasRecord | None = None
    machine: dict[str, Any] = field(default_factory=dict)
    rgb_sha256: str = ""

    def without_words(self) -> Record:
        """The same record without what was said, also in the lines of its canvas."""
        canvas = self.canvas
        if canvas is not None:
            lines = tuple(Line("", line.from_seconds, line.to_seconds) for line in canvas.lines)
            canvas = replace(canvas, lines=lines, negative="")
        asked = None if self.raw_prompt is None else ""
        left = {"prompt": "", "negative": "", "raw_prompt": asked, "words_before": ()}
        return replace(self, **left, canvas=canvas, is_private=True)

    def as_dict(self) -> dict[str, Any]:
        """The record as plain values, with the versions that made the file and the digest over all of it."""
        known = {"format": FORMAT, **to_dict(self), "versions": versions()}
        if self.scale > 1:
            known["enlarged_by"] = "Lanczos resampling after sampling"
        return {**known, DIGEST: digest_of(known)}

    def to_json(self) -> str:
        """The record as one line of JSON."""
        return json.dumps(self.as_dict(), ensure_ascii=False)


def machine_record(machine: Machine) -> dict[str, Any]:
    """What of a machine can change a pixel, for a record.

    Args:
        machine: from `fingerprint`.

    Returns:
        Plain values; the versions of packages stand in the record of their own.
    """
    known = to_dict(machine)
    return {name: value for name, value in known.items() if name not in ("versions", "num_cores")}


def record_from_json(text: str, *, where: str = "the record") -> tuple[Record, Mapping[str, str]]:
    """Read a record, and prove that it is as it was written.

    Args:
        text: from `Record.to_json`.
        where: what to call it in an error.

    Returns:
        The record, and the versions that made the file.

    Raises:
        RecordError: if it is no record, of another format, or was edited.
    """
    try:
        known = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RecordError(f"{where} is not a record: {error}; give a file that misora made") from error
    if not isinstance(known, dict) or DIGEST not in known:
        raise RecordError(f"{where} is not a record with a digest; give a file that misora made")
    digest = known.pop(DIGEST)
    if digest_of(known) != digest:
        raise RecordError(
            f"{where} was changed after it was written: its digest does not hold; restore it, or read the record in the "
            "video itself"
        )
    if known.pop("format", None) != FORMAT:
        raise RecordError(f"{where} has another format than {FORMAT}; use the version of misora that wrote it")
    made_with = known.pop("versions", {})
    known.pop("enlarged_by", None)
    try:
        return from_dict(Record, known, where=where), made_with
    except UsageError as error:
        raise RecordError(f"{where} is broken: {error}") from error


def read_record(path: Path | str) -> tuple[Record, Mapping[str, str]]:
    """Read the record of a file: from a sidecar, from the file itself, or from the sidecar beside it.

    Args:
        path: a video or picture that misora made, or its sidecar.

    Returns:
        The record, and the versions that made the file.

    Raises:
        RecordError: if there is none, or it was edited.
    """
    path = Path(path)
    if path.suffix.lower() == ".json":
        return record_from_json(_read(path), where=str(path))
    beside = sidecar_of(path)
    if DIGEST in (text := _tag_of(path)):
        return record_from_json(text, where=f"the record in {path}")
    if beside.exists():
        return record_from_json(_read(beside), where=str(beside))
    raise RecordError(f"{path} holds no record, and there is no {beside.name} beside it; give a file that misora made")


def sidecar_of(path: Path) -> Path:
    """Name the sidecar of a file: the same name with `.json` after it."""
    return path.with_name(f"{path.name}.json")


def _tag_of(path: Path) -> str:
    from misora.video.sandbox import probe_untrusted

    try:
        return probe_untrusted(path).metadata.get("comment", "")
    except MediaError as error:
        raise RecordError(f"cannot read {path}: {error}") from error


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise RecordError(f"{path} is larger than {MAX_BYTES >> 20} MiB; a record is a few kilobytes")
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RecordError(f"cannot read {path}: {error}") from error
