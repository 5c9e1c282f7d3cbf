"""Which strings are words, and how a run of letters falls into words."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

_SHORT = frozenset(
    re.findall(r"\w+", "a i am an as at be by do go he if in is it me my no of on or so to up us we ok tv uk eu ai")
)
_NUMBER = re.compile(r"\d+[a-z%]{0,4}")
_MAX_LETTERS = 20
_UNKNOWN = 14.0  # cost of a letter that no word explains; the rarest word costs about 15
_MAX_RUN = 400


class Lexicon:
    """Words with what they cost: the commoner, the cheaper."""

    def __init__(self, words: Sequence[str], extra: Iterable[str] = ()) -> None:
        """Learn the words.

        Args:
            words: the commonest first, lower case.
            extra: more words, counted as neither common nor rare.
        """
        fit = ["a", "i"] + [
            word for word in words if word.isascii() and word.isalpha() and (len(word) > 2 or word in _SHORT)
        ]
        scale = math.log(len(fit) + 2)
        self._costs = {word: math.log((rank + 1) * scale) for rank, word in enumerate(fit)}
        for word in fit[2000:]:  # rare strings of three letters are mostly pieces of words
            self._costs[word] += 4.0 if len(word) == 3 else 0.0
        middle = math.log((len(fit) // 3 + 1) * scale)
        self._costs |= {word: middle for word in extra if word.isalpha() and word not in self._costs and len(word) > 2}

    def __contains__(self, word: str) -> bool:
        return word in self._costs

    def share(self, words: Sequence[str]) -> float:
        """Say how much of a text is words.

        Args:
            words: its strings; numbers, with a unit or without, do not count.

        Returns:
            The share of letters that stand in known words; 1 where there are no letters.
        """
        lettered = [word for word in words if word.isascii() and not _NUMBER.fullmatch(word)]
        total = sum(map(len, lettered))
        return sum(len(word) for word in lettered if self.knows(word)) / total if total else 1.0

    def knows(self, word: str) -> bool:
        """Say whether this is a word, or one with a common ending."""
        return word in self._costs or any(
            word.endswith(ending) and len(word) - len(ending) > 2 and _stem(word, ending) & self._costs.keys()
            for ending in ("s", "es", "ed", "ing", "er", "ers", "ly", "ion")
        )

    def split(self, run: str) -> list[str]:
        """Cut a run of letters into the cheapest words.

        Args:
            run: letters without spaces.

        Returns:
            Words, and single letters where none fits.

        Source: Zipf's law as a prior over words, and dynamic programming over cuts (Viterbi 1967).
        """
        run = run[:_MAX_RUN]
        best: list[tuple[float, int]] = [(0.0, 0)]
        for end in range(1, len(run) + 1):
            choices = [(best[end - 1][0] + _UNKNOWN, end - 1)]
            for start in range(max(0, end - _MAX_LETTERS), end):
                cost = self._costs.get(run[start:end])
                if cost is not None:
                    choices.append((best[start][0] + cost, start))
            best.append(min(choices))
        words, end = [], len(run)
        while end:
            start = best[end][1]
            words.append(run[start:end])
            end = start
        return words[::-1]


def _stem(word: str, ending: str) -> set[str]:
    stem = word[: -len(ending)]
    is_doubled = ending in ("ed", "ing", "er") and len(stem) > 3 and stem[-1] == stem[-2]
    doubled = {stem[:-1]} if is_doubled else set()
    return {stem, f"{stem}e"} | doubled
