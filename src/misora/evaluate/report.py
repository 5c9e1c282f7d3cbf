"""Counts with their uncertainty: Wilson intervals, bootstrap, and chance by shuffled prompts."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from jaxtyping import Float

from misora.core.seeds import numpy_rng


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Where the true value lies with the stated confidence.

    Attributes:
        low: lower end.
        high: upper end.
    """

    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How many of some trials came out right.

    Attributes:
        num_right: trials that came out right.
        num_all: all trials; 0 when the attribute never applied.
    """

    num_right: int
    num_all: int

    def __post_init__(self) -> None:
        if not 0 <= self.num_right <= self.num_all:
            raise ValueError(f"Score counts {self.num_right} right of {self.num_all}; give 0 <= right <= all")

    @property
    def value(self) -> float:
        """Share of right trials; NaN without trials."""
        return self.num_right / self.num_all if self.num_all else math.nan

    @property
    def interval(self) -> Interval:
        """Wilson interval at 95 %."""
        return wilson(self.num_right, self.num_all)


def score(claims: Sequence[bool | None]) -> Score:
    """Count claims, leaving out those that do not apply.

    Args:
        claims: True for right, False for wrong, None where the question does not apply.

    Returns:
        The counts.
    """
    asked = [claim for claim in claims if claim is not None]
    return Score(num_right=sum(asked), num_all=len(asked))


def wilson(num_right: int, num_all: int, *, confidence: float = 0.95) -> Interval:
    """Interval of a share that stays honest near 0 and 1.

    Args:
        num_right: trials that came out right.
        num_all: all trials.
        confidence: share of such intervals that hold the true value, in (0, 1).

    Returns:
        The interval; the whole of [0, 1] without trials.

    Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference".
    """
    if num_all == 0:
        return Interval(low=0.0, high=1.0)
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share, weight = num_right / num_all, z * z / num_all
    centre = (share + weight / 2) / (1 + weight)
    half = z * math.sqrt(share * (1 - share) / num_all + weight / (4 * num_all)) / (1 + weight)
    return Interval(low=max(0.0, centre - half), high=min(1.0, centre + half))


def ratio(measured: Score, reference: Score) -> float:
    """How much of a reference is reached.

    Args:
        measured: what is measured.
        reference: the best that could be expected.

    Returns:
        The quotient of both shares; NaN without trials or where the reference is never right.
    """
    return measured.value / reference.value if reference.num_right else math.nan


def ratio_interval(measured: Score, reference: Score) -> Interval:
    """Interval of a quotient of two shares, each with its own Wilson interval.

    Both are taken to be independent. Where they come from the same prompts, hard ones are hard for both, and the true
    interval is a little narrower: the lower end errs on the safe side.

    Args:
        measured: above the line.
        reference: below it.

    Returns:
        The interval at 95 %; from 0 to infinity without trials.

    Source: Donner and Zou 2012, "Closed-form confidence intervals for functions of the normal mean and standard deviation"
        (MOVER-R, the method of variance estimates recovery for ratios).
    """
    if not measured.num_all or not reference.num_right:
        return Interval(low=0.0, high=math.inf)
    a, b = measured.value, reference.value
    above, below = measured.interval, reference.interval
    low = (a * b) ** 2 - above.low * below.high * (2 * a - above.low) * (2 * b - below.high)
    high = (a * b) ** 2 - above.high * below.low * (2 * a - above.high) * (2 * b - below.low)
    return Interval(
        low=max(0.0, (a * b - math.sqrt(max(low, 0.0))) / (below.high * (2 * b - below.high))),
        high=(a * b + math.sqrt(max(high, 0.0))) / (below.low * (2 * b - below.low)),
    )


def bootstrap(
    values: Float[np.ndarray, " n"],
    statistic: Callable[[Float[np.ndarray, " n"]], float],
    *,
    seed: int,
    num_draws: int = 1000,
    confidence: float = 0.95,
) -> Interval:
    """Interval of any statistic by drawing the sample again from itself.

    Args:
        values: the sample, at least one value.
        statistic: what is measured on a sample.
        seed: of the draws.
        num_draws: resamples.
        confidence: share of the resampled statistics inside the interval.

    Returns:
        The percentile interval.

    Source: Efron 1979, "Bootstrap methods: another look at the jackknife".
    """
    rng = numpy_rng("bootstrap", seed)
    draws = [statistic(values[rng.integers(0, len(values), len(values))]) for _ in range(num_draws)]
    low, high = np.quantile(draws, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(low=float(low), high=float(high))


def shuffled(num: int, *, seed: int) -> tuple[int, ...]:
    """A partner for each of `num` prompts that is never itself: chance level keeps all else equal.

    Args:
        num: prompts, at least 2.
        seed: of the shuffle.

    Returns:
        A permutation without fixed points.

    Raises:
        ValueError: fewer than two prompts cannot be exchanged.
    """
    if num < 2:
        raise ValueError(f"cannot shuffle {num} prompt(s); chance needs at least 2")
    order = numpy_rng("shuffled", seed).permutation(num)
    partner = np.empty(num, dtype=np.int64)
    partner[order] = np.roll(order, 1)  # one cycle through all: nobody keeps their own
    return tuple(int(index) for index in partner)


def percent(measured: Score) -> str:
    """A score as people read it: share, interval, trials.

    Args:
        measured: the counts.

    Returns:
        For example "96.9 % [92.2, 98.8] of 128", or "does not apply".
    """
    if not measured.num_all:
        return "does not apply"
    low, high = 100 * measured.interval.low, 100 * measured.interval.high
    return f"{100 * measured.value:.1f} % [{low:.1f}, {high:.1f}] of {measured.num_all}"
