"""The commands of trust: where a file comes from, and whether the log of decisions is whole."""

from __future__ import annotations

import json as json_format
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from tyro.conf import Positional


def verify(
    files: Positional[tuple[Path, ...]], /, *, fast: bool = False, trust_home: Path | None = None, json: bool = False
) -> int:
    """Tell where files come from: signed here and intact, by somebody else, changed and where, or unsigned.

    The exit code is that of the worst file: 0 known and intact, 3 no manifest, 4 signer unknown or expired, 6 intact with bytes
    outside of the signature, 5 changed after signing.

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
    from misora.core.errors import UsageError
    from misora.trust.home import Home
    from misora.trust.origin import origin_of
    from misora.trust.tell import lines, record
    from misora.trust.verify import verify as judge
    from misora.trust.verify import worst

    if not files:
        raise UsageError("name at least one file to verify")
    home = Home.open(trust_home)
    verdicts = [judge(file, home) for file in files]
    origins = [None if fast else origin_of(file, home) for file in files]
    found = list(zip(verdicts, origins, strict=True))
    if json:
        told = {"files": [record(verdict, origin) for verdict, origin in found]}
        print(json_format.dumps(told, ensure_ascii=False, default=str))
    else:
        print("\n".join(line for verdict, origin in found for line in lines(verdict, origin)))
    return worst(verdicts)


def audit_verify(*, head: str | None = None, trust_home: Path | None = None, json: bool = False) -> int:
    """Tell whether the log of decisions and signatures was edited, shortened or reordered; exit code 5 if it was.

    Args:
        head: number:hash of an earlier line, noted elsewhere, that the log must still hold.
        trust_home: folder of keys, store and log, if not the usual one.
        json: print one JSON object instead of lines.

    Returns:
        The exit code.
    """
    from misora.trust.audit import parse_head
    from misora.trust.audit import verify as check
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


COMMANDS: dict[str, Callable[..., int | None]] = {"verify": verify, "audit verify": audit_verify}
