"""What the seams suite finds: how each way to bridge a gap does, and what is made beside the others, case by case."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, median, stdev

import torch
from jaxtyping import Float
from torch import Tensor

from misora.evaluate.report import Interval, Score, percent, score

WAYS = ("made", "filmed", "autoencoder", "cross-fade", "hard cut")
MIN_MOTION = 0.5
"""Of the median filmed motion: what a gap must have at the least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What filmed clips do.

    Attributes:
        steps: percentiles of change and acceleration over the steps of all of them.
        motion: of the median clip.
        own_motion: the same, without what fading from its first to its last frame would change.
    """

    steps: Float[Tensor, " 2"]
    motion: float
    own_motion: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is seen of one case bridged in one way.

    Attributes:
        steps: change and acceleration at each seam.
        motion: of the gap that moves least; None for a cut, which has no gap.
        own_motion: the same without fading.
        error: mean squared difference to the film where that moves; None where no film is right, or nothing moves.
    """

    steps: Float[Tensor, "s 2"]
    motion: float | None = None
    own_motion: float | None = None
    error: float | None = None

    def worst(self, bounds: Bounds) -> float:
        """The largest change or acceleration at a seam, as a share of its bound."""
        return float((self.steps / bounds.steps).max())

    def is_smooth(self, bounds: Bounds) -> bool:
        """Whether every seam stays within the bounds."""
        return self.worst(bounds) <= 1

    def is_moving(self, bounds: Bounds) -> bool | None:
        """Whether the gap moves enough; None without one."""
        return None if self.motion is None else self.motion >= MIN_MOTION * bounds.motion

    def is_moving_itself(self, bounds: Bounds) -> bool | None:
        """The same where fading does not count."""
        return None if self.own_motion is None else self.own_motion >= MIN_MOTION * bounds.own_motion

    def is_right(self, bounds: Bounds) -> bool:
        """Whether it is smooth and, where there is a gap, moves."""
        return self.is_smooth(bounds) and self.is_moving(bounds) is not False


@dataclass(frozen=True, slots=True, kw_only=True)
class WayScore:
    """How one way to bridge the gaps of an ability does.

    Attributes:
        smooth: cases of which every seam is smooth.
        moving: cases whose gap moves enough; none for a hard cut, which has no gap.
        both: cases that are both.
        both_itself: cases that are both where fading does not count as motion.
        answerable: cases that are both, of those whose film is.
        change: at the worst seam, as a share of the filmed percentile; the median over the cases.
        acceleration: the same.
        motion: of the gap, as a share of the film's in the same place; the median over the cases; NaN for a cut.
    """

    smooth: Score
    moving: Score
    both: Score
    both_itself: Score
    answerable: Score
    change: float
    acceleration: float
    motion: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AbilityReport:
    """What one ability does.

    Attributes:
        ways: scores of what is made, of the film uncut, of the film after the autoencoder, of a cross-fade and a hard cut.
        over_fade: how many more of the same cases are smooth and moving than by a cross-fade, as a share of all.
        over_fade_itself: the same where fading does not count as motion.
        over_cut: pairs of which the worst seam is less than the hard cut's.
        nearer: pairs that are nearer to the film than a cross-fade, where it moves; none for a loop, of which there is no film.
        kept_db: decibels of pinned frames, decoded and not yet laid over, less those of the autoencoder alone; the mean.
        video_seconds: that making a video took, the median.
    """

    ways: dict[str, WayScore]
    over_fade: Interval
    over_fade_itself: Interval
    over_cut: Score
    nearer: Score
    kept_db: Interval
    video_seconds: float


def ability_report(
    seen: Mapping[str, Sequence[Seen]], bounds: Bounds, *, kept_db: Sequence[float], seconds: Sequence[float]
) -> AbilityReport:
    """Count what is seen of the cases of one ability.

    Args:
        seen: by way, the cases in one order.
        bounds: of filmed clips.
        kept_db: of each case.
        seconds: that each took.

    Returns:
        The report.
    """
    made, faded, cut = seen["made"], seen["cross-fade"], seen["hard cut"]
    rights = [[each.is_right(bounds) for each in some] for some in (made, faded)]
    itself = [[each.is_smooth(bounds) and each.is_moving_itself(bounds) for each in some] for some in (made, faded)]
    nearer = [
        None if one.error is None or other.error is None else one.error < other.error
        for one, other in zip(made, faded, strict=True)
    ]
    smaller = [one.worst(bounds) < other.worst(bounds) for one, other in zip(made, cut, strict=True)]
    return AbilityReport(
        ways={way: _score(some, seen["filmed"], bounds) for way, some in seen.items()},
        over_fade=_mean_interval([float(a) - float(b) for a, b in zip(*rights, strict=True)]),
        over_fade_itself=_mean_interval([float(bool(a)) - float(bool(b)) for a, b in zip(*itself, strict=True)]),
        over_cut=score(smaller),
        nearer=score(nearer),
        kept_db=_mean_interval(kept_db),
        video_seconds=median(seconds),
    )


def _mean_interval(values: Sequence[float]) -> Interval:
    """Interval of a mean at 95 %; of a single value the value itself."""
    half = 0.0 if len(values) < 2 else NormalDist().inv_cdf(0.975) * stdev(values) / math.sqrt(len(values))
    return Interval(low=fmean(values) - half, high=fmean(values) + half)


def _score(seen: Sequence[Seen], films: Sequence[Seen], bounds: Bounds) -> WayScore:
    rights = [each.is_right(bounds) for each in seen]
    worst = torch.stack([(each.steps / bounds.steps).amax(0) for each in seen]).median(0).values.tolist()
    shares = [
        each.motion / max(film.motion, 1e-6)
        for each, film in zip(seen, films, strict=True)
        if each.motion is not None and film.motion is not None
    ]
    itself = [each.is_smooth(bounds) and each.is_moving_itself(bounds) is not False for each in seen]
    return WayScore(
        smooth=score([each.is_smooth(bounds) for each in seen]),
        moving=score([each.is_moving(bounds) for each in seen]),
        both=score(rights),
        both_itself=score(itself),
        answerable=score([one for one, film in zip(rights, films, strict=True) if film.is_right(bounds)]),
        change=worst[0],
        acceleration=worst[1],
        motion=median(shares) if shares else math.nan,
    )


def ability_lines(name: str, found: AbilityReport) -> list[str]:
    """An ability as people read it.

    Args:
        name: of the ability.
        found: what it does.

    Returns:
        A line for each way, and one for what was pinned and what it took.
    """
    lines = []
    for way, each in found.ways.items():
        shares = "".join(f"{percent(part):<30}" for part in (each.smooth, each.moving, each.both, each.answerable))
        lines.append(f"{f'{name}, {way}':<22}{shares}{each.change:<8.2f}{each.acceleration:<14.2f}{each.motion:.2f}")
    over, itself = found.over_fade, found.over_fade_itself
    lines.append(
        f"{name}: {100 * over.low:+.0f} to {100 * over.high:+.0f} % of cases more than a cross-fade, {100 * itself.low:+.0f} "
        f"to {100 * itself.high:+.0f} % where fading is no motion; a lesser jump than a hard cut in {percent(found.over_cut)}; "
        f"nearer to the film than a cross-fade in {percent(found.nearer)}; pinned frames {found.kept_db.low:+.2f} to "
        f"{found.kept_db.high:+.2f} dB to the autoencoder, {found.video_seconds:.1f} s a video"
    )
    return lines


def ability_as_dict(found: AbilityReport) -> dict[str, object]:
    """An ability for machines.

    Args:
        found: what it does.

    Returns:
        Plain values for JSON.
    """
    return {
        "kept_db": found.kept_db.low,
        "video_seconds": found.video_seconds,
        "over_fade": [found.over_fade.low, found.over_fade.high],
        "over_fade_itself": [found.over_fade_itself.low, found.over_fade_itself.high],
        "over_cut": _counts(found.over_cut),
        "nearer": _counts(found.nearer),
        **{way: _way_as_dict(each) for way, each in found.ways.items()},
    }


def _way_as_dict(found: WayScore) -> dict[str, object]:
    names = ("smooth", "moving", "both", "both_itself", "answerable")
    counts = {name: _counts(getattr(found, name)) for name in names}
    motion = None if math.isnan(found.motion) else found.motion
    return {"change": found.change, "acceleration": found.acceleration, "motion": motion, **counts}


def _counts(each: Score) -> dict[str, float | int]:
    return {"right": each.num_right, "of": each.num_all, "low": each.interval.low, "high": each.interval.high}
