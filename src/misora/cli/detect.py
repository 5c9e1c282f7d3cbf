"""`misora detect`: is there a mark of ours in a file, in plain words."""

from __future__ import annotations

import json as json_format
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from tyro.conf import Positional


def detect(files: Positional[tuple[Path, ...]], /, *, key: Path | None = None, json: bool = False) -> int:
    """Look for this installation's invisible mark in videos and pictures; a hint, never proof of where they come from.

    One that cannot be read keeps no other from its line; the exit code is 2 then.

    Args:
        files: videos or pictures; they are decoded in a process without rights.
        key: secret file of the mark; the installation's own if not given.
        json: print one JSON object instead of lines.

    Returns:
        The exit code.

    Raises:
        UsageError: if no file is named, or there is no key.
    """
    from misora.cli.trust import unread
    from misora.core.errors import MediaError, UsageError
    from misora.core.plain import one_line
    from misora.trust.inspect import inspect, kind_of, words_of
    from misora.trust.markkey import load_key

    if not files:
        raise UsageError("name at least one file to look into")
    code, told, secret = 0, [], None
    for path in files:
        try:
            kind_of(path)
            secret = secret or load_key(key, is_made=False)
            each = inspect(path, secret)
        except MediaError as error:
            code = error.exit_code
            told.append(unread(path, error))
            continue
        told.append({"file": str(path), **asdict(each), "is_proof": False})
        if not json:
            print(one_line(f"{path}: {words_of(each)}"), flush=True)
    if json:
        print(json_format.dumps({"files": told}, ensure_ascii=False))
    return code


COMMANDS: dict[str, Callable[..., int]] = {"detect": detect}
