"""The door itself: find the command, parse its settings, and turn errors into one line and an exit code."""

from __future__ import annotations

import contextlib
import difflib
import functools
import io
import json
import os
import re
import sys
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from misora import __version__
from misora.cli.commands import COMMANDS
from misora.core.errors import MisoraError, UsageError
from misora.core.plain import one_line

_STOPPED = 130  # what a shell reports for a process that Ctrl-C ended
_PAGE_COLUMNS = 100
_TITLE = re.compile(r"╭─+ (.*?) ─+╮")
_BOX = re.compile(r"[│╰╯─]+|^\s*-+\s*$")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: words after `misora`; None takes those of the process.

    Returns:
        The exit code: 0, what the error says, or 130 when stopped by Ctrl-C.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):  # a name of bytes that are no text is told, in JSON too
        sys.stdout.reconfigure(errors="backslashreplace")
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
        return _fail(
            words, "stopped; nothing half-written is left, and what was finished is kept", kind="Stopped", code=_STOPPED
        )


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
        return COMMANDS[name](*positional, **named) or 0
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


def _fail(words: list[str], message: str, *, kind: str, code: int) -> int:
    if "--json" in words:
        print(json.dumps({"error": {"kind": kind, "message": message, "exit_code": code}}, ensure_ascii=False))
    print(f"error: {one_line(' '.join(message.split()))}", file=sys.stderr)
    return code
