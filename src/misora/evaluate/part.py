"""A part of the control suite: what it counted and what it measured, or that the model was not taught it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Unpack

import numpy as np

from misora.core.seeds import derive
from misora.evaluate.cases import Wanted, check_num_cases
from misora.evaluate.report import Score, percent
from misora.generate.canvas import Guidance
from misora.generate.sample import DEFAULT_STEPS
from misora.generate.studio import Asked


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlSettings:
    """How the suite is run.

    Attributes:
        num_cases: filmed clips of each part.
        seed: draws scripts, words and noise.
        split: which scripts: `held_out` to measure, `train` to choose settings.
        steps: of the sampler.
        guidance: of the text.
    """

    num_cases: int = 64
    seed: int = 0
    split: str = "held_out"
    steps: int = DEFAULT_STEPS
    guidance: float = Guidance().lines

    def __post_init__(self) -> None:
        check_num_cases(self.num_cases, "control")

    def wanted(self, part: str, **more: Any) -> Wanted:
        """Which scripts a part films.

        Args:
            part: its name; each part draws its own.
            **more: as in `Wanted`.

        Returns:
            As many as there are cases.
        """
        return Wanted(name=f"control suite {part}", num=self.num_cases, seed=self.seed, split=self.split, **more)

    def asked(self, part: str, index: int, **more: Unpack[Asked]) -> Asked:
        """What is asked of the canvas of a case beside its words.

        Args:
            part: the name of the part.
            index: of the case; names its noise.
            **more: as in `Studio.canvas`.

        Returns:
            The same with guidance and seed.
        """
        asked = Asked(**more)
        asked["guidance"], asked["seed"] = self.guidance, derive("control suite noise", part, self.seed, index)
        return asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one part of the suite found.

    Attributes:
        is_taught: whether the model practised what is asked of it; what it would refuse is not asked, and stays empty.
        scores: by name: in how many cases something holds; what stands beside a score for comparison bears its name first,
            as in "colour, truth".
        values: by name with its unit: medians over the cases.
    """

    is_taught: bool = True
    scores: dict[str, Score] = field(default_factory=dict)
    values: dict[str, float] = field(default_factory=dict)

    @property
    def lines(self) -> list[str]:
        """As people read it, a line for each number."""
        told = [f"    {name:<34}{percent(each)}" for name, each in self.scores.items()]
        return told + [f"    {name:<34}{value:.3f}" for name, value in self.values.items()]

    @property
    def plain(self) -> dict[str, object]:
        """Plain values for JSON."""
        return {
            "is_taught": self.is_taught,
            "values": {name: value if isfinite(value) else None for name, value in self.values.items()},
            "scores": {name: score_as_dict(each) for name, each in self.scores.items()},
        }


NOT_TAUGHT = Part(is_taught=False)


def score_as_dict(measured: Score) -> dict[str, object]:
    """A score for machines.

    Args:
        measured: the counts.

    Returns:
        Counts, and both ends of the interval.
    """
    interval = measured.interval
    return {"right": measured.num_right, "of": measured.num_all, "low": interval.low, "high": interval.high}


def middle(values: Sequence[float]) -> float:
    """The median of what could be measured.

    Args:
        values: one for each case; NaN where it could not be measured.

    Returns:
        The median; NaN where nothing could.
    """
    found = [value for value in values if isfinite(value)]
    return float(np.median(found)) if found else float("nan")
