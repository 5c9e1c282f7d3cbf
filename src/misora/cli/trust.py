"""The commands of trust: where a file comes from, and whether the log of decisions is whole."""

from __future__ import annotations

import json as json_format
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from tyro.conf import Positional

from misora.core.errors import MisoraError
from misora.core.plain import one_line


def verify(
    files: Positional[tuple[Path, ...]], /, *, fast: bool = False, trust_home: Path | None = None, json: bool = False
) -> int:
    """Tell where files come from: signed here and intact, by somebody else, changed and where, or unsigned.

    The exit code is that of the worst file: 0 known and intact, 3 no manifest, 4 signer unknown or expired, 6 intact with bytes
    outside of the signature, 2 unreadable, 5 changed after signing. One that cannot be read keeps no other from its line.

    Args:
        files: videos and pictures.
        fast: judge the signature alone; do not decode the file to look for the watermark.
        trust_home: folder of keys, store and log, if not the usual one.
        json: print one JSON object instead of lines.

    Returns:
        The exit code.

    Raises:
        UsageError: if no file is named.
    """
    from misora.core.errors import MediaError, UsageError
    from misora.trust.home import Home
    from misora.trust.origin import origin_of
    from misora.trust.tell import lines, record
    from misora.trust.verify import verify as judge
    from misora.trust.verify import worst

    if not files:
        raise UsageError("name at least one file to verify")
    home, codes, told = Home.open(trust_home), [], []
    for file in files:
        try:
            verdict, origin = judge(file, home), None if fast else origin_of(file, home)
        except MediaError as error:
            codes.append(error.exit_code)
            told.append(unread(file, error))
            continue
        codes.append(verdict.exit_code)
        told.append(record(verdict, origin))
        if not json:
            print("\n".join(lines(verdict, origin)), flush=True)
    if json:
        print(json_format.dumps({"files": told}, ensure_ascii=False, default=str))
    return worst(codes)


def unread(file: Path, error: MisoraError) -> dict[str, object]:
    """Tell of one file among several that cannot be read, on a line of its own.

    Args:
        file: as it was named.
        error: why.

    Returns:
        The same for JSON.
    """
    words = " ".join(str(error).split())
    print(f"error: {one_line(words if str(file) in words else f'{file}: {words}')}", file=sys.stderr)
    told = {"kind": type(error).__name__, "message": words, "exit_code": error.exit_code}
    return {"file": str(file), "error": told}


def audit_verify(*, head: str | None = None, trust_home: Path | None = None, json: bool = False) -> int:
    """Tell whether the log of decisions and signatures was edited, shortened or reordered; exit code 5 if it was.

    Args:
        head: number:hash of an earlier line, noted elsewhere, that the log must still hold.
        trust_home: folder of keys, store and log, if not the usual one.
        json: print one JSON object instead of lines.

    Returns:
        The exit code.
    """
    from misora.trust.audit import verify as check
    from misora.trust.head import parse_head
    from misora.trust.home import Home

    found, findings = check(Home.open(trust_home), head=None if head is None else parse_head(head))
    if json:
        told = {"head": f"{found.number}:{found.hash}", "findings": [asdict(finding) for finding in findings]}
        print(json_format.dumps(told, ensure_ascii=False))
    else:
        for finding in findings:
            print(f"line {finding.line} {finding.words}")
        state = f"{len(findings)} findings: the log was changed" if findings else "whole"
        print(f"{found.number} lines, {state}; head {found.number}:{found.hash}")
    return 5 if findings else 0


def audit_adopt(*, trust_home: Path | None = None, json: bool = False) -> None:
    """Make a head for a log that has lost its own; the log itself says from then on that this was done.

    Args:
        trust_home: folder of keys, store and log, if not the usual one.
        json: print one JSON object instead of a line.
    """
    from misora.trust.audit import adopt
    from misora.trust.home import Home

    home = Home.open(trust_home)
    head = adopt(home)
    told = {"head": f"{head.number}:{head.hash}", "file": str(home.head_path)}
    words = f"{told['file']}: adopted as line {head.number}; head {told['head']}; note it elsewhere"
    print(json_format.dumps(told, ensure_ascii=False) if json else words)


COMMANDS: dict[str, Callable[..., int | None]] = {
    "verify": verify,
    "audit verify": audit_verify,
    "audit adopt": audit_adopt,
}
