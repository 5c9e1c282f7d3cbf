"""The one door: a command parses, calls a room, prints. Rooms are imported inside the commands, so help is quick."""

from __future__ import annotations

import contextlib
import difflib
import functools
import io
import json as json_format
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from tyro.conf import Positional, arg

from misora import __version__
from misora.core.errors import MisoraError, UsageError

_STOPPED = 130  # what a shell reports for a process that Ctrl-C ended
_BOX = re.compile(r"[│╭╮╰╯─]+")


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


COMMANDS: dict[str, Callable[..., None]] = {
    "film": film,
    "corpus film": corpus_film,
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
    except OSError as error:  # a full disk, a folder that vanished: the machine's trouble, told without a trace
        return _fail(words, f"{error}; see to it and run the command again", kind="OSError", code=1)
    except KeyboardInterrupt:
        return _fail(words, "stopped; nothing was written", kind="Stopped", code=_STOPPED)


def commands_page() -> str:
    """Draw docs/commands.md from the commands themselves.

    Returns:
        The page as Markdown.
    """
    import tyro

    tyro.extras.set_accent_color(None)
    parts = ["# Commands\n\nDrawn by `make docs` from the code; not edited by hand.\n"]
    for name in COMMANDS:
        words = io.StringIO()
        with contextlib.redirect_stdout(words), contextlib.suppress(SystemExit):
            _parse(name, ["--help"])
        parts.append(f"\n## misora {name}\n\n```\n{words.getvalue().strip()}\n```\n")
    return "".join(parts)


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
    lines = [_BOX.sub("", line).strip() for line in boxed.splitlines()[1:]]
    first = lines[: lines.index("")] if "" in lines else lines
    return " ".join(first) or boxed.strip()


def _tell(is_json: bool, line: str, record: dict[str, Any]) -> None:
    print(json_format.dumps(record, default=str, ensure_ascii=False) if is_json else line)


def _fail(words: list[str], message: str, *, kind: str, code: int) -> int:
    if "--json" in words:
        print(json_format.dumps({"error": {"kind": kind, "message": message, "exit_code": code}}, ensure_ascii=False))
    print(f"error: {' '.join(message.split())}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
