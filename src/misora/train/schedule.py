"""The learning rate over a run: warm up, stay, decay once (Hu et al. 2024, arXiv:2404.06395).

The length may be chosen while a run goes: as long as the rate stays, nothing of the past depends on it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from misora.core.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """How far and how fast a run goes.

    Attributes:
        steps: length of the whole run; a time budget may stop it earlier but never bends the curve.
        warmup_steps: steps over which the rate rises from zero.
        decay_share: last part of the run over which it falls to zero, in [0, 1].
        raised_at: step at which it began to rise: 0, or where a run that had decayed was taken up again.
        decay_from: step at which it begins to fall, where that was decided while the run went; None leaves it to `decay_share`.
    """

    steps: int
    warmup_steps: int = 50
    decay_share: float = 0.4
    raised_at: int = 0
    decay_from: float | None = None

    def __post_init__(self) -> None:
        if self.steps < 1:
            raise ValueError(f"Schedule.steps must be at least 1, got {self.steps}")
        if not 0 <= self.decay_share <= 1:
            raise ValueError(f"Schedule.decay_share must lie in [0, 1], got {self.decay_share}")

    @property
    def falling_steps(self) -> float:
        """Steps over which the rate falls."""
        if self.decay_from is not None:
            return max(1, self.steps - self.decay_from)
        return max(1.0, self.decay_share * (self.steps - self.raised_at))

    def rate(self, step: int) -> float:
        """Give the part of the full learning rate for a step.

        Args:
            step: from 0.

        Returns:
            A number in (0, 1].
        """
        rising = (step - self.raised_at + 1) / max(1, self.warmup_steps)
        falling = (self.steps - step) / self.falling_steps
        return max(0.0, min(1.0, rising, falling))

    def ending_at(self, steps: int, *, now: int) -> Schedule:
        """Choose the length of a run that is under way.

        Args:
            steps: the new length.
            now: the next step to be made.

        Returns:
            This schedule where it ends there already. Else the rate falls over the usual share of the run, or over all that is
            left where that share has begun: a run that must end soon ends decayed. Where the rate is falling already, it
            goes on falling from where it is. A run that has ended is taken up again: its rate rises once more.

        Raises:
            UsageError: as many steps are made already.
        """
        if steps == self.steps:
            return self
        if steps <= now:
            raise UsageError(f"cannot end at step {steps}: {now} steps are made; give more than {now}")
        if now >= self.steps:
            return replace(self, steps=steps, raised_at=now, decay_from=None)
        if now > self.steps - self.falling_steps:
            return replace(self, steps=steps, decay_from=steps - (steps - now) / self.rate(now))
        longer = replace(self, steps=steps, decay_from=None)
        is_late = now > steps - longer.falling_steps
        return replace(longer, decay_from=float(now)) if is_late else longer
