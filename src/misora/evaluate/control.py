"""The control suite: does the model do where and when what it is told: by camera, path, track, card, draft and border?

Each part draws and films its own cases and has a file of its own. What the model was not taught and would refuse is told as not
taught; what it was not taught and does all the same, as inpaint without practice with boxes, is measured and told as that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass

from misora.evaluate.boards import story_cards
from misora.evaluate.borders import inpaint_borders, reframe_borders
from misora.evaluate.drafts import draft_to_final
from misora.evaluate.judge import Judge
from misora.evaluate.part import ControlSettings, Part
from misora.evaluate.steered import camera_path, camera_words, object_track
from misora.model.bundle import Model

PARTS: dict[str, Callable[[Model, Judge, ControlSettings], Part]] = {
    "camera words": camera_words,
    "camera path": camera_path,
    "object track": object_track,
    "storyboard": story_cards,
    "draft to final": draft_to_final,
    "reframe": reframe_borders,
    "inpaint": inpaint_borders,
}
OnPart = Callable[[int, int], None]
"""Called with the number of parts done and of all parts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlReport:
    """The whole result.

    Attributes:
        parts: by name, in the order of `PARTS`.
        settings: what was run.
    """

    parts: dict[str, Part]
    settings: ControlSettings


def run_control_suite(
    model: Model, judge: Judge, *, settings: ControlSettings, on_part: OnPart | None = None
) -> ControlReport:
    """Run every part.

    Args:
        model: that makes the videos.
        judge: that looks at them.
        settings: how many, and how.
        on_part: told of the progress.

    Returns:
        What each part found.
    """
    parts = {}
    for index, (name, run) in enumerate(PARTS.items()):
        parts[name] = run(model, judge, settings)
        if on_part:
            on_part(index + 1, len(PARTS))
    return ControlReport(parts=parts, settings=settings)


def as_table(report: ControlReport) -> str:
    """The report as people read it.

    Args:
        report: of `run_control_suite`.

    Returns:
        A heading for each part, and a line for each number.
    """
    lines = []
    for name, part in report.parts.items():
        lines.append(name if part.is_taught else f"{name}: not taught")
        lines += part.lines
    return "\n".join(lines)


def as_dict(report: ControlReport) -> dict[str, object]:
    """The report for machines.

    Args:
        report: of `run_control_suite`.

    Returns:
        Plain values for JSON.
    """
    return {
        "suite": "control",
        "settings": asdict(report.settings),
        "parts": {name: part.plain for name, part in report.parts.items()},
    }
