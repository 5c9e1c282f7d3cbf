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
from misora.trust.home import Home, make_private
from misora.trust.keys import audit_key
from misora.trust.store import now

NAME = "audit.jsonl"
_START = "0" * 64
_MAX_LINE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The end of a log.

    Attributes:
        number: of the last line, from 1; 0 for an empty log.
        hash: of the last line.
    """

    number: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is wrong with a log.

    Attributes:
        line: where, from 1.
        words: what was found there.
    """

    line: int
    words: str


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
        AuditError: if the log is shorter than its head says.
        KeysError: if the key cannot be read.
        OutputError: if the log cannot be written.
    """
    key = audit_key(home)
    try:
        with _locked(home) as file:
            last, torn = _last(file)
            _refuse_cut(home, last)
            if torn:
                data = {**data, "torn_line_before_bytes": torn}
            entry = {"n": last.number + 1, "time": now(), "kind": kind, "data": data, "prev": last.hash}
            digest = _digest(entry)
            file.write(_line({**entry, "hash": digest, "sig": key.sign(bytes.fromhex(digest)).hex()}))
            file.flush()
            if is_durable:
                os.fsync(file.fileno())
            head = Head(number=last.number + 1, hash=digest)
            _write_head(home, head, key)
            return head
    except OSError as error:
        raise OutputError(f"cannot write the log {home.folder / NAME}: {error.strerror}; free some space") from error


def parse_head(text: str) -> Head:
    """Read a head that a person noted.

    Args:
        text: number and hash with a colon between, as `misora audit verify` prints them.

    Returns:
        The head.

    Raises:
        UsageError: if it is not such a text.
    """
    number, _, digest = text.strip().partition(":")
    if not (number.isdecimal() and len(digest) == 64 and set(digest) <= set("0123456789abcdef")):
        raise UsageError(f"a head is NUMBER:HASH as `misora audit verify` prints it, got {text!r}")
    return Head(number=int(number), hash=digest)


def read_head(home: Home) -> Head | None:
    """Read the head that is kept apart.

    Args:
        home: of the installation.

    Returns:
        The head; None if there is none.

    Raises:
        AuditError: if it is broken or not signed by our key.
    """
    path = home.head_path
    if not path.is_file():
        return None
    try:
        raw = json.loads(path.read_bytes())
        head = Head(number=int(raw["n"]), hash=str(raw["hash"]))
        is_ours = _is_signed(audit_key(home), _head_bytes(head), str(raw["sig"]))
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError, OSError) as error:
        raise AuditError(f"the head {path} was edited or is broken ({error}); compare it with a copy") from error
    if not is_ours:
        raise AuditError(f"the head {path} was edited or is broken (its signature is not ours); compare it with a copy")
    return head


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
    found, findings, is_wanted_met = Head(number=0, hash=_START), [], wanted is None
    for number, raw in enumerate(_lines(home), start=1):
        entry, words = _entry(raw, found, audit_key(home))
        findings += [Finding(line=number, words=text) for text in words]
        if entry is None:
            continue
        found = Head(number=int(entry["n"]), hash=str(entry["hash"]))
        is_wanted_met = is_wanted_met or found == wanted
    if wanted is None and found.number > 1:  # a crash can leave no head only after the very first line
        words = (
            f"the log has {found.number} lines, but its head {home.head_path} is gone: its end may have been cut off"
        )
        findings.append(Finding(line=found.number, words=words))
    if wanted is not None and not is_wanted_met and wanted.number > 0:
        words = (
            f"the log ends at line {found.number}, but its head knows line {wanted.number}: the end was cut off"
            if found.number < wanted.number
            else f"line {wanted.number} is not the one that the head knows: the log was rewritten"
        )
        findings.append(Finding(line=min(found.number, wanted.number), words=words))
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
    elif not _is_signed(key, bytes.fromhex(digest), signature):
        words.append("was not written by this installation: its signature does not fit")
    elif _line(entry) != raw:  # such as a name given twice, of which a reader may believe the other
        words.append("was edited: it is not spelled as it was written")
    if body["prev"] != before.hash or number != before.number + 1:
        words.append(f"does not follow line {before.number}: lines between were removed, added or edited")
    return entry, words


def _lines(home: Home) -> Iterator[bytes]:
    path = home.folder / NAME
    if not path.is_file():
        return
    try:
        with path.open("rb") as file:
            while line := file.readline(_MAX_LINE_BYTES):
                yield line
    except OSError as error:
        raise OutputError(f"cannot read the log {path}: {error.strerror}") from error


@contextmanager
def _locked(home: Home) -> Generator[BinaryIO]:
    """The log, open for reading and appending, with nobody else writing."""
    path = home.make() / NAME
    path.touch(mode=0o600)
    with path.open("r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def _last(file: BinaryIO) -> tuple[Head, int]:
    """The last whole line; what a crash left after it is removed, and its size told."""
    end = file.seek(0, os.SEEK_END)
    start = max(0, end - _MAX_LINE_BYTES)
    file.seek(start)
    tail = file.read()
    whole = tail.rfind(b"\n") + 1
    torn = len(tail) - whole
    if torn:
        file.truncate(start + whole)
    file.seek(start + whole)
    if whole == 0:
        return Head(number=0, hash=_START), torn
    try:
        entry = json.loads(tail[:whole].splitlines()[-1])
        return Head(number=int(entry["n"]), hash=str(entry["hash"])), torn
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise AuditError("the log's last line is no entry: it was edited; see `misora audit verify`") from error


def _refuse_cut(home: Home, last: Head) -> None:
    head = read_head(home)
    if head is not None and head.number > last.number:
        raise AuditError(
            f"the log ends at line {last.number}, but its head knows line {head.number}: the end was cut off. "
            f"Restore {home.folder / NAME} from a copy, or move it and {home.head_path} away to begin a new log"
        )


def _digest(entry: dict[str, Any]) -> str:
    text = json.dumps(entry, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _line(entry: dict[str, Any]) -> bytes:
    return json.dumps(entry).encode() + b"\n"


def _head_bytes(head: Head) -> bytes:
    return f"misora audit head {head.number} {head.hash}".encode()


def _write_head(home: Home, head: Head, key: Any) -> None:
    """After a crash the head may lag behind the log, whose lines are signed too; it never runs ahead of it."""
    path = home.head_path
    make_private(path.parent)
    record = {"n": head.number, "hash": head.hash, "sig": key.sign(_head_bytes(head)).hex()}
    fresh = path.with_suffix(".new")
    fresh.write_bytes(json.dumps(record).encode() + b"\n")
    fresh.replace(path)


def _is_signed(key: Any, data: bytes, signature: str) -> bool:
    from cryptography.exceptions import InvalidSignature

    try:
        key.public_key().verify(bytes.fromhex(signature), data)
    except (InvalidSignature, ValueError):
        return False
    return True
