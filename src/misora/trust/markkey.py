"""The secret file of the mark: made on first use, for its owner alone."""

from __future__ import annotations

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

from misora.core.errors import OutputError, UsageError
from misora.trust.tile import KEY_BYTES, MarkKey

VARIABLE = "MISORA_TRUST_HOME"
KEY_NAME = "watermark.key"
_OTHERS = 0o077


def load_key(path: Path | str | None = None, *, is_made: bool = True) -> MarkKey:
    """Read the key, or draw it on first use; of two processes that draw at once, both get the same.

    Args:
        path: of the key's file; None takes `watermark.key` in the folder that `MISORA_TRUST_HOME` names, or in
            `misora/trust` of the user's data folder.
        is_made: whether a missing key is drawn.

    Returns:
        The key.

    Raises:
        UsageError: if it is missing though it must not be made, is no key, or can be read by others.
        OutputError: if it cannot be written.
    """
    place = Path(path) if path is not None else _usual_place()
    if not place.exists() and not is_made:
        raise UsageError(
            f"no key at {place}, so no mark of it can be found; nothing was marked here yet, or name --key"
        )
    if not place.exists():
        _make(place)
    try:
        with place.open("rb") as file:
            mode, secret = os.fstat(file.fileno()).st_mode, file.read(KEY_BYTES + 1)
    except OSError as error:
        raise UsageError(f"cannot read {place}: {error.strerror}; it must be a file that you may read") from error
    if mode & _OTHERS:
        raise UsageError(f"others can read {place} (mode {mode & 0o777:o}); run chmod 600 on it, or make a new one")
    if len(secret) != KEY_BYTES:
        raise UsageError(f"{place} is no key: it does not hold {KEY_BYTES} bytes; restore it from a copy")
    return MarkKey(secret)


def _usual_place() -> Path:
    named = os.environ.get(VARIABLE)
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return (Path(named) if named else data / "misora" / "trust") / KEY_NAME


def _make(place: Path) -> None:
    """Write aside, then link: the first of two that draw at once wins, and nobody reads half a key."""
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=place.parent)  # mode 0600
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(temporary, place)
        Path(temporary).unlink()
    except OSError as error:
        raise OutputError(f"cannot write {place}: {error.strerror}; set {VARIABLE} to another folder") from error
