"""A log that tells when it was touched: each line is signed and holds the hash of the one before; the head is kept apart.

An edited line breaks its hash, a removed one the chain, and a cut end is missed by the head. Whoever holds the key, the log
and the head can rewrite all three: keep the head, or a copy of it, on another machine.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO

from misora.core.errors import AuditError, OutputError, UsageError
from misora.trust.head import START, Head, is_signed, read_head, write_head
from misora.trust.home import Home
from misora.trust.keys import audit_key
from misora.trust.store import now

NAME = "audit.jsonl"
_MAX_LINE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is wrong with a log.

    Attributes:
        line: where, from 1.
        words: what was found there.
    """

    line: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _End:
    """Where the next line goes."""

    head: Head
    at_byte: int
    torn_bytes: int


def append(home: Home, kind: str, data: dict[str, Any], *, is_durable: bool = True) -> Head:
    """Write one line, signed; several processes may do so at once.

    Args:
        home: of the installation.
        kind: such as `decision` or `signature`.
        data: what happened; JSON values.
        is_durable: whether it, and all lines before it, are on disk before this returns.

    Returns:
        The new head.

    Raises:
        AuditError: if the log is shorter than its head says, or its head is gone.
        KeysError: if the key cannot be read.
        OutputError: if the log cannot be written, or the line is longer than a line may be.
    """
    with _locked(home) as file:
        last = _last(file)
        _refuse_cut(home, last.head)
        return _add(home, file, last, kind, data, is_durable=is_durable)


def adopt(home: Home) -> Head:
    """Make a head for a log that has lost its own, as it stands; the log says so in a line of its own.

    Args:
        home: of the installation.

    Returns:
        The new head.

    Raises:
        AuditError: if the log has a broken head, or anything but the head is wrong with it.
        KeysError: if the key cannot be read.
        OutputError: if the log cannot be written.
        UsageError: if it has a head, or no lines.
    """
    with _locked(home) as file:
        last = _last(file)
        if read_head(home) is not None:
            raise UsageError(f"the log has its head, {home.head_path}; there is nothing to adopt")
        if last.head.number == 0:
            raise UsageError(f"the log {home.folder / NAME} has no lines; there is nothing to adopt")
        _, findings = _chain(home, None)
        if findings:
            raise AuditError(
                f"line {findings[0].line} of {home.folder / NAME} {findings[0].words}; restore the log from a copy, or "
                "move it away to begin a new one"
            )
        return _add(home, file, last, "adopted", {"lines": last.head.number, "why": "the head was gone"})


def verify(home: Home, *, head: Head | None = None) -> tuple[Head, list[Finding]]:
    """Hold a log against its chain, its signatures and its head.

    Args:
        home: of the installation.
        head: the head to reach; None takes the one that is kept apart.

    Returns:
        The head that was found, and all that is wrong; nothing wrong is an empty list.

    Raises:
        AuditError: if the head that is kept apart is broken.
        OutputError: if the log cannot be read.
    """
    wanted = read_head(home) if head is None else head
    found, findings = _chain(home, wanted)
    if wanted is None and found.number > 0:  # a head is written before the first line
        findings.append(Finding(line=found.number, words=f"the log has {_words_of_lost(home, found)}"))
    return found, findings


def entries(home: Home) -> Iterator[dict[str, Any]]:
    """Read the lines of a log without proving them.

    Args:
        home: of the installation.

    Yields:
        One record a line; lines that are no JSON are left out.

    Raises:
        OutputError: if the log cannot be read.
    """
    for raw in _lines(home):
        try:
            entry = json.loads(raw)
        except (ValueError, RecursionError):
            continue
        if isinstance(entry, dict):
            yield entry


def _chain(home: Home, wanted: Head | None) -> tuple[Head, list[Finding]]:
    """The end of the log, and what is wrong with its lines, or with reaching a head."""
    found, findings, is_wanted_met = Head(number=0, hash=START), [], wanted is None or wanted.number == 0
    for number, raw in enumerate(_lines(home), start=1):
        entry, words = _entry(raw, found, audit_key(home))
        findings += [Finding(line=number, words=text) for text in words]
        if entry is None:
            continue
        found = Head(number=int(entry["n"]), hash=str(entry["hash"]))
        is_wanted_met = is_wanted_met or found == wanted
    if wanted is not None and not is_wanted_met:
        words = (
            f"the log ends at line {found.number}, but its head knows line {wanted.number}: the end was cut off"
            if found.number < wanted.number
            else f"line {wanted.number} is not the one that the head knows: the log was rewritten"
        )
        findings.append(Finding(line=min(found.number, wanted.number), words=words))
    return found, findings


def _entry(raw: bytes, before: Head, key: Any) -> tuple[dict[str, Any] | None, list[str]]:
    """One line, and what is wrong with it."""
    try:
        entry = json.loads(raw)
        body = {name: entry[name] for name in ("n", "time", "kind", "data", "prev")}
        digest, signature = str(entry["hash"]), str(entry["sig"])
        number = int(entry["n"])
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None, ["is no entry: torn by a crash, or edited"]
    words = []
    if set(entry) != {*body, "hash", "sig"} or _digest(body) != digest:
        words.append("was edited: its hash does not fit")
    elif not is_signed(key, bytes.fromhex(digest), signature):
        words.append("was not written by this installation: its signature does not fit")
    elif _line(entry) != raw:  # such as a name given twice, of which a reader may believe the other
        words.append("was edited: it is not spelled as it was written")
    if body["prev"] != before.hash or number != before.number + 1:
        words.append(f"does not follow line {before.number}: lines between were removed, added or edited")
    return entry, words


def _lines(home: Home) -> Iterator[bytes]:
    """Line by line; one that is longer than any that was written is cut, and so is no entry."""
    path = home.folder / NAME
    if not path.is_file():
        return
    try:
        with path.open("rb") as file:
            while line := file.readline(_MAX_LINE_BYTES):
                yield line
                while len(line) == _MAX_LINE_BYTES and not line.endswith(b"\n"):
                    line = file.readline(_MAX_LINE_BYTES)
    except OSError as error:
        raise OutputError(f"cannot read the log {path}: {error.strerror}") from error


@contextmanager
def _locked(home: Home) -> Generator[BinaryIO]:
    """The log, open for reading and appending, with nobody else writing."""
    path = home.make() / NAME
    try:
        path.touch(mode=0o600)
        with path.open("r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file
    except OSError as error:
        raise OutputError(f"cannot write the log {path}: {error.strerror}; free some space") from error


def _last(file: BinaryIO) -> _End:
    """The last whole line, and what a crash left after it."""
    size = file.seek(0, os.SEEK_END)
    start = max(0, size - 2 * _MAX_LINE_BYTES)
    file.seek(start)
    tail = file.read()
    whole = tail.rfind(b"\n") + 1
    try:
        if whole == 0 and start == 0:
            head = Head(number=0, hash=START)
        else:
            entry = json.loads(tail[:whole].rstrip(b"\n").rpartition(b"\n")[2])
            head = Head(number=int(entry["n"]), hash=str(entry["hash"]))
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise AuditError("the log's last line is no entry: it was edited; see `misora audit verify`") from error
    return _End(head=head, at_byte=start + whole, torn_bytes=len(tail) - whole)


def _refuse_cut(home: Home, last: Head) -> None:
    head = read_head(home)
    if head is None and last.number > 0:
        raise AuditError(f"the log {home.folder / NAME} has {_words_of_lost(home, last)}")
    if head is not None and (head.number > last.number or (head.number == last.number and head != last)):
        is_cut = head.number > last.number
        raise AuditError(
            f"the log ends at line {last.number}, but its head knows "
            f"{f'line {head.number}: the end was cut off' if is_cut else 'another: it was rewritten'}. "
            f"Restore {home.folder / NAME} from a copy, or move it and {home.head_path} away to begin a new log"
        )


def _words_of_lost(home: Home, last: Head) -> str:
    return (
        f"{last.number} lines, but its head {home.head_path} is gone: its end may have been cut off. Put the head back; "
        "if it is lost for good and you trust the log as it stands, run `misora audit adopt`"
    )


def _add(home: Home, file: BinaryIO, last: _End, kind: str, data: dict[str, Any], *, is_durable: bool = True) -> Head:
    """One line more, and the head that knows it; the caller holds the lock."""
    key = audit_key(home)
    if last.torn_bytes:
        data = {**data, "torn_line_before_bytes": last.torn_bytes}
    entry = {"n": last.head.number + 1, "time": now(), "kind": kind, "data": data, "prev": last.head.hash}
    digest = _digest(entry)
    line = _line({**entry, "hash": digest, "sig": key.sign(bytes.fromhex(digest)).hex()})
    if len(line) > _MAX_LINE_BYTES:
        raise OutputError(
            f"a line of {len(line)} bytes for the log {home.folder / NAME}, of at most {_MAX_LINE_BYTES}; "
            "shorten the names in the policy, or of the file"
        )
    if last.head.number == 0:  # so that a log without a head is one that lost it
        write_head(home, last.head, key, is_durable=is_durable)
    file.seek(last.at_byte)
    file.truncate()
    file.write(line)
    file.flush()
    if is_durable:
        os.fsync(file.fileno())
    head = Head(number=last.head.number + 1, hash=digest)
    write_head(home, head, key, is_durable=is_durable)
    return head


def _digest(entry: dict[str, Any]) -> str:
    text = json.dumps(entry, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _line(entry: dict[str, Any]) -> bytes:
    return json.dumps(entry).encode() + b"\n"
