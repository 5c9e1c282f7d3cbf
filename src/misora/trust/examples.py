"""The examples of moderation: short descriptions written for this project, split by a fixed hash."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from misora.core.errors import PolicyError

Split = Literal["train", "validation", "test"]

BENIGN = "benign"
EXAMPLES = Path(__file__).parent / "data" / "examples.txt"
_HEADER = re.compile(r"\[(\w+) (\w+)\]")
_TRAIN, _VALIDATION = 60, 15  # of 100; the rest is for the test alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One description.

    Attributes:
        text: what someone might type.
        category: what policy calls it, or benign.
        topic: of benign ones: art, medicine, news, history, education, people, story, world.
    """

    text: str
    category: str
    topic: str

    @property
    def split(self) -> Split:
        """Train, validation or test, from the SHA-256 of the text alone."""
        bucket = int(hashlib.sha256(self.text.encode()).hexdigest()[:8], 16) % 100
        return "train" if bucket < _TRAIN else "validation" if bucket < _TRAIN + _VALIDATION else "test"


def load_examples(path: Path = EXAMPLES) -> tuple[Example, ...]:
    """Read the examples.

    Args:
        path: a file of headers `[category topic]`, with an example a line after each.

    Returns:
        All of them, in order.

    Raises:
        PolicyError: if a line has no header before it, or an example occurs twice.
    """
    found: dict[str, Example] = {}
    for number, example in _lines(path):
        if example.text in found:
            raise PolicyError(f"{path}:{number}: {example.text!r} stands there already; remove one")
        found[example.text] = example
    return tuple(found.values())


def _lines(path: Path) -> Iterator[tuple[int, Example]]:
    header: tuple[str, str] | None = None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        if match := _HEADER.fullmatch(line.strip()):
            header = (match.group(1), match.group(2))
        elif header is None:
            raise PolicyError(f"{path}:{number}: an example without a header [category topic] before it; add one")
        else:
            yield number, Example(text=line.strip(), category=header[0], topic=header[1])
