"""What this installation has made: from the id in the watermark to the manifest, the file's hash and its looks.

A folder with one JSON file an id, so that giving an id away is creating a file that must not exist yet: no lock, no database,
and a lost or broken entry harms no other.
"""

from __future__ import annotations

import json
import os
import secrets
from base64 import b64decode, b64encode
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from misora.core.errors import OutputError
from misora.trust.home import Home, make_private

_IDS, _HASHES = "made", "made-by-hash"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file that was made.

    Attributes:
        id: 32 bits, in the watermark of every frame.
        finished: when it was signed, UTC.
        title: name of the file as it was written.
        mime: its type.
        sha256: of the whole signed file.
        manifest: its C2PA manifest store, so that a stripped one can be had again.
        fingerprint: its looks, from `misora.trust.fingerprint`.
    """

    id: int
    finished: str
    title: str
    mime: str
    sha256: str
    manifest: bytes
    fingerprint: bytes

    @property
    def name(self) -> str:
        """The id as eight hexadecimal digits."""
        return f"{self.id:08x}"


def allocate(home: Home) -> int:
    """Give away an id that never was given before.

    Args:
        home: of the installation.

    Returns:
        Between 1 and 2^32 - 1, drawn, so that it does not tell how many files there are.

    Raises:
        OutputError: if the store cannot be written.
    """
    home.make()
    while True:
        drawn = 1 + secrets.randbelow(2**32 - 1)
        path = _place(home, drawn)
        try:
            make_private(path.parent.parent)
            make_private(path.parent)
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError:
            continue
        except OSError as error:
            raise OutputError(
                f"cannot write to the manifest store {path}: {error.strerror}; free some space"
            ) from error
        return drawn


def finish(home: Home, entry: Entry) -> None:
    """Write down what became of an id; it is on disk before this returns.

    Args:
        home: of the installation.
        entry: the finished file.

    Raises:
        OutputError: if the store cannot be written, or the id was not allocated or is finished already.
    """
    path, record = _place(home, entry.id), _to_json(entry)
    if not path.is_file() or path.stat().st_size:
        raise OutputError(f"id {entry.name} was not allocated here or is finished already; make the video again")
    try:
        temporary = path.with_suffix(".new")
        with os.fdopen(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(record)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        by_hash = _place_of_hash(home, entry.sha256)
        make_private(by_hash.parent.parent)
        make_private(by_hash.parent)
        with suppress(FileExistsError):
            os.link(path, by_hash)
    except OSError as error:
        path.with_suffix(".new").unlink(missing_ok=True)
        raise OutputError(f"cannot write to the manifest store {path}: {error.strerror}; free some space") from error


def find(home: Home, mark_id: int) -> Entry | None:
    """Look up what an id was given to.

    Args:
        home: of the installation.
        mark_id: from a watermark.

    Returns:
        The entry; None if this installation never finished a file with it, or its entry is broken.
    """
    entry = _read(_place(home, mark_id))
    return entry if entry is not None and entry.id == mark_id else None


def find_file(home: Home, sha256: str) -> Entry | None:
    """Look up a file by its bytes.

    Args:
        home: of the installation.
        sha256: of the whole file, 64 hexadecimal digits.

    Returns:
        The entry; None if this installation never wrote such a file.
    """
    entry = _read(_place_of_hash(home, sha256))
    return entry if entry is not None and entry.sha256 == sha256 else None


def broken_entry(home: Home, mark_id: int | None, sha256: str = "") -> Path | None:
    """Look for an entry that was written, and is none any more: it must not count as never written.

    Args:
        home: of the installation.
        mark_id: from a watermark or a manifest; None where there is none.
        sha256: of the whole file; "" where it does not matter.

    Returns:
        The entry's file; None if what stands under the id and the hash is whole, or nothing does.
    """
    looks = [(_place(home, mark_id), find(home, mark_id))] if mark_id is not None else []
    looks += [(_place_of_hash(home, sha256), find_file(home, sha256))] if sha256 else []
    return next((path for path, entry in looks if entry is None and _was_written(path)), None)


def has_finished(home: Home) -> bool:
    """Say whether this installation ever finished a file.

    Args:
        home: of the installation.

    Returns:
        Whether it did.
    """
    return (home.folder / _HASHES).is_dir()


def now() -> str:
    """The time as it is written everywhere: UTC, to the second, ISO 8601."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _place(home: Home, mark_id: int) -> Path:
    name = f"{mark_id:08x}"
    return home.folder / _IDS / name[:2] / f"{name}.json"


def _place_of_hash(home: Home, sha256: str) -> Path:
    return home.folder / _HASHES / sha256[:2] / f"{sha256}.json"


def _was_written(path: Path) -> bool:
    """An id that was given away and not finished is an empty file."""
    try:
        return path.stat().st_size > 0
    except FileNotFoundError:
        return False
    except OSError:
        return True


def _to_json(entry: Entry) -> bytes:
    record = {
        "id": entry.name,
        "finished": entry.finished,
        "title": entry.title,
        "mime": entry.mime,
        "sha256": entry.sha256,
        "manifest": b64encode(entry.manifest).decode(),
        "fingerprint": b64encode(entry.fingerprint).decode(),
    }
    return json.dumps(record).encode() + b"\n"


def _read(path: Path) -> Entry | None:
    try:
        record: dict[str, Any] = json.loads(path.read_bytes())
        return Entry(
            id=int(record["id"], 16),
            finished=str(record["finished"]),
            title=str(record["title"]),
            mime=str(record["mime"]),
            sha256=str(record["sha256"]),
            manifest=b64decode(record["manifest"]),
            fingerprint=b64decode(record["fingerprint"]),
        )
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
