"""A file once named is whole: writes go to a temporary name beside the target and are renamed at the end."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from misora.core.errors import OutputError

_CHUNK_BYTES = 1 << 20


@contextmanager
def atomic_path(path: Path | str) -> Generator[Path, None, None]:
    """Yield a temporary path in the folder of `path`; on success it becomes `path`, on any error it is removed.

    The temporary name keeps the suffix of `path`, since encoders choose their format by it.

    Args:
        path: the target; missing parent folders are made.

    Yields:
        An empty file to write to.

    Raises:
        OutputError: if the folder cannot be made or written, or the target is a folder.
    """
    target = Path(path)
    temporary = _temporary_beside(target)
    try:
        yield temporary
        _sync(temporary)
        temporary.replace(target)
        _sync(target.parent)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextmanager
def temporary_beside(path: Path | str) -> Generator[Path, None, None]:
    """Yield a path for an intermediate file in the folder of `path`; it is removed at the end.

    Args:
        path: what is going to be made of it; its suffix is kept.

    Yields:
        An empty file to write to.

    Raises:
        OutputError: if the folder cannot be made or written, or the target is a folder.
    """
    temporary = _temporary_beside(Path(path))
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def write_atomic(path: Path | str, data: bytes) -> None:
    """Write a whole file or nothing.

    Args:
        path: the target, replaced if it exists.
        data: its new content.

    Raises:
        OutputError: if the folder cannot be made or written, or the disk is full.
    """
    with atomic_path(path) as temporary:
        try:
            temporary.write_bytes(data)
        except OSError as error:
            raise OutputError(
                f"cannot write {path}: {error.strerror}; free some space or choose another path"
            ) from error


def refuse_existing(path: Path | str, force: bool) -> None:
    """Refuse to overwrite, before anything is computed.

    Args:
        path: the target of a command.
        force: whether the person asked to overwrite.

    Raises:
        OutputError: if the target is a folder, exists without `force`, or its folder cannot be written.
    """
    target = Path(path)
    if target.is_dir():
        raise OutputError(f"{target} is a folder; name a file in it")
    if target.exists() and not force:
        raise OutputError(f"{target} exists already; choose another name or pass --force to overwrite it")
    folder = next(parent for parent in (target.parent, *target.absolute().parents) if parent.exists())
    try:  # permissions alone do not tell: a disk can be read-only or full, and root may write nearly everywhere
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OutputError(
            f"cannot write {target}: {folder} takes no files ({error.strerror}); choose another path"
        ) from error


def sha256_file(path: Path | str) -> str:
    """Hash a file in constant memory.

    Args:
        path: the file.

    Returns:
        The SHA-256 as 64 lowercase hexadecimal digits.
    """
    digest = hashlib.sha256()
    with Path(path).open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _temporary_beside(target: Path) -> Path:
    if target.is_dir():
        raise OutputError(f"{target} is a folder; name a file in it")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{target.stem[:40]}-", suffix=target.suffix, dir=target.parent)
        os.fchmod(handle, 0o666 & ~_umask())
    except OSError as error:
        raise OutputError(f"cannot write {target}: {error.strerror}; choose a path that you may write to") from error
    os.close(handle)
    return Path(name)


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
