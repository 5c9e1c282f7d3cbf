"""The one door: a command parses, calls a room, prints. Rooms are imported inside the commands, so help is quick."""

from __future__ import annotations

import contextlib
import difflib
import functools
import io
import json as json_format
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any, Literal

from tyro.conf import Positional, arg

from misora import __version__
from misora.core.errors import MisoraError, UsageError

_STOPPED = 130  # what a shell reports for a process that Ctrl-C ended
_PAGE_COLUMNS = 100
_TITLE = re.compile(r"╭─+ (.*?) ─+╮")
_BOX = re.compile(r"[│╰╯─]+|^\s*-+\s*$")


def film(
    *,
    out: Annotated[Path, arg(aliases=["-o"])],
    world: Literal["playroom"] = "playroom",
    clips: int = 9,
    seed: int = 0,
    json: bool = False,
    force: bool = False,
) -> None:
    """Film a world into files that a person can look at, with a contact sheet.

    Args:
        out: folder to write to.
        world: which simulator.
        clips: how many clips, at least 1.
        seed: draws the scripts; the same seed films the same clips.
        json: print one JSON object instead of a line.
        force: write over the clips of an earlier run.
    """
    from misora.worlds.gallery import film_gallery

    gallery = film_gallery(out, world=world, clips=clips, seed=seed, force=force)
    _tell(json, f"{gallery.sheet}: {clips} clips of the {world}, seed {seed}", {"sheet": gallery.sheet, "seed": seed})


def corpus_film(
    path: Positional[Path],
    /,
    *,
    clips: int,
    world: Literal["playroom"] = "playroom",
    seed: int = 0,
    split: Literal["train", "held_out"] = "train",
    workers: int = 2,
    json: bool = False,
) -> None:
    """Fill a corpus with filmed clips; run again, it goes on where it stopped.

    Args:
        path: folder of the corpus; made if missing.
        clips: how many clips of this world, split and seed it shall hold.
        world: which simulator.
        seed: draws the scripts.
        split: which combinations of things may occur.
        workers: processes that film.
        json: print one JSON object instead of a line.
    """
    from misora.corpus.film import film_corpus

    corpus = film_corpus(path, clips=clips, world=world, seed=seed, split=split, workers=workers)
    words = {"corpus": path, "num_rows": corpus.num_rows, "version": corpus.version}
    _tell(json, f"{path}: {corpus.num_rows:,} clips, version {corpus.version}", words)


def corpus_add(
    path: Positional[Path],
    footage: Positional[Path],
    /,
    *,
    licence: str = "unknown",
    json: bool = False,
) -> None:
    """Add real clips, cut by scenes; captions come from `.txt` files beside them, bad files go to the ledger.

    Args:
        path: folder of the corpus; made if missing.
        footage: a video file, or a folder that is searched wholly.
        licence: terms under which the footage may be used; kept with every row.
        json: print one JSON object instead of a line.
    """
    from misora.corpus.add import add_footage

    added = add_footage(path, footage, licence=licence)
    words = (
        f"{path}: {added.num_clips} clips from {added.num_files} files added, {added.num_without_captions} of them "
        f"without words; {added.num_known} files were known, {added.num_failed} entries went to the ledger"
    )
    _tell(json, words, {"corpus": path, **asdict(added)})


def corpus_show(
    path: Positional[Path],
    /,
    *,
    out: Annotated[Path | None, arg(aliases=["-o"])] = None,
    clips: int = 12,
    seed: int = 0,
    json: bool = False,
    force: bool = False,
) -> None:
    """Tell what a corpus holds, and draw some of its clips.

    Args:
        path: folder of the corpus.
        out: picture to draw clips on, such as sheet.png; none if not given.
        clips: how many clips to draw.
        seed: draws which.
        json: print one JSON object instead of lines.
        force: overwrite the picture.
    """
    from misora.core.files import refuse_existing
    from misora.corpus.show import sheet, summary
    from misora.corpus.table import Corpus
    from misora.video.image import write_image

    if out is not None:
        refuse_existing(out, force)
    corpus = Corpus.open(path)
    found = summary(corpus)
    if out is not None:
        write_image(out, sheet(corpus, clips=clips, seed=seed))
    _tell(json, f"{path}: {found}", {"corpus": path, **asdict(found)})


def generate(
    prompt: Positional[str],
    /,
    *,
    output: Annotated[Path | None, arg(aliases=["-o"])] = None,
    seed: int | None = None,
    seconds: float | None = None,
    fps: float | None = None,
    size: Annotated[str | None, arg(metavar="WxH")] = None,
    scale: Literal[1, 2, 4] = 1,
    steps: int | None = None,
    guidance: float | None = None,
    negative: str = "",
    count: int = 1,
    model: str = "playroom-nano",
    text_encoder: Path | None = None,
    json: bool = False,
    dry_run: bool = False,
    force: bool = False,
) -> None:
    """Make a video, or a picture, of a sentence.

    Args:
        prompt: what should be seen, such as "a red ball rolls left across a green floor".
        output: file to write; .mp4 or .gif make a video, .png, .jpg or .webp a picture; named after the prompt if not given.
        seed: names the noise; drawn and told if not given.
        seconds: duration; the model's usual one if not given.
        fps: frames per second; the model's usual rate if not given.
        size: width and height in pixels, such as 128x96.
        scale: enlarge the finished frames.
        steps: solver steps; more are slower and closer to the exact path.
        guidance: how far the text is exaggerated; 1 is plain.
        negative: what should not be seen.
        count: how many, with seeds counting up.
        model: name of a bundled model, or a folder.
        text_encoder: folder with the text encoder's files, if not in a usual place.
        json: print one JSON object instead of lines.
        dry_run: tell tokens, memory and expected seconds; write nothing.
        force: overwrite what is there.
    """
    from misora.generate.command import run
    from misora.generate.options import Options

    options = Options(
        prompt=prompt,
        output=output,
        seed=seed,
        seconds=seconds,
        fps=fps,
        size=size,
        scale=scale,
        steps=steps,
        guidance=guidance,
        negative=negative,
        count=count,
        model=model,
        text_encoder=text_encoder,
        is_json=json,
        is_dry_run=dry_run,
        force=force,
    )
    run(options)


def fetch_text(*, folder: Path | None = None, json: bool = False) -> None:
    """Fetch the text encoder's files from the hub; the only command that asks the network.

    Args:
        folder: where to keep them; the user's cache if not given.
        json: print one JSON object instead of a line.
    """
    from misora.model.fetch import fetch_text as fetch

    files = fetch(folder)
    _tell(json, f"{files.weights.parent}: text encoder, proved by SHA-256", {"folder": files.weights.parent})


COMMANDS: dict[str, Callable[..., None]] = {
    "generate": generate,
    "film": film,
    "corpus film": corpus_film,
    "corpus add": corpus_add,
    "corpus show": corpus_show,
    "fetch text": fetch_text,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: words after `misora`; None takes those of the process.

    Returns:
        The exit code: 0, what the error says, or 130 when stopped by Ctrl-C.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return _dispatch(words)
    except MisoraError as error:
        return _fail(words, str(error), kind=type(error).__name__, code=error.exit_code)
    except BrokenPipeError:  # the reader of our output has left, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:  # a full disk, a folder that vanished: the machine's trouble, told without a trace
        return _fail(words, f"{error}; see to it and run the command again", kind="OSError", code=1)
    except KeyboardInterrupt:
        return _fail(words, "stopped; nothing was written", kind="Stopped", code=_STOPPED)


def commands_page() -> str:
    """Draw docs/commands.md from the commands themselves.

    Returns:
        The page as Markdown.
    """
    parts = ["# Commands\n\nDrawn by `make docs` from the code; not edited by hand.\n"]
    for name in COMMANDS:
        words = io.StringIO()
        with contextlib.redirect_stdout(words), _terminal_of(_PAGE_COLUMNS):
            _parse(name, ["--help"])
        text = "\n".join(line.rstrip() for line in words.getvalue().strip().splitlines())
        parts.append(f"\n## misora {name}\n\n```\n{text}\n```\n")
    return "".join(parts)


@contextlib.contextmanager
def _terminal_of(columns: int) -> Iterator[None]:
    """Pretend a width, so that pages do not depend on the terminal that drew them."""
    before = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = str(columns)
    try:
        yield
    finally:
        os.environ.pop("COLUMNS")
        if before is not None:
            os.environ["COLUMNS"] = before


def _dispatch(words: list[str]) -> int:
    if words[:1] in ([], ["-h"], ["--help"]):
        print(_overview(COMMANDS))
        return 0 if words else 2
    if words[0] == "--version":
        print(f"misora {__version__}")
        return 0
    name = next((name for n in (2, 1) if (name := " ".join(words[:n])) in COMMANDS), None)
    if name is None:
        return _group_or_unknown(words)
    rest = words[len(name.split()) :]
    if (settings := _parse(name, rest)) is not None:
        positional, named = settings
        COMMANDS[name](*positional, **named)
    return 0


def _group_or_unknown(words: list[str]) -> int:
    members = [name for name in COMMANDS if name.split()[0] == words[0]]
    if members and words[1:2] in ([], ["-h"], ["--help"]):
        print(_overview(members))
        return 0 if words[1:] else 2
    said = " ".join(words[: 2 if members else 1])
    close = difflib.get_close_matches(said, COMMANDS, n=1)
    hint = f"did you mean `misora {close[0]}`?" if close else f"known are {', '.join(members or COMMANDS)}"
    raise UsageError(f"unknown command {said!r}; {hint}")


def _overview(names: Sequence[str] | dict[str, Any]) -> str:
    lines = [f"misora {__version__}: from a sentence to a video", "", "usage: misora COMMAND [--help] ...", ""]
    for name in names:
        summary = (COMMANDS[name].__doc__ or "").strip().splitlines()[0]
        lines.append(f"  {name:<14} {summary}")
    return "\n".join([*lines, "", "`misora COMMAND --help` tells the settings of a command; `--version` the version."])


def _parse(name: str, words: list[str]) -> tuple[tuple[Any, ...], dict[str, Any]] | None:
    import tyro

    @functools.wraps(COMMANDS[name])
    def settings(*positional: Any, **named: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
        return positional, named

    config = (tyro.conf.DisallowNone, tyro.conf.FlagCreatePairsOff, tyro.conf.PositionalMetavarFromFieldName)
    problem = io.StringIO()
    try:
        with contextlib.redirect_stderr(problem):
            return tyro.cli(settings, prog=f"misora {name}", args=words, config=config)
    except SystemExit as stop:
        if stop.code in (0, None):
            return None
        raise UsageError(f"{_one_line(problem.getvalue())}; `misora {name} --help` tells the settings") from None


def _one_line(boxed: str) -> str:
    """Take the first paragraph of a boxed message, without the box and its title."""
    lines = [_BOX.sub("", line).strip() for line in _TITLE.sub("\\1\n", boxed).splitlines()]
    paragraphs = [" ".join(group) for is_text, group in groupby(lines, bool) if is_text]
    return (paragraphs[1] if len(paragraphs) > 1 else boxed.strip()).rstrip(".")


def _tell(is_json: bool, line: str, record: dict[str, Any]) -> None:
    print(json_format.dumps(record, default=str, ensure_ascii=False) if is_json else line)


def _fail(words: list[str], message: str, *, kind: str, code: int) -> int:
    if "--json" in words:
        print(json_format.dumps({"error": {"kind": kind, "message": message, "exit_code": code}}, ensure_ascii=False))
    print(f"error: {' '.join(message.split())}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
