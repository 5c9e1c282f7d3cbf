"""What could not be done, with its cause, so that a run goes on and nothing is lost in silence."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

NAME = "ledger.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One thing that was left out.

    Attributes:
        path: the file, or the id of the clip.
        stage: what was being done: `film`, `decode`, `cut`, `caption`, `write`.
        cause: the error in one line.
    """

    path: str
    stage: str
    cause: str


def cause_of(error: BaseException) -> str:
    """Say in one line what went wrong.

    Args:
        error: what was raised.

    Returns:
        Its type and message, at most 500 characters.
    """
    message = " ".join(str(error).split())
    return f"{type(error).__name__}: {message}"[:500]


def record(folder: Path, failure: Failure) -> None:
    """Append one failure to the ledger of a corpus.

    Args:
        folder: of the corpus.
        failure: what was left out.
    """
    with (folder / NAME).open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(failure), ensure_ascii=False) + "\n")


def read(folder: Path) -> tuple[Failure, ...]:
    """Read the ledger of a corpus.

    Args:
        folder: of the corpus.

    Returns:
        All failures, oldest first; none if nothing failed. A line torn by a crash is skipped.
    """
    path = folder / NAME
    if not path.exists():
        return ()
    lines = path.read_text(encoding="utf-8").splitlines()
    return tuple(Failure(**json.loads(line)) for line in lines if line.endswith("}"))
