"""TOML files read strictly, with errors that name file, line and key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from misora.core.config import from_dict
from misora.core.errors import PolicyError, UsageError

MAX_BYTES = 4_000_000
Key = tuple[str | int, ...]
T = TypeVar("T")

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(#.*)?$")
_PART = r"(?:[\w-]+|\"[^\"]*\"|'[^']*')"
_PAIR = re.compile(rf"\s*({_PART}(?:\s*\.\s*{_PART})*)\s*=")
_ROOT = "file"
_DOTTED = re.compile(rf"\b{_ROOT}((?:\.[\w-]+|\[\d+\])+)")


def read_strict(
    cls: type[T],
    path: Path,
    *,
    check: Callable[[T], Iterable[tuple[Key, str]]] = lambda _: (),
) -> tuple[T, str]:
    """Read a TOML file into a dataclass: nothing unknown, nothing missing, every value of its type.

    Args:
        cls: what it becomes, as `from_dict` reads it.
        path: the file, UTF-8, at most 4 MB.
        check: names what else is wrong: the key, and words that go on after it.

    Returns:
        The value, and the text of the file.

    Raises:
        PolicyError: what is wrong, with the file, the line and the key.
    """
    data, text = _read(path)
    try:
        value = from_dict(cls, data, where=_ROOT)
    except UsageError as error:
        raise _placed(path, text, str(error)) from error
    for key, problem in check(value):
        raise placed_error(path, text, key, problem)
    return value, text


def placed_error(path: Path, text: str, key: Key, problem: str) -> PolicyError:
    """Make an error that names file, line and key.

    Args:
        path: the file.
        text: its text.
        key: from the top to the value; numbers count the tables of an array from 0.
        problem: what is wrong, and what to do.

    Returns:
        The error, to be raised.
    """
    line = line_of(text, key)
    dotted = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in key).lstrip(".")
    return PolicyError(f"{path}:{line}: {dotted}: {problem}" if line else f"{path}: {dotted}: {problem}")


def line_of(text: str, key: Sequence[str | int]) -> int | None:
    r"""Find the line of a key, or of the nearest table that should hold it.

    Args:
        text: a TOML file.
        key: from the top to the value; numbers count the tables of an array from 0.

    Returns:
        The line, from 1; None where not even its first part occurs.

    Example:
        >>> line_of('a = 1\n[b.c]\nd = 2', ("b", "c", "d"))
        3
        >>> line_of('[[rule]]\nid = "x"\n[[rule]]\nid = "y"', ("rule", 1, "id"))
        4
    """
    lines: dict[Key, int] = {}
    for number, found in _keys(text):
        for length in range(1, len(found) + 1):
            lines.setdefault(tuple(found[:length]), number)
    for length in range(len(key), 0, -1):
        if tuple(key[:length]) in lines:
            return lines[tuple(key[:length])]
    return None


def _read(path: Path) -> tuple[dict[str, Any], str]:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise PolicyError(f"{path} has {path.stat().st_size:,} bytes; at most {MAX_BYTES:,} are read")
        text = path.read_text(encoding="utf-8")
        return tomllib.loads(text), text
    except OSError as error:
        raise PolicyError(f"cannot read {path}: {error.strerror}; correct the path") from error
    except (ValueError, RecursionError) as error:  # not UTF-8, or not TOML
        found = re.search(r"at line (\d+)", str(error))
        where = f"{path}:{found.group(1)}" if found else f"{path}"
        raise PolicyError(f"{where}: this is not TOML ({error}); correct the line") from error


def _placed(path: Path, text: str, message: str) -> PolicyError:
    found = _DOTTED.search(message)
    if found is None:
        return PolicyError(f"{path}: {message.removeprefix(f'{_ROOT}: ')}")
    parts = re.findall(r"\.([\w-]+)|\[(\d+)\]", found.group(1))
    key = tuple(int(index) if index else name for name, index in parts)
    rest = f"{message[: found.start()].strip()} {message[found.end() :].lstrip(':; ')}".strip()
    return placed_error(path, text, key, rest)


def _keys(text: str) -> Iterator[tuple[int, Key]]:
    table: Key = ()
    counts: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            table = _split(header.group(2))
            if header.group(1) == "[[":
                name = ".".join(map(str, table))
                counts[name] = counts.get(name, -1) + 1
                table = (*table, counts[name])
            yield number, table
        elif pair := _PAIR.match(line):
            yield number, (*table, *_split(pair.group(1)))


def _split(dotted: str) -> Key:
    return tuple(part.strip("\"'") for part in re.findall(_PART, dotted))
