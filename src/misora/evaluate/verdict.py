"""What the judge says of a video beside a script: a claim for each attribute, and one for each beat."""

from __future__ import annotations

from dataclasses import dataclass

COUNTED = ("floor", "colour", "shape", "motion", "count", "cut_time", "swap")
"""Attributes that a video must show to be accepted as a whole."""
PRINTED = ("camera", "relation", "both_colours")
"""Attributes that are judged and told beside the others."""
ATTRIBUTES = (*COUNTED, *PRINTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was accepted.

    Attributes:
        claims: by attribute: True when the video shows it, False when not, None where the script does not ask.
        beats: the kind of each beat in order of time, and whether it is shown.
    """

    claims: dict[str, bool | None]
    beats: tuple[tuple[str, bool], ...] = ()

    @property
    def is_accepted(self) -> bool:
        """Whether all of `COUNTED` that was asked is shown."""
        return all(self.claims.get(name) is not False for name in COUNTED)
