"""The end of the log, signed and kept apart from it, by which a cut end is missed."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import Any

from misora.core.errors import AuditError, UsageError
from misora.trust.home import Home, make_private
from misora.trust.keys import audit_key

START = "0" * 64
_MOST_DIGITS = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The end of a log.

    Attributes:
        number: of the last line, from 1; 0 for an empty log.
        hash: of the last line.
    """

    number: int
    hash: str


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
    is_number = number.isascii() and number.isdecimal() and len(number) <= _MOST_DIGITS
    if not (is_number and len(digest) == len(START) and set(digest) <= set("0123456789abcdef")):
        said = f"{text[:80]!r}{'…' if len(text) > 80 else ''}"
        raise UsageError(f"a head is NUMBER:HASH as `misora audit verify` prints it, got {said}; copy it from there")
    return Head(number=int(number), hash=digest)


def read_head(home: Home) -> Head | None:
    """Read the head that is kept apart.

    Args:
        home: of the installation.

    Returns:
        The head; None if there is none.

    Raises:
        AuditError: if it is broken or not signed by our key.
        KeysError: if the key cannot be read.
    """
    path = home.head_path
    if path.is_dir():
        raise AuditError(f"the head of the log cannot be {path}, a folder; name a file in it as `head` in trust.toml")
    if not path.is_file():
        return None
    key = audit_key(home)
    try:
        raw = json.loads(path.read_bytes())
        head = Head(number=int(raw["n"]), hash=str(raw["hash"]))
        is_ours = is_signed(key, _bytes(head), str(raw["sig"]))
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError, OSError) as error:
        raise AuditError(f"the head {path} was edited or is broken ({error}); compare it with a copy") from error
    if not is_ours:
        raise AuditError(f"the head {path} was edited or is broken (its signature is not ours); compare it with a copy")
    return head


def write_head(home: Home, head: Head, key: Any, *, is_durable: bool) -> None:
    """Write a head in place of the one before, for its owner alone.

    After a crash it may lag behind the log, whose lines are signed too; it never runs ahead of it.

    Args:
        home: of the installation.
        head: the new end; its line is written already.
        key: that signs the log.
        is_durable: whether it is on disk before this returns.

    Raises:
        OSError: if it cannot be written; the head before it stands.
        OutputError: if its folder cannot be made.
    """
    path = home.head_path
    make_private(path.parent)
    record = {"n": head.number, "hash": head.hash, "sig": key.sign(_bytes(head)).hex()}
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)  # of a crash; whoever writes holds the log's lock
    with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.write(json.dumps(record).encode() + b"\n")
        file.flush()
        if is_durable:
            os.fsync(file.fileno())
    fresh.replace(path)


def is_signed(key: Any, data: bytes, signature: str) -> bool:
    """Say whether a signature in hexadecimal digits is that of a key over data.

    Args:
        key: an `Ed25519PrivateKey`.
        data: what was signed.
        signature: in hexadecimal digits; anything else is none.

    Returns:
        Whether it fits.
    """
    from cryptography.exceptions import InvalidSignature

    try:
        key.public_key().verify(bytes.fromhex(signature), data)
    except (InvalidSignature, ValueError):
        return False
    return True


def _bytes(head: Head) -> bytes:
    return f"misora audit head {head.number} {head.hash}".encode()
