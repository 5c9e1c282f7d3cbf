"""What `misora generate` does: plan the files, load the model, make and save one video after another, and tell of it."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from misora.core.errors import StoppedError, UsageError
from misora.core.files import sha256_file
from misora.generate.long_run import expanded_record, is_long_canvas, make_long, with_unfinished_seed
from misora.generate.options import Options, Target, parse_size, plan_targets
from misora.generate.wording import with_preset, worded
from misora.trust.home import using_home

if TYPE_CHECKING:
    from misora.generate.canvas import Canvas
    from misora.generate.expand import Expansion
    from misora.generate.record import Record
    from misora.generate.studio import Studio

MAX_VARIATIONS = 64
Lay = Callable[..., "Canvas"]
"""From a studio and the settings of `studio.Asked` to a canvas."""


def run(options: Options, lay: Lay | None = None) -> None:
    """Make what is asked, one file after another; each is whole or not there.

    Args:
        options: what is asked.
        lay: lays the canvas, as abilities do; of the prompt alone when not given.

    Raises:
        MisoraError: if something does not fit, exists, is missing or broken; the message says what to do.
        StoppedError: if Ctrl-C comes after some of the files are finished.
    """
    with using_home(options.trust_home):
        _run(with_unfinished_seed(with_preset(options)), lay)


def _run(options: Options, lay: Lay | None) -> None:
    targets = plan_targets(options)
    studio = _load(options)
    if not options.is_dry_run:
        _examine(options, studio)
    asked = [_canvas(studio, options, lay or _plain(options), seed=target.seed) for target in targets]
    canvases = [canvas for canvas, _ in asked]
    unknown = studio.unknown_words(f"{canvases[0].prompt} {canvases[0].negative}")
    _warn(unknown)
    if options.is_dry_run:
        _tell_cost(studio, canvases[0], options)
        return
    done: list[dict[str, Any]] = []
    try:
        for target, (canvas, expansion) in zip(targets, asked, strict=True):
            begin = time.perf_counter()
            record = _make(studio, canvas, target, options=options, first_seed=targets[0].seed, expansion=expansion)
            done.append(_entry(record, target.path, begin))
            if not options.is_json:
                print(_line(done[-1]))
    except KeyboardInterrupt:
        if not done:
            raise
        names = ", ".join(entry["file"] for entry in done)
        raise StoppedError(f"stopped; {len(done)} of {len(targets)} files are finished and whole: {names}") from None
    if options.is_json:
        print(json.dumps({"files": done, "unknown_words": unknown}, ensure_ascii=False))


def run_variations(options: Options, *, num: int) -> None:
    """Make a picture several times, all in one pack, and lay all on one sheet.

    Args:
        options: what is asked.
        num: how many, 1 to 64.

    Raises:
        MisoraError: if something does not fit, exists, is missing or broken; the message says what to do.
        UsageError: if there are too few or too many.
    """
    if not 1 <= num <= MAX_VARIATIONS:
        raise UsageError(f"a sheet holds 1 to {MAX_VARIATIONS} pictures, got {num}")
    if not options.is_still:
        raise UsageError("a sheet of pictures is a picture; end the output in .png, .jpg or .webp")
    with using_home(options.trust_home):
        _run_variations(with_preset(options), num)


def _run_variations(options: Options, num: int) -> None:
    [target] = plan_targets(options)
    studio = _load(options)
    from misora.generate.abilities import variations
    from misora.generate.studio import generate_sheet

    if not options.is_dry_run:
        _examine(options, studio)
    canvas, expansion = _canvas(studio, options, _plain(options), seed=target.seed)
    canvases = variations(studio, canvas, num)
    if options.is_dry_run:
        _tell_cost(studio, canvases[0], replace(options, count=num))
        return
    begin = time.perf_counter()
    sheet = generate_sheet(studio, canvases, steps=_steps(options), speed=options.speed)
    sheet = replace(sheet, record=expanded_record(sheet.record, expansion))
    sheet.save(target.path, force=options.force, is_private=options.is_private, visible_mark=options.visible_mark)
    entry = _entry(sheet.told, target.path, begin) | {"num": num}
    print(json.dumps({"files": [entry]}, ensure_ascii=False) if options.is_json else _line(entry))


def _load(options: Options) -> Studio:
    from misora.generate.studio import Studio

    return Studio.load(options.model, text_folder=options.text_encoder)


def laid_by(path: Path, *, prompt: str = "", seed: int | None = None) -> tuple[Lay, int | None, str]:
    """Read a canvas file, for `run`.

    Args:
        path: the file.
        prompt: must be empty.
        seed: goes before the file's.

    Returns:
        What lays the canvas, its seed if there is one, and the suffix of what it makes.

    Raises:
        UsageError: if there is a prompt besides, or the file says something unknown.
    """
    from misora.generate.canvas_file import read_canvas_file

    if prompt:
        raise UsageError(f"a canvas file says everything; put {prompt[:60]!r} into its lines")
    said = read_canvas_file(path)

    def lay(studio: Studio, **asked: Any) -> Canvas:
        from misora.generate.storyboard import storyboard

        return storyboard(studio, said, folder=path.parent, **asked)

    return lay, said.seed if seed is None else seed, ".png" if said.is_still else ".mp4"


def looped(sentence: str, prompt: str, **settings: Any) -> Lay:
    """Close a clip that is first made of a sentence, for `run`.

    Args:
        sentence: what should be seen.
        prompt: what should happen on the way back; the sentence when empty.
        **settings: `steps` and `speed` of the clip, and what `abilities.loop` takes.

    Returns:
        What lays the canvas; the seconds it is given are those of the clip.
    """

    def lay(studio: Studio, **asked: Any) -> Canvas:
        from misora.generate.abilities import loop
        from misora.generate.sample import DEFAULT_STEPS
        from misora.generate.studio import generate

        rest: dict[str, Any] = {**settings, **asked, "seconds": None}
        steps, speed = rest.pop("steps") or DEFAULT_STEPS, rest.pop("speed")
        clip = generate(studio, studio.canvas(sentence, **asked), steps=steps, speed=speed).clip
        return loop(studio, clip, prompt or sentence, **rest)

    return lay


def _plain(options: Options) -> Lay:
    return lambda studio, **asked: studio.canvas(options.prompt, **asked)


def _canvas(studio: Studio, options: Options, lay: Lay, *, seed: int) -> tuple[Canvas, Expansion | None]:
    """The canvas of one file, held against the model with all that is added to it; and what its words were made from."""
    from misora.generate.abilities import draft
    from misora.generate.camera import directed
    from misora.generate.control import read_control
    from misora.generate.limits import check_canvas

    named = {
        "seconds": options.seconds,
        "fps": options.fps,
        "size": None if options.size is None else parse_size(options.size),
        "negative": options.negative,
        "guidance": options.guidance,
        "seed": seed,
        "is_still": options.is_still,
    }
    canvas = lay(studio, **named)
    if canvas.is_still != options.is_still:
        made, name = ("a picture", ".png") if canvas.is_still else ("a video", ".mp4")
        raise UsageError(f"this makes {made}, not what the output is named for; end its name in {name}")
    controls = []
    if options.camera_path is not None:
        controls.append(read_control(options.camera_path, "camera"))
    if options.track is not None:
        controls.append(read_control(options.track, "track"))
    canvas = directed(canvas, camera=options.camera, controls=controls)
    if not options.is_dry_run:
        canvas = _admitted(studio, canvas, options)  # before the words reach anybody, such as what expands them
    canvas, expansion = worded(canvas, options)
    if expansion is not None and not options.is_dry_run:
        canvas = _admitted(studio, canvas, options, raw=expansion.raw)
    check_canvas(canvas, studio.model.limits)
    return (draft(studio, canvas) if options.is_draft else canvas), expansion


def _make(
    studio: Studio,
    canvas: Canvas,
    target: Target,
    *,
    options: Options,
    first_seed: int,
    expansion: Expansion | None,
) -> Record:
    """Make and save one video; its record as it is kept here, words and all."""
    from misora.generate.studio import generate

    steps = _steps(options)
    with _progress(target.path, steps, is_shown=not options.is_json) as on_step:
        if target.path.suffix.lower() == ".mp4" and is_long_canvas(studio, canvas):
            return make_long(
                studio,
                canvas,
                target,
                options=options,
                steps=steps,
                first_seed=first_seed,
                expansion=expansion,
                on_step=on_step,
            )
        video = generate(studio, canvas, steps=steps, speed=options.speed, on_step=on_step).enlarged(options.scale)
    video = replace(video, record=expanded_record(video.record, expansion), parents=options.sources)
    video.save(target.path, force=options.force, is_private=options.is_private, visible_mark=options.visible_mark)
    return video.told


def _entry(record: Record, path: Path, begin: float) -> dict[str, Any]:
    return {
        "file": str(path),
        "bytes": path.stat().st_size,
        "took_seconds": round(time.perf_counter() - begin, 2),
        **_seal_of(path),
        **{name: value for name, value in asdict(record).items() if name not in ("canvas", "machine")},
    }


def _examine(options: Options, studio: Studio) -> None:
    """Find out what would refuse the file at its end, before anything is computed: words, keys, parents that were changed."""
    from misora.trust.gate import admit_words
    from misora.trust.home import Home
    from misora.trust.keys import credentials
    from misora.trust.seal import examined, marking_key

    credentials(Home.open())
    marking_key(Home.open())
    examined(options.sources, Home.open())
    admit_words([options.prompt], encoder=studio.model.text)


def _admitted(studio: Studio, canvas: Canvas, options: Options, *, raw: str | None = None) -> Canvas:
    """What policy lets through, told where it put in other words."""
    from misora.generate.finish import admitted

    found = admitted(canvas, raw=raw, parents=options.sources, encoder=studio.model.text)
    if found is not canvas:
        print(f"policy put harmless words in: {found.prompt}", file=sys.stderr)
    return found


def _seal_of(path: Path) -> dict[str, str]:
    """By what a signed file is known here."""
    from misora.trust.home import Home
    from misora.trust.store import find_file

    digest = sha256_file(path)
    entry = find_file(Home.open(), digest)
    return {"sha256": digest} if entry is None else {"sha256": digest, "id": entry.name}


def _steps(options: Options) -> int:
    from misora.generate.abilities import DRAFT_STEPS
    from misora.generate.sample import DEFAULT_STEPS

    if options.steps is None and options.is_draft:
        return DRAFT_STEPS
    return DEFAULT_STEPS if options.steps is None else options.steps


@contextmanager
def _progress(path: Path, steps: int, *, is_shown: bool) -> Iterator[Callable[[Any], None]]:
    """A bar on the terminal with step, elapsed and remaining; of a long video with its window too."""
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

        def tell(step: Any) -> None:
            window = f", window {-(-step.number // steps)} of {step.num_steps // steps}"
            words = path.name + (window if step.num_steps > steps else "")
            bar.update(task, description=words, completed=step.number, total=step.num_steps)

        yield tell


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

    cost = estimate(studio.model, canvas, steps=_steps(options), speed=options.speed)
    if options.is_json:
        known = asdict(cost) | {"seconds": cost.seconds, "count": options.count, "seed": canvas.seed}
        print(json.dumps(known))
        return
    print(
        f"{options.count} x {canvas.width_px}x{canvas.height_px}, {canvas.num_frames} frames: {cost.tokens} tokens "
        f"({cost.tokens_a_step} a step), {cost.steps} steps of {cost.step_seconds * 1000:.0f} ms, about "
        f"{cost.seconds * options.count:.1f} s and {cost.memory_bytes / 2**30:.2f} GiB; nothing was written"
    )
