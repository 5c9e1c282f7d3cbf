"""What `misora generate` does: plan the files, load the model, make and save one video after another, and tell of it."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from misora.core.errors import StoppedError
from misora.core.files import sha256_file
from misora.generate.options import Options, Target, parse_size, plan_targets
from misora.trust.home import Home
from misora.trust.store import find_file

if TYPE_CHECKING:
    from misora.generate.canvas import Canvas
    from misora.generate.studio import Studio


def run(options: Options) -> None:
    """Make what is asked, one file after another; each is whole or not there.

    Args:
        options: what is asked.

    Raises:
        MisoraError: if something does not fit, exists, is missing or broken; the message says what to do.
        StoppedError: if Ctrl-C comes after some of the files are finished.
    """
    targets = plan_targets(options)
    studio = _load(options)
    canvases = [_canvas(studio, options, target.seed) for target in targets]
    unknown = studio.unknown_words(f"{options.prompt} {options.negative}")
    _warn(unknown)
    if options.is_dry_run:
        _tell_cost(studio, canvases[0], options)
        return
    done: list[dict[str, Any]] = []
    try:
        for target, canvas in zip(targets, canvases, strict=True):
            done.append(_make(studio, canvas, target, options=options))
            if not options.is_json:
                print(_line(done[-1]))
    except KeyboardInterrupt:
        if not done:
            raise
        names = ", ".join(entry["file"] for entry in done)
        raise StoppedError(f"stopped; {len(done)} of {len(targets)} files are finished and whole: {names}") from None
    if options.is_json:
        print(json.dumps({"files": done, "unknown_words": unknown}, ensure_ascii=False))


def _load(options: Options) -> Studio:
    from misora.generate.studio import Studio

    return Studio.load(options.model, text_folder=options.text_encoder)


def _canvas(studio: Studio, options: Options, seed: int) -> Canvas:
    return studio.canvas(
        options.prompt,
        seconds=options.seconds,
        fps=options.fps,
        size=None if options.size is None else parse_size(options.size),
        negative=options.negative,
        guidance=options.guidance,
        seed=seed,
        is_still=options.is_still,
    )


def _make(studio: Studio, canvas: Canvas, target: Target, *, options: Options) -> dict[str, Any]:
    """Make and save one video; what is told of it, as a record."""
    from misora.generate.studio import generate

    begin = time.perf_counter()
    with _progress(target.path, is_shown=not options.is_json) as on_step:
        video = generate(studio, canvas, steps=_steps(options), speed=options.speed, on_step=on_step).enlarged(
            options.scale
        )
    home = Home.open(options.trust_home)
    video.save(target.path, force=options.force, visible_mark=options.visible_mark, home=home)
    return {
        "file": str(target.path),
        "bytes": target.path.stat().st_size,
        "took_seconds": round(time.perf_counter() - begin, 2),
        **_seal_of(target.path, home),
        **asdict(video.record),
    }


def _seal_of(path: Path, home: Home) -> dict[str, str]:
    """By what a signed file is known here."""
    digest = sha256_file(path)
    entry = find_file(home, digest)
    return {"sha256": digest} if entry is None else {"sha256": digest, "id": entry.name}


def _steps(options: Options) -> int:
    from misora.generate.sample import DEFAULT_STEPS

    return DEFAULT_STEPS if options.steps is None else options.steps


@contextmanager
def _progress(path: Path, *, is_shown: bool) -> Iterator[Callable[[Any], None]]:
    """A bar on the terminal with step, elapsed and remaining."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("step"),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("elapsed,"),
        TimeRemainingColumn(),
        TextColumn("remaining"),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not (is_shown and console.is_terminal)) as bar:
        task = bar.add_task(path.name, total=None)
        yield lambda step: bar.update(task, completed=step.number, total=step.num_steps)


def _line(entry: dict[str, Any]) -> str:
    width, height = entry["size"]
    return (
        f"{entry['file']}: {width}x{height}, {entry['seconds']:g} s at {entry['fps']:g} frames/s, "
        f"{entry['bytes'] / 1000:.0f} kB, seed {entry['seed']}, made in {entry['took_seconds']:.1f} s"
    )


def _warn(unknown: tuple[str, ...]) -> None:
    if unknown:
        words = ", ".join(unknown)
        print(f"warning: this model never met in training: {words}; it can only guess what is meant", file=sys.stderr)


def _tell_cost(studio: Studio, canvas: Canvas, options: Options) -> None:
    from misora.generate.estimate import estimate

    cost = estimate(studio.model, canvas, steps=_steps(options))
    if options.is_json:
        known = asdict(cost) | {"seconds": cost.seconds, "count": options.count, "seed": canvas.seed}
        print(json.dumps(known))
        return
    print(
        f"{options.count} x {canvas.width_px}x{canvas.height_px}, {canvas.num_frames} frames: {cost.tokens} tokens "
        f"({cost.tokens_a_step} a step), {cost.steps} steps of {cost.step_seconds * 1000:.0f} ms, about "
        f"{cost.seconds * options.count:.1f} s and {cost.memory_bytes / 2**30:.2f} GiB; nothing was written"
    )
