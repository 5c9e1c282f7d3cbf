"""What is said, and when: the unit of captions, prompts and storyboards."""

import math
from dataclasses import dataclass

from misora.core.errors import UsageError


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence and the stretch of time that it describes.

    Attributes:
        text: what is said; empty means that nothing is said.
        from_seconds: where it begins, on the clip's clock, inclusive.
        to_seconds: where it ends, exclusive; later than `from_seconds`.
    """

    text: str
    from_seconds: float | int
    to_seconds: float | int

    def __post_init__(self) -> None:
        if not (math.isfinite(self.from_seconds) and math.isfinite(self.to_seconds)):
            raise UsageError(
                f"line {self.text!r} runs from {self.from_seconds} to {self.to_seconds}; give finite seconds"
            )
        if self.from_seconds < 0 or self.to_seconds <= self.from_seconds:
            raise UsageError(
                f"line {self.text!r} runs from {self.from_seconds} to {self.to_seconds} s; "
                "a line starts at 0 or later and ends after it starts"
            )

    @property
    def seconds(self) -> float:
        """How long the line holds."""
        return self.to_seconds - self.from_seconds

    def covers(self, at_seconds: float | int) -> bool:
        """Whether the line speaks at one moment.

        Args:
            at_seconds: the moment, on the clip's clock.

        Returns:
            True from the start of the line up to, not including, its end.
        """
        return self.from_seconds <= at_seconds < self.to_seconds
