"""A finished file made anew from its record: the same pixels on the same machine, else how near they come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from jaxtyping import UInt8
from torch import Tensor

from misora.core.errors import RecordError
from misora.core.machine import Machine, fingerprint, versions
from misora.flow.solve import OnStep
from misora.generate.canvas import Canvas
from misora.generate.canvas_record import CanvasRecord, lay_again
from misora.generate.finish import admitted
from misora.generate.pin_sources import find_pins
from misora.generate.record import Record, machine_record, read_record
from misora.generate.sample import Speed
from misora.generate.source import open_clip
from misora.generate.stream import film
from misora.generate.studio import Studio, generate

_ANYWHERE = ("commit",)
"""Of a machine's record: what may differ though the arithmetic is the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """What came of making a file anew.

    Attributes:
        path: the new file.
        record: of the new file.
        is_identical: whether every pixel before marking and encoding is the same.
        differences: what is another here than where the file was made, as "processor: A, here B".
        psnr_db: of the new pixels against the old file, which holds them as it was encoded; None where identical, or where
            the old file holds other frames or is gone.
    """

    path: Path
    record: Record
    is_identical: bool
    differences: tuple[str, ...]
    psnr_db: float | None


def make_again(
    source: Path | str,
    output: Path | None = None,
    *,
    sources: Sequence[Path] = (),
    model: str | Path | None = None,
    text_folder: Path | None = None,
    words: Sequence[str] = (),
    negative: str | None = None,
    force: bool = False,
    on_step: OnStep | None = None,
) -> Again:
    """Make a file anew from its record.

    Args:
        source: a file that misora made, or the sidecar beside it.
        output: where to write; beside the source, its name ending in `-again`, when None.
        sources: files and folders in which pinned clips and pictures are looked for.
        model: name or folder of the model; the name in the record when None.
        text_folder: where the text encoder's files lie.
        words: one for each line, where the record holds none.
        negative: the negative prompt, where the record holds none.
        force: overwrite what is there.
        on_step: told of every step.

    Returns:
        The new file, and how it compares.

    Raises:
        RecordError: if there is no record, it was edited, or something it needs is missing.
        MediaError: if a source that is named cannot be read.
        RefusedError: if policy does not allow it today.
    """
    source = Path(source)
    record, made_with = read_record(source)
    if record.canvas is None or not record.rgb_sha256:
        raise RecordError(f"the record of {source} holds no canvas; it is of a file that cannot be made anew")
    told = _with_words(record, record.canvas, words, negative)
    studio = Studio.load(model or record.model, text_folder=text_folder)
    if studio.model.digest != record.model_sha256:
        raise RecordError(
            f"{source} was made by {record.model} with hash {record.model_sha256[:12]}, this model has "
            f"{studio.model.digest[:12]}; name the folder of that very model with --model"
        )
    found = find_pins(told.pins, sources, fps=told.fps)
    parents = tuple(dict.fromkeys(path for path, _ in found.values()))
    canvas = lay_again(told, {name: clip for name, (_, clip) in found.items()})
    canvas = admitted(canvas, raw=record.raw_prompt, parents=parents, encoder=studio.model.text)
    if record.size != tuple(side * record.scale for side in canvas.size):
        raise RecordError(
            f"{source} is a sheet of several pictures, which its record does not hold; make them one by one"
        )
    target = output or _beside(source)
    with _threads(record.machine):
        made, frames = _made(studio, canvas, record, target, parents=parents, force=force, on_step=on_step)
        is_identical = made.rgb_sha256 == record.rgb_sha256
        psnr = None if is_identical else _psnr_against(source, frames)
        here = fingerprint()
    return Again(
        path=target,
        record=made,
        is_identical=is_identical,
        differences=differences(record.machine, made_with, here),
        psnr_db=psnr,
    )


def differences(machine: Mapping[str, Any], made_with: Mapping[str, str], here: Machine) -> tuple[str, ...]:
    """Name what is another here than where a file was made.

    Args:
        machine: of the record.
        made_with: versions of packages, of the record.
        here: this machine.

    Returns:
        One line for each difference that can change a pixel.
    """
    now = machine_record(here)
    pairs = [(name, machine.get(name), now[name]) for name in now if name not in _ANYWHERE]
    pairs += [(name, made_with.get(name), version) for name, version in versions().items()]
    return tuple(f"{name}: {then}, here {value}" for name, then, value in pairs if then != value)


def _with_words(record: Record, canvas: CanvasRecord, words: Sequence[str], negative: str | None) -> CanvasRecord:
    if not record.is_private:
        return canvas
    num = len(canvas.lines)
    if len(words) != num:
        raise RecordError(
            f"the words were left out of this record (--private): give the {num} of its lines again, each as --words, in "
            f"the order of time; got {len(words)}"
        )
    lines = tuple(replace(line, text=text) for line, text in zip(canvas.lines, words, strict=True))
    return replace(canvas, lines=lines, negative=negative or "")


def _beside(source: Path) -> Path:
    named = source.with_suffix("") if source.suffix.lower() == ".json" else source
    return named.with_stem(f"{named.stem}-again")


@contextmanager
def _threads(machine: Mapping[str, Any]) -> Iterator[None]:
    """Compute with as many threads as were used, for the sums depend on it."""
    before, wanted = torch.get_num_threads(), machine.get("num_threads")
    if isinstance(wanted, int) and 1 <= wanted <= 256:
        torch.set_num_threads(wanted)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _made(
    studio: Studio,
    canvas: Canvas,
    record: Record,
    target: Path,
    *,
    parents: tuple[Path, ...],
    force: bool,
    on_step: OnStep | None,
) -> tuple[Record, Iterator[UInt8[Tensor, "f 3 H W"]]]:
    """Make and save; the new record, and the frames."""
    speed: Speed = "fast" if record.speed == "fast" else "exact"
    kept = {name: getattr(record, name) for name in ("raw_prompt", "expanded_by")}
    if target.suffix.lower() == ".mp4":
        made = film(
            studio,
            canvas,
            steps=record.steps,
            speed=speed,
            scale=record.scale,
            overlap=record.overlap,
            on_step=on_step,
        )
        made = replace(made, record=replace(made.record, **kept), parents=parents)
        return made.save(target, force=force, is_private=record.is_private), made.frames()
    video = generate(studio, canvas, steps=record.steps, speed=speed, overlap=record.overlap, on_step=on_step)
    video = video.enlarged(record.scale)
    video = replace(video, record=replace(video.record, **kept), parents=parents)
    video.save(target, force=force, is_private=record.is_private)
    return video.told, iter((video.clip.frames,))


def _psnr_against(source: Path, parts: Iterator[UInt8[Tensor, "f 3 H W"]]) -> float | None:
    """Of frames against those of a file; None where it is gone or holds others."""
    path = source.with_suffix("") if source.suffix.lower() == ".json" else source
    if not path.exists():
        return None
    old, first, error, num = open_clip(path).frames, 0, 0.0, 0
    for frames in parts:
        beside = old[first : first + len(frames)]
        if beside.shape != frames.shape:
            return None
        error += float((frames.double() - beside.double()).square().sum())
        first, num = first + len(frames), num + frames.numel()
    if first != len(old):
        return None
    return float(10 * torch.log10(torch.tensor(255.0**2 / max(error / num, 1e-12))))
