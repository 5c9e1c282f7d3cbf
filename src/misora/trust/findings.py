"""What judges say, and how they are asked: the protocols by which anybody's judge can be plugged in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from misora.trust.readings import Reading
from misora.video.clip import Clip


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a judge saw.

    Attributes:
        category: of the policy.
        score: how sure, or how grave, in [0, 1].
        rule: what named it, such as `words/sexual.nudity`.
        evidence: the words, or what else was seen.
        instead: harmless words for the evidence; "" where there are none.
        frame: which frame of the clip; None for words.
    """

    category: str
    score: float
    rule: str
    evidence: str = ""
    instead: str = ""
    frame: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """Words as judges get them.

    Attributes:
        text: as typed; cards and parents joined.
        readings: how it can be read, the plain reading first.
        consents: names of people whose consent covers this request.
        is_fragment: whether it is a card of few words, which means little without the others.
    """

    text: str
    readings: tuple[Reading, ...]
    consents: frozenset[str] = frozenset()
    is_fragment: bool = False


@runtime_checkable
class PromptJudge(Protocol):
    """Reads words. An error that it raises closes the door."""

    name: str
    """What policy calls it, under `[judges.NAME]`."""

    def judge_prompt(self, prompt: Prompt, /) -> Sequence[Finding]:
        """Say what is seen; nothing where all is well."""
        ...


@runtime_checkable
class FrameJudge(Protocol):
    """Looks at frames: a classifier of images is plugged in by this protocol."""

    name: str
    """What policy calls it, under `[judges.NAME]`."""

    def judge_frames(self, clip: Clip, /) -> Sequence[Finding]:
        """Say what is seen, with the index of the frame in this clip."""
        ...
