"""The learning rate over a run: warm up, stay, decay once (Hu et al. 2024, arXiv:2404.06395)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """How far and how fast a run goes.

    Attributes:
        steps: length of the whole run; a time budget may stop it earlier but never bends the curve.
        warmup_steps: steps over which the rate rises from zero.
        decay_share: last part of the run over which it falls to zero, in [0, 1].
    """

    steps: int
    warmup_steps: int = 50
    decay_share: float = 0.4

    def __post_init__(self) -> None:
        if self.steps < 1:
            raise ValueError(f"Schedule.steps must be at least 1, got {self.steps}")
        if not 0 <= self.decay_share <= 1:
            raise ValueError(f"Schedule.decay_share must lie in [0, 1], got {self.decay_share}")

    def rate(self, step: int) -> float:
        """Give the part of the full learning rate for a step.

        Args:
            step: from 0.

        Returns:
            A number in (0, 1].
        """
        rising = (step + 1) / max(1, self.warmup_steps)
        falling = (self.steps - step) / max(1.0, self.decay_share * self.steps)
        return max(0.0, min(1.0, rising, falling))
