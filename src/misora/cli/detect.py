"""`misora detect`: is there a mark of ours in a file, in plain words."""

from __future__ import annotations

import json as json_format
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from tyro.conf import Positional


def detect(files: Positional[tuple[Path, ...]], /, *, key: Path | None = None, json: bool = False) -> None:
    """Look for this installation's invisible mark in videos and pictures; a hint, never proof of where they come from.

    Args:
        files: videos or pictures; they are decoded in a process without rights.
        key: secret file of the mark; the installation's own if not given.
        json: print one JSON object instead of lines.

    Raises:
        UsageError: if no file is named.
    """
    from misora.core.errors import UsageError
    from misora.trust.inspect import inspect, words_of
    from misora.trust.markkey import load_key

    if not files:
        raise UsageError("name at least one file to look into")
    secret = load_key(key, is_made=False)
    found = {path: inspect(path, secret) for path in files}
    if json:
        told = [{"file": str(path), **asdict(each), "is_proof": False} for path, each in found.items()]
        print(json_format.dumps({"files": told}, ensure_ascii=False))
    else:
        print("\n".join(f"{path}: {words_of(each)}" for path, each in found.items()))


COMMANDS: dict[str, Callable[..., None]] = {"detect": detect}
