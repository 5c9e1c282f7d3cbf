"""What the text suite says: per attribute the model beside truth, chance and the judge's own errors, against the bars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from misora.evaluate.prompts import SuiteSettings
from misora.evaluate.report import Interval, Score, percent, ratio, ratio_interval

BARS = {"floor": 0.95, "colour": 0.93, "motion": 0.88, "count": 0.85, "shape": 0.75}
"""What the lower end of the model's share of truth must reach where only CPUs trained it."""
GROUPED = ("floor", "colour", "motion", "count", "shape", "all")
"""Attributes that are also told by size, shape of the picture, duration and number of lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What is known about one attribute.

    Attributes:
        generated: videos of the model.
        truth: filmed truth of the same scripts.
        reconstruction: that truth after the autoencoder.
        chance: the videos under exchanged prompts.
        false_accepts: truth under a script that is wrong in this attribute; None where nothing can be wrong in it alone.
    """

    generated: Score
    truth: Score
    reconstruction: Score
    chance: Score
    false_accepts: Score | None

    @property
    def of_truth(self) -> float:
        """The model's share as a part of truth's."""
        return ratio(self.generated, self.truth)

    @property
    def interval(self) -> Interval:
        """Of `of_truth`, at 95 %."""
        return ratio_interval(self.generated, self.truth)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextReport:
    """The whole result.

    Attributes:
        rows: by attribute, and "all".
        settings: what was run.
        grammar: name of the grammar of the prompts.
        one_line: scores of the scripts with a single line, which a short prompt is like.
        motions: by kind of motion, the model's beats and truth's.
        groups: by what prompts differ in and by its value, scores of `GROUPED`.
    """

    rows: dict[str, Row]
    settings: SuiteSettings
    grammar: str
    one_line: dict[str, Score]
    motions: dict[str, tuple[Score, Score]]
    groups: dict[str, dict[str, dict[str, Score]]]


def as_table(report: TextReport) -> str:
    """The report as people read it.

    Args:
        report: of `run_text_suite`.

    Returns:
        A line for each attribute, each motion and each group of prompts.
    """
    head = f"{'attribute':<13} {'model':<33} {'truth':>7} {'of truth':>9} {'from':>7} {'bar':>6}"
    lines = [f"{head} {'redone':>7} {'chance':>7} {'false accepts':>14}"]
    lines += [_line(name, row) for name, row in report.rows.items()]
    lines += ["", f"{'motion':<13} {'model':<33} {'truth':>7}"]
    lines += [f"{kind:<13} {percent(made):<33} {_share(true):>7}" for kind, (made, true) in report.motions.items()]
    for kind, values in report.groups.items():
        lines += ["", f"{kind:<13} " + " ".join(f"{name:>8}" for name in (*GROUPED, "prompts"))]
        for value, scores in values.items():
            shares = " ".join(f"{_share(scores[name]):>8}" for name in GROUPED)
            lines.append(f"{value:<13} {shares} {scores['all'].num_all:>8}")
    return "\n".join(lines)


def _line(name: str, row: Row) -> str:
    bar = BARS.get(name)
    reached = "" if not row.generated.num_all or not row.truth.num_right else f"{100 * row.of_truth:.1f} %"
    low = f"{100 * row.interval.low:.1f} %" if reached else ""
    held = "" if bar is None else f"{100 * bar:.0f} % {'' if row.interval.low >= bar else '!'}"
    false = "" if row.false_accepts is None else _share(row.false_accepts)
    start = f"{name:<13} {percent(row.generated):<33} {_share(row.truth):>7} {reached:>9} {low:>7} {held:>6}"
    return f"{start} {_share(row.reconstruction):>7} {_share(row.chance):>7} {false:>14}".rstrip()


def _share(measured: Score) -> str:
    return f"{100 * measured.value:.1f} %" if measured.num_all else "–"


def as_dict(report: TextReport) -> dict[str, object]:
    """The report for machines.

    Args:
        report: of `run_text_suite`.

    Returns:
        Plain values for JSON; shares are None where nothing was asked.
    """
    return {
        "suite": "text",
        "grammar": report.grammar,
        "num_prompts": report.settings.num_prompts,
        "seed": report.settings.seed,
        "steps": report.settings.steps,
        "guidance": report.settings.guidance,
        "attributes": {name: row_as_dict(row) for name, row in report.rows.items()},
        "one_line": _scores_as_dict(report.one_line),
        "motions": {
            kind: {"generated": _score_as_dict(made), "truth": _score_as_dict(true)}
            for kind, (made, true) in report.motions.items()
        },
        "groups": groups_as_dict(report),
    }


def groups_as_dict(report: TextReport) -> dict[str, object]:
    """Scores by size, shape of the picture, duration and number of lines, for machines.

    Args:
        report: of `run_text_suite`.

    Returns:
        Plain values for JSON.
    """
    return {
        kind: {value: _scores_as_dict(scores) for value, scores in values.items()}
        for kind, values in report.groups.items()
    }


def row_as_dict(row: Row) -> dict[str, object]:
    """One attribute for machines.

    Args:
        row: of a report.

    Returns:
        Plain values for JSON.
    """
    parts = {name: getattr(row, name) for name in ("generated", "truth", "reconstruction", "chance", "false_accepts")}
    is_known = bool(row.generated.num_all and row.truth.num_right)
    quotient = {"value": row.of_truth, "low": row.interval.low, "high": row.interval.high} if is_known else None
    return {
        **{name: None if each is None else _score_as_dict(each) for name, each in parts.items()},
        "of_truth": quotient,
    }


def _scores_as_dict(scores: Mapping[str, Score]) -> dict[str, object]:
    return {name: _score_as_dict(each) for name, each in scores.items()}


def _score_as_dict(measured: Score) -> dict[str, object]:
    return {
        "value": measured.value if measured.num_all else None,
        "low": measured.interval.low,
        "high": measured.interval.high,
        "right": measured.num_right,
        "of": measured.num_all,
    }
