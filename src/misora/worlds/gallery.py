"""A world filmed into files that a person can look at: clips with words, script and truth, and one contact sheet."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from misora.core.errors import MisoraError, OutputError, UsageError
from misora.core.files import write_atomic
from misora.core.folder import save_tensors
from misora.core.seeds import derive
from misora.video.clip import Clip
from misora.video.encode import write_clip
from misora.video.image import write_image
from misora.video.strip import contact_sheet
from misora.worlds.draw import draw_script
from misora.worlds.film import Filmer, Take
from misora.worlds.grammar import FIRST, Grammar, grammar_named
from misora.worlds.script import script_to_dict
from misora.worlds.words import captions

MAX_SHEET_CLIPS = 36
_MAX_ATTEMPTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Gallery:
    """What was written.

    Attributes:
        folder: where it lies.
        sheet: the contact sheet.
        clips: the mp4 files; each has a `.txt`, `.json` and `.safetensors` of the same name beside it.
    """

    folder: Path
    sheet: Path
    clips: tuple[Path, ...]


def film_gallery(
    out: Path | str,
    *,
    clips: int,
    world: str = "playroom",
    seed: int = 0,
    grammar: str = FIRST.name,
    force: bool = False,
    on_clip: Callable[[int], None] | None = None,
) -> Gallery:
    """Film clips into a folder; the same seed films the same clips.

    Args:
        out: the folder; made if missing.
        clips: how many, at least 1.
        world: which simulator; `playroom` is the only one.
        seed: draws the scripts and the choice of words.
        grammar: `first` or `wide`: what the scripts are drawn from.
        force: write over the files of an earlier run.
        on_clip: told how many clips are done.

    Returns:
        The paths that were written; the sheet shows the first clips.

    Raises:
        UsageError: if the world is unknown or there is nothing to film.
        OutputError: if the folder holds files already or cannot be made.
    """
    if world != "playroom":
        raise UsageError(f"unknown world {world!r}; the only one is 'playroom'")
    if clips < 1:
        raise UsageError(f"clips must be at least 1, got {clips}")
    told = grammar_named(grammar)
    folder = _empty_folder(Path(out), force)
    paths: list[Path] = []
    shown: list[Clip] = []
    labels: list[str] = []
    with Filmer() as filmer:
        for number in range(clips):
            take = _take(filmer, told, seed, number)
            paths.append(folder / f"{number:04d}.mp4")
            words = _write(take, paths[-1], seed=derive("words", seed, number))
            if number < MAX_SHEET_CLIPS:
                shown.append(take.clip)
                labels.append(f"{number:04d}  {words}")
            if on_clip is not None:
                on_clip(number + 1)
    sheet = folder / "sheet.png"
    write_image(sheet, contact_sheet(shown, labels, num_frames=8, num_columns=1 if clips < 4 else 2))
    return Gallery(folder=folder, sheet=sheet, clips=tuple(paths))


def _take(filmer: Filmer, grammar: Grammar, seed: int, number: int) -> Take:
    for attempt in range(_MAX_ATTEMPTS):
        try:
            seed_of_script = derive("gallery", seed, number, attempt)
            return filmer.film(draw_script(seed_of_script, split="any", grammar=grammar))
        except MisoraError:  # this script cannot be staged; the next one is drawn
            if attempt == _MAX_ATTEMPTS - 1:
                raise
    raise AssertionError("the last attempt films or raises")


def _write(take: Take, path: Path, *, seed: int) -> str:
    lines = captions(take.script, register="plain", seed=seed)
    words = " / ".join(line.text for line in lines)
    write_clip(take.clip, path, metadata={"comment": words})
    write_atomic(path.with_suffix(".txt"), "".join(f"{line.text}\n" for line in lines).encode())
    write_atomic(path.with_suffix(".json"), json.dumps(script_to_dict(take.script), indent=1).encode() + b"\n")
    save_tensors(path.with_suffix(".safetensors"), take.truth.to_tensors(), {"renderer": take.truth.renderer})
    return words


def _empty_folder(folder: Path, force: bool) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        is_used = any(folder.iterdir())
    except OSError as error:
        raise OutputError(f"cannot make the folder {folder}: {error.strerror}; choose another path") from error
    if is_used and not force:
        raise OutputError(f"{folder} holds files already; choose another folder, or pass --force to write over them")
    return folder
