"""Phrases as people write them in a list, looked for in folded words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from misora.trust.fold import fold, words_of

_HAN = re.compile(r"[\u3400-\u9fff]")
_GAP = r"(?: \S+){0,4}?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Where a phrase stands.

    Attributes:
        start: first letter, in the words that were searched.
        end: one past the last.
        text: what stands there.
    """

    start: int
    end: int
    text: str


class Phrases:
    """Many phrases, looked for at once; only those whose first word stands in a text are made into an expression."""

    def __init__(self, phrases: Sequence[str]) -> None:
        """Prepare the search.

        Args:
            phrases: words; one ending in `*` may go on, `…` stands for up to four words, Chinese is found anywhere.
        """
        self._phrases = [(_opening(phrase), phrase) for phrase in sorted(phrases, key=len, reverse=True)]

    def find(self, words: str) -> Iterator[Found]:
        """Find them in order, none within another.

        Args:
            words: what `words_of` gives.

        Yields:
            Each place.
        """
        near = tuple(phrase for opening, phrase in self._phrases if opening in words)
        for match in _search(near).finditer(words) if near else ():
            yield Found(start=match.start(), end=match.end(), text=match.group())

    def __contains__(self, words: str) -> bool:
        return next(self.find(words), None) is not None


def expanded(phrases: Sequence[str], groups: Mapping[str, Sequence[str]]) -> list[str]:
    """Put groups in the place of their names.

    Args:
        phrases: some of them `@name`.
        groups: by name.

    Returns:
        Phrases alone.

    Raises:
        KeyError: the name of a group that is not there.
    """
    return [word for phrase in phrases for word in (groups[phrase[1:]] if phrase.startswith("@") else [phrase])]


@lru_cache(maxsize=1024)
def _search(phrases: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(_pattern(phrase) for phrase in phrases))


def _opening(phrase: str) -> str:
    """What a text must hold for the phrase to stand in it: its first word as far as that is fixed."""
    first = phrase if _HAN.search(phrase) else next((word for word in phrase.split() if word != "…"), "")
    return words_of(fold(first.rstrip("*")))


def _pattern(phrase: str) -> str:
    if _HAN.search(phrase):
        return re.escape(words_of(fold(phrase.rstrip("*"))))
    parts = []
    for word in phrase.split():
        if word == "…":
            parts.append(_GAP)
            continue
        space = " " if parts else ""
        stem = words_of(fold(word.rstrip("*")))
        parts.append(space + re.escape(stem) + (r"[^ ]*" if word.endswith("*") else ""))
    return "(?<![^ ])" + "".join(parts) + "(?![^ ])"
