"""Commands about files that are finished and presets there are."""

from __future__ import annotations

import json as json_format
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

from tyro.conf import Positional, arg


def again(
    file: Positional[Path],
    /,
    *,
    output: Annotated[Path | None, arg(aliases=["-o"])] = None,
    source: tuple[Path, ...] = (),
    model: str | None = None,
    text_encoder: Path | None = None,
    words: tuple[str, ...] = (),
    negative: str | None = None,
    json: bool = False,
    force: bool = False,
) -> None:
    """Make a finished file anew from its record: identical on the same machine, else it is told how near it comes.

    Args:
        file: a video or picture that misora made, or the .json beside it.
        output: file to write; its name ends in -again, beside the first, if not given.
        source: files or folders in which pinned clips and pictures are looked for, by hash.
        model: name or folder of the model; the one named in the record if not given.
        text_encoder: folder with the text encoder's files, if not in a usual place.
        words: what each line said, in order, where the record leaves it out.
        negative: the negative prompt, where the record leaves it out.
        json: print one JSON object instead of lines.
        force: overwrite what is there.
    """
    from misora.generate.again import make_again

    made = make_again(
        file,
        output,
        sources=source,
        model=model,
        text_folder=text_encoder,
        words=words,
        negative=negative,
        force=force,
    )
    if json:
        told = {"file": str(made.path), "rgb_sha256": made.record.rgb_sha256, **_comparison(asdict(made))}
        print(json_format.dumps(told, ensure_ascii=False))
        return
    if made.is_identical:
        print(f"{made.path}: identical, RGB {made.record.rgb_sha256[:12]}")
        return
    near = "the old frames are not at hand" if made.psnr_db is None else f"PSNR {made.psnr_db:.1f} dB to the old file"
    why = "; ".join(made.differences) or "machine and versions are the same, so the source or the model differs"
    print(f"{made.path}: not identical, {near} ({why})")


def _comparison(known: dict[str, object]) -> dict[str, object]:
    return {name: known[name] for name in ("is_identical", "differences", "psnr_db")}


def presets(*, json: bool = False) -> None:
    """List the presets there are: those of the package, and one's own.

    Args:
        json: print one JSON object instead of lines.
    """
    from misora.generate.preset import as_record, as_table, preset_files, read_preset, user_folder

    files = preset_files()
    if json:
        known = {name: {"file": str(path), **as_record(read_preset(path))} for name, path in files.items()}
        print(json_format.dumps(known, ensure_ascii=False))
        return
    print(f"{as_table(files)}\n\nyour own: .toml files in {user_folder()}")


FINISHED: dict[str, Callable[..., None]] = {"again": again, "presets": presets}
