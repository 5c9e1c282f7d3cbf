"""The judge of names: people who did not ask to be shown, and names that belong to others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from misora.trust.findings import Finding, Prompt
from misora.trust.fold import fold, words_of
from misora.trust.phrases import Phrases
from misora.trust.strict_toml import Key, read_strict

_PERSON_SCORE = 0.9
_FAKE_SCORE = 0.85
_OFFICE_SCORE = 0.7
_OTHER_SCORE = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody real.

    Attributes:
        name: as refusals and consents call them.
        also: other spellings.
    """

    name: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Owned:
    """A name that belongs to somebody: an artist's, a brand's, a character's.

    Attributes:
        name: the name.
        instead: words to put in its place.
        also: other spellings.
    """

    name: str
    instead: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    offices: tuple[str, ...]
    doings: tuple[str, ...]
    fakes: tuple[str, ...]
    fakes_unless: tuple[str, ...]
    people: tuple[Person, ...]
    artists: tuple[Owned, ...]
    marks: tuple[Owned, ...]


class NameJudge:
    """Finds protected names, and asks for the likeness of somebody without naming them."""

    name = "names"

    def __init__(self, path: Path) -> None:
        """Read the list.

        Args:
            path: TOML as `data/names.toml`.

        Raises:
            PolicyError: what is wrong with it, with file, line and key.
        """
        written, _ = read_strict(_Written, path, check=_problems)
        self._people = [(person.name, Phrases((person.name, *person.also))) for person in written.people]
        self._owned = [(owned, Phrases((owned.name, *owned.also))) for owned in (*written.artists, *written.marks)]
        self._offices, self._doings = Phrases(written.offices), Phrases(written.doings)
        self._fakes, self._spared = Phrases(written.fakes), Phrases(written.fakes_unless)
        self._words = {
            word
            for entry in (*written.people, *written.artists, *written.marks)
            for name in (entry.name, *entry.also)
            for word in words_of(fold(name)).split()
        }

    def judge_prompt(self, prompt: Prompt, /) -> list[Finding]:
        """Look for every name in every reading; people who agreed are passed over.

        Args:
            prompt: words, their readings, and who agreed.

        Returns:
            The gravest finding for each name.
        """
        found: dict[str, Finding] = {}
        for reading in prompt.readings:
            for finding in self._judge_words(reading.words, prompt.consents):
                found.setdefault(finding.rule, finding)
        return list(found.values())

    def vocabulary(self) -> set[str]:
        """Name every Latin word of the list."""
        return {word for word in self._words if word.isascii()}

    def _judge_words(self, words: str, consents: frozenset[str]) -> Iterator[Finding]:
        for name, phrases in self._people:
            if fold(name) not in consents and (hit := next(phrases.find(words), None)):
                yield Finding(category="likeness", score=_PERSON_SCORE, rule=f"names/{_slug(name)}", evidence=hit.text)
        for owned, phrases in self._owned:
            if hit := next(phrases.find(words), None):
                yield Finding(
                    category="third_party",
                    score=_OTHER_SCORE,
                    rule=f"names/{_slug(owned.name)}",
                    evidence=hit.text,
                    instead=owned.instead,
                )
        if (office := next(self._offices.find(words), None)) and words in self._doings:
            yield Finding(category="likeness", score=_OFFICE_SCORE, rule="names/office", evidence=office.text)
        if (fake := next(self._fakes.find(words), None)) and words not in self._spared:
            yield Finding(category="likeness", score=_FAKE_SCORE, rule="names/fake", evidence=fake.text)


def replaced(text: str, findings: list[Finding], plain: str) -> str:
    """Put harmless words in the place of the evidence.

    Args:
        text: as typed.
        findings: those with words to put instead.
        plain: the text as it was read, used where the evidence is not spelled out in `text`.

    Returns:
        The text without the evidence; as given where it has none.
    """
    done = [_all_swapped(base, findings) for base in (text, plain, words_of(fold(plain)))]
    return max(done, key=lambda pair: pair[1])[0]  # as it was typed, unless more is found in another spelling


def _all_swapped(text: str, findings: list[Finding]) -> tuple[str, int]:
    num_found = 0
    for finding in findings:
        text, count = _swapped(text, finding)
        num_found += count > 0
    return text, num_found


def _swapped(text: str, finding: Finding) -> tuple[str, int]:
    spelled = r"[\W_]{0,3}".join(map(re.escape, finding.evidence.split()))
    return re.subn(
        rf"(?<!\w){spelled}(?:'s)?(?!\w)" if finding.evidence.isascii() else spelled,
        finding.instead,
        text,
        flags=re.IGNORECASE,
    )


def _slug(name: str) -> str:
    return words_of(fold(name)).replace(" ", "-")


def _problems(written: _Written) -> Iterator[tuple[Key, str]]:
    for key, entries in (("people", written.people), ("artists", written.artists), ("marks", written.marks)):
        for entry in entries:
            if any(len(words_of(fold(name))) < 2 for name in (entry.name, *entry.also)):
                yield (key,), f"{entry.name!r} has a spelling of less than two letters, which would be found everywhere"
