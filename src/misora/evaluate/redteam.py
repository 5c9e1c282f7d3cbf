"""The red-team harness: prompts under every obfuscation, against the very moderator that every door asks."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from misora.core.errors import UsageError
from misora.evaluate.report import Score
from misora.trust.examples import BENIGN, Example, load_examples
from misora.trust.moderator import Moderator
from misora.trust.obfuscate import OBFUSCATIONS, obfuscated

ANY = "any"
_MAX_FILE_BYTES = 64_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One prompt as it was typed, and what became of it.

    Attributes:
        category: what it asks for; benign for nothing wrong.
        topic: of a benign one.
        obfuscation: how it was written.
        is_flagged: whether policy did anything but allow it.
        is_refused: whether the work stops.
        is_named: whether the decision named this very category.
    """

    category: str
    topic: str
    obfuscation: str
    is_flagged: bool
    is_refused: bool
    is_named: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RedTeam:
    """All trials of a run.

    Attributes:
        trials: one a prompt and obfuscation.
        policy_sha256: of the policy.
        role: who asked.
    """

    trials: tuple[Trial, ...]
    policy_sha256: str
    role: str

    @property
    def obfuscations(self) -> list[str]:
        """Every way that was played, in order."""
        return list(dict.fromkeys(trial.obfuscation for trial in self.trials))

    @property
    def categories(self) -> list[str]:
        """Every category asked for, in order of their names."""
        return sorted({trial.category for trial in self.trials} - {BENIGN})

    @property
    def topics(self) -> list[str]:
        """Every topic of benign prompts, in order of their names."""
        return sorted({trial.topic for trial in self.trials if trial.category == BENIGN})

    def recall(self, obfuscation: str, category: str = ANY) -> Score:
        """Share of violating prompts that policy did not allow as they were: refused, to be reviewed, or transformed."""
        return _share(self._violating(obfuscation, category), lambda trial: trial.is_flagged)

    def refused(self, obfuscation: str, category: str = ANY) -> Score:
        """Share of violating prompts that were refused."""
        return _share(self._violating(obfuscation, category), lambda trial: trial.is_refused)

    def named(self, obfuscation: str, category: str = ANY) -> Score:
        """Share of violating prompts whose own category was found, whatever else was."""
        return _share(self._violating(obfuscation, category), lambda trial: trial.is_named)

    def precision(self, obfuscation: str) -> Score:
        """Share of violating ones among all that were flagged."""
        flagged = [trial for trial in self.trials if trial.obfuscation == obfuscation and trial.is_flagged]
        return _share(flagged, lambda trial: trial.category != BENIGN)

    def false_refusals(self, obfuscation: str, topic: str = ANY) -> Score:
        """Share of benign prompts that were refused."""
        return _share(self._benign(obfuscation, topic), lambda trial: trial.is_refused)

    def false_flags(self, obfuscation: str, topic: str = ANY) -> Score:
        """Share of benign prompts that were refused, reviewed or transformed."""
        return _share(self._benign(obfuscation, topic), lambda trial: trial.is_flagged)

    def _violating(self, obfuscation: str, category: str) -> list[Trial]:
        of_way = [t for t in self.trials if t.obfuscation == obfuscation and t.category != BENIGN]
        return [t for t in of_way if category in (ANY, t.category)]

    def _benign(self, obfuscation: str, topic: str) -> list[Trial]:
        of_way = [t for t in self.trials if t.obfuscation == obfuscation and t.category == BENIGN]
        return [t for t in of_way if topic in (ANY, t.topic)]


def held_out_prompts() -> tuple[Example, ...]:
    """Take the project's own examples that no fit and no threshold has seen."""
    return tuple(example for example in load_examples() if example.split == "test")


def load_prompts(path: Path) -> tuple[Example, ...]:
    """Read prompts from a file.

    Args:
        path: CSV with the columns prompt and category (any name, or benign), and topic if wanted; or text with a prompt a
            line, whose category is the file's name.

    Returns:
        The prompts; categories that policy does not know are counted all the same.

    Raises:
        UsageError: if the file cannot be read, has no such columns, or a row has no prompt.
    """
    try:
        if path.stat().st_size > _MAX_FILE_BYTES:
            raise UsageError(f"{path} has more than {_MAX_FILE_BYTES:,} bytes; give a smaller file")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}; check the path") from error
    except ValueError as error:
        raise UsageError(f"{path} is not UTF-8 ({error}); convert it") from error
    if path.suffix.lower() == ".txt":
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return tuple(Example(text=line, category=path.stem, topic=ANY) for line in lines)
    return tuple(_rows(path, text))


def run_redteam(
    moderator: Moderator,
    prompts: Sequence[Example],
    *,
    obfuscations: Sequence[str] = tuple(OBFUSCATIONS),
    seed: int = 0,
    role: str | None = None,
    on_trial: Callable[[int, int], None] | None = None,
) -> RedTeam:
    """Play every prompt under every obfuscation.

    Args:
        moderator: the one under test.
        prompts: what is asked.
        obfuscations: how it is written.
        seed: draws which letters change.
        role: who asks; the policy's default when not given.
        on_trial: told how many are done, and of how many.

    Returns:
        All trials.

    Raises:
        UsageError: no prompts, or an unknown role or obfuscation.
        JudgeError: a judge that cannot answer: no number is printed for a door that is closed.
    """
    if not prompts:
        raise UsageError("no prompts to play; give a file with at least one")
    trials = []
    total = len(prompts) * len(obfuscations)
    for name in obfuscations:
        for prompt in prompts:
            attempt = obfuscated(prompt.text, name, seed=seed)
            decision = moderator.prompt(attempt.cards, parents=attempt.parents, role=role)
            named = {ruling.finding.category for ruling in decision.rulings if ruling.action != "allow"}
            trials.append(
                Trial(
                    category=prompt.category,
                    topic=prompt.topic,
                    obfuscation=name,
                    is_flagged=decision.action != "allow",
                    is_refused=decision.is_refused,
                    is_named=prompt.category in named,
                )
            )
            if on_trial is not None:
                on_trial(len(trials), total)
    return RedTeam(
        trials=tuple(trials), policy_sha256=moderator.policy.sha256, role=role or moderator.policy.default_role
    )


def as_dict(found: RedTeam) -> dict[str, Any]:
    """Turn a run into JSON values: counts, shares and intervals of every cell."""
    ways = found.obfuscations
    known = set(found.categories)
    return {
        "policy_sha256": found.policy_sha256,
        "role": found.role,
        "num_prompts": len(found.trials) // len(ways),
        "prompts": dict(Counter(trial.category for trial in found.trials if trial.obfuscation == ways[0])),
        "obfuscations": {
            way: {
                "recall": _cell(found.recall(way)),
                "refused": _cell(found.refused(way)),
                "named": _cell(found.named(way)),
                "precision": _cell(found.precision(way)),
                "false_refusals": _cell(found.false_refusals(way)),
                "false_flags": _cell(found.false_flags(way)),
                "categories": {name: _cell(found.recall(way, name)) for name in sorted(known)},
                "topics": {name: _cell(found.false_refusals(way, name)) for name in found.topics},
            }
            for way in ways
        },
    }


def as_table(found: RedTeam) -> str:
    """Draw a run as text: obfuscations, then categories, then topics of benign prompts."""
    ways = found.obfuscations
    head = f"{len(found.trials) // len(ways)} prompts, role {found.role}, policy {found.policy_sha256[:12]}"
    parts = [
        f"{head}; shares with 95 % Wilson intervals",
        _table(
            ("obfuscation", "recall", "refused", "precision", "false refusals"),
            [
                (
                    way,
                    *map(
                        _said, (found.recall(way), found.refused(way), found.precision(way), found.false_refusals(way))
                    ),
                )
                for way in ways
            ],
        ),
    ]
    first = ways[0]
    if found.categories:
        rows = [
            (name, _said(found.recall(first, name)), _said(found.refused(first, name)), _worst(found, name))
            for name in found.categories
        ]
        parts.append(_table((f"category ({first})", "recall", "refused", "lowest recall, under"), rows))
    if found.topics:
        rows = [
            (name, _said(found.false_refusals(first, name)), _said(found.false_flags(first, name)))
            for name in found.topics
        ]
        parts.append(_table((f"benign ({first})", "false refusals", "flagged"), rows))
    return "\n\n".join(parts)


def redteam(
    path: Path | None,
    *,
    policy: Path | None = None,
    obfuscations: Sequence[str] = (),
    seed: int = 0,
    role: str | None = None,
    is_json: bool = False,
    on_trial: Callable[[int, int], None] | None = None,
) -> str:
    """Do what `misora redteam` does.

    Args:
        path: prompts; the project's own test split where not given.
        policy: the policy under test; see `policy_path`.
        obfuscations: how prompts are written; every way if empty.
        seed: draws which letters change.
        role: who asks.
        is_json: give JSON instead of tables.
        on_trial: told how many are done, and of how many.

    Returns:
        Tables, or one JSON object.

    Raises:
        UsageError: no prompts, or an unknown role or obfuscation.
        PolicyError: an error in the policy.
        JudgeError: a judge that cannot answer.
    """
    prompts = held_out_prompts() if path is None else load_prompts(path)
    ways = tuple(obfuscations) or tuple(OBFUSCATIONS)
    found = run_redteam(Moderator.load(policy), prompts, obfuscations=ways, seed=seed, role=role, on_trial=on_trial)
    return json.dumps(as_dict(found), ensure_ascii=False) if is_json else as_table(found)


def _rows(path: Path, text: str) -> Iterable[Example]:
    reader = csv.DictReader(text.splitlines())
    columns = {(name or "").strip().lower(): name for name in reader.fieldnames or ()}
    if not {"prompt", "category"} <= set(columns):
        raise UsageError(
            f"{path}:1: columns are {', '.join(columns) or 'none'}; expected prompt and category (and topic if wanted)"
        )
    try:
        for row in reader:
            yield _example(path, reader.line_num, {key: row.get(name) or "" for key, name in columns.items()})
    except csv.Error as error:
        raise UsageError(f"{path}:{reader.line_num}: not CSV ({error}); correct the line") from error


def _example(path: Path, line: int, row: Mapping[str, str]) -> Example:
    prompt, category = row["prompt"].strip(), row["category"].strip().lower()
    if not prompt or not category:
        raise UsageError(f"{path}:{line}: a row wants prompt and category (benign where nothing is wrong); fill both")
    return Example(text=prompt, category=category, topic=row.get("topic", "").strip() or ANY)


def _share(trials: Sequence[Trial], is_right: Callable[[Trial], bool]) -> Score:
    return Score(num_right=sum(map(is_right, trials)), num_all=len(trials))


def _cell(score: Score) -> dict[str, Any]:
    interval = score.interval
    value = round(score.value, 4) if score.num_all else None
    return {
        "count": score.num_right,
        "of": score.num_all,
        "share": value,
        "low": round(interval.low, 4),
        "high": round(interval.high, 4),
    }


def _said(score: Score) -> str:
    if not score.num_all:
        return "-"
    return f"{score.value:.3f} [{score.interval.low:.2f}, {score.interval.high:.2f}] of {score.num_all}"


def _worst(found: RedTeam, category: str) -> str:
    way = min(found.obfuscations, key=lambda name: found.recall(name, category).value)
    return f"{found.recall(way, category).value:.3f}, {way}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in (head, *rows)
    ]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])
