"""The judge of words: a list of phrases with exceptions and company, read in every reading of a text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from misora.trust.findings import Finding, Prompt
from misora.trust.phrases import Found, Phrases, expanded
from misora.trust.strict_toml import Key, read_strict


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Phrases of one kind.

    Attributes:
        id: its name, told with every finding.
        category: of the policy.
        score: of a text that holds one.
        words: phrases, or groups.
        near: phrases of which one must be there too; none if empty.
        unless: phrases within which nothing counts.
        contexts: kinds of company in which the score is `softened`.
        softened: that score.
    """

    id: str
    category: str
    score: float
    words: tuple[str, ...]
    near: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    contexts: tuple[str, ...] = ()
    softened: float = 0.0

    def __post_init__(self) -> None:
        if not 0 < self.score <= 1 or not 0 <= self.softened <= self.score:
            raise ValueError(f"score {self.score} and softened {self.softened} must be 0 <= softened <= score <= 1")
        if not self.words:
            raise ValueError("words is empty; give at least one phrase")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    groups: Mapping[str, tuple[str, ...]]
    contexts: Mapping[str, tuple[str, ...]]
    rule: tuple[Rule, ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    rule: Rule
    words: Phrases
    near: Phrases
    unless: Phrases


class WordJudge:
    """Finds the phrases of a list."""

    name = "words"

    def __init__(self, path: Path) -> None:
        """Read the list.

        Args:
            path: TOML as `data/words.toml`.

        Raises:
            PolicyError: what is wrong with it, with file, line and key.
        """
        self.rules, _ = read_strict(_Written, path, check=_problems)
        groups = self.rules.groups
        self._contexts = {name: Phrases(words) for name, words in self.rules.contexts.items()}
        self._minors = Phrases(groups.get("minor", ()))
        self._harmless = Phrases(groups.get("harmless_minor", ()))
        self._ready = [
            _Ready(rule=rule, words=words, near=near, unless=unless)
            for rule in self.rules.rule
            for words, near, unless in [
                (Phrases(expanded(phrases, groups)) for phrases in (rule.words, rule.near, rule.unless))
            ]
        ]

    @property
    def categories(self) -> frozenset[str]:
        """Every category that the list speaks of."""
        return frozenset(rule.category for rule in self.rules.rule)

    def judge_prompt(self, prompt: Prompt, /) -> list[Finding]:
        """Look for every rule in every reading.

        Args:
            prompt: words and their readings.

        Returns:
            The gravest finding of each rule that speaks.
        """
        found: dict[str, Finding] = {}
        for reading in prompt.readings:
            for finding in self._judge_words(reading.words, reading.name):
                if finding.rule not in found or found[finding.rule].score < finding.score:
                    found[finding.rule] = finding
        return list(found.values())

    def mentions_minor(self, prompt: Prompt) -> bool:
        """Say whether a child or teenager is spoken of."""
        return any(
            _counted(self._minors.find(reading.words), list(self._harmless.find(reading.words)))
            for reading in prompt.readings
        )

    def vocabulary(self) -> set[str]:
        """Name every Latin word of the list, with common endings where it may go on."""
        phrases = [word for rule in self.rules.rule for word in (*rule.words, *rule.near)]
        phrases += [word for group in self.rules.groups.values() for word in group]
        found: set[str] = set()
        for word in (word for phrase in phrases for word in phrase.split() if word.isascii()):
            endings = ("", "e", "s", "es", "ed", "ing", "ion", "er") if word.endswith("*") else ("",)
            found |= {word.strip("*@") + ending for ending in endings}
        return found

    def _judge_words(self, words: str, reading: str) -> Iterator[Finding]:
        for ready in self._ready:
            spared = list(ready.unless.find(words))
            counted = _counted(ready.words.find(words), spared)
            if not counted:
                continue
            company = _counted(ready.near.find(words), spared)
            if ready.rule.near and not any(not _overlap(one, other) for one in counted for other in company):
                continue
            rule = ready.rule
            is_soft = any(words in self._contexts[name] for name in rule.contexts)
            evidence = " + ".join(dict.fromkeys(hit.text for hit in (counted[0], *company[:1])))
            yield Finding(
                category=rule.category,
                score=rule.softened if is_soft else rule.score,
                rule=f"words/{rule.id}",
                evidence=evidence if reading == "plain" else f"{evidence} ({reading})",
            )


def _counted(hits: Iterable[Found], spared: list[Found]) -> list[Found]:
    return [hit for hit in hits if not any(_overlap(hit, other) for other in spared)]


def _overlap(one: Found, other: Found) -> bool:
    return one.start < other.end and other.start < one.end


def _problems(written: _Written) -> Iterator[tuple[Key, str]]:
    names: set[str] = set()
    for index, rule in enumerate(written.rule):
        if rule.id in names:
            yield ("rule", index, "id"), f"{rule.id!r} is taken by an earlier rule; choose another"
        names.add(rule.id)
        for key, phrases in (("words", rule.words), ("near", rule.near), ("unless", rule.unless)):
            for phrase in phrases:
                if phrase.startswith("@") and phrase[1:] not in written.groups:
                    yield ("rule", index, key), f"{phrase!r} is no group; known are {', '.join(written.groups)}"
                if not phrase.strip("*… @"):
                    yield ("rule", index, key), f"{phrase!r} would match everything; write a word"
        for name in rule.contexts:
            if name not in written.contexts:
                yield ("rule", index, "contexts"), f"{name!r} is no context; known are {', '.join(written.contexts)}"
