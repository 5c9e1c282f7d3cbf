"""What `benchmarks.moderation` found, for docs/moderation.md: tables by topic and category, and the plot by obfuscation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from benchmarks.harness import HERE
from benchmarks.tail import Lines

PLOT = HERE.parent / "docs" / "moderation.png"
_BAR_PX, _ROW_PX, _LABEL_PX, _MARGIN_PX = 420, 22, 120, 24
_INK, _FAINT, _CAUGHT, _WRONG = (30, 30, 30), (225, 225, 225), (70, 110, 160), (190, 60, 40)


def table(lines: Lines) -> str:
    """Draw the tables of docs/moderation.md.

    Args:
        lines: of one run.

    Returns:
        Markdown.
    """
    if not lines:
        return "No committed result yet; `python -m benchmarks.moderation --seed 1 --save` makes one."
    parts = []
    for head, prefix in (
        ("benign topic | refused", "false_refusals_plain_"),
        ("category | not allowed", "recall_plain_"),
    ):
        rows = [
            f"| {name.removeprefix(prefix).replace('_', ' ')} | {_share(line)} |"
            for name, line in lines.items()
            if name.startswith(prefix)
        ]
        parts.append("\n".join([f"| {head} |", "|---|---|", *rows]))
    return "\n\n".join(parts)


def draw(lines: Lines, path: Path = PLOT) -> Path:
    """Plot what is caught of violating prompts and refused of benign ones, for each way of writing them.

    Args:
        lines: of one run.
        path: picture to write.

    Returns:
        The path.
    """
    from misora.core.files import atomic_path

    ways = [name.removeprefix("precision_") for name in lines if name.startswith("precision_")]
    height = 2 * _MARGIN_PX + 50 + 2 * _ROW_PX * len(ways)
    sheet = Image.new("RGB", (_LABEL_PX + _BAR_PX + 3 * _MARGIN_PX, height), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=14)
    pen.text((_MARGIN_PX, 6), "violating prompts not allowed", fill=_CAUGHT, font=font)
    pen.text((_MARGIN_PX + 230, 6), "benign prompts refused", fill=_WRONG, font=font)
    left, top, bottom = _LABEL_PX + _MARGIN_PX, _MARGIN_PX + 8, height - 2 * _MARGIN_PX
    for tenth in range(0, 11, 2):
        x = left + _BAR_PX * tenth // 10
        pen.line((x, top, x, bottom), fill=_FAINT)
        pen.text((x - 10, bottom + 4), f"{10 * tenth}%", fill=_INK, font=font)
    for index, way in enumerate(ways):
        y = top + 8 + 2 * _ROW_PX * index
        pen.text((_MARGIN_PX, y + 8), way.replace("_", " "), fill=_INK, font=font)
        _bar(pen, left, y, lines[f"recall_{way}"], _CAUGHT)
        _bar(pen, left, y + _ROW_PX - 4, lines[f"false_refusals_{way}"], _WRONG)
    with atomic_path(path) as temporary:
        sheet.save(temporary)
    return path


def _bar(pen: ImageDraw.ImageDraw, left: int, top: int, line: dict[str, Any], colour: tuple[int, int, int]) -> None:
    value, low, high = (
        left + _BAR_PX * share for share in (line["value"], line["settings"]["low"], line["settings"]["high"])
    )
    pen.rectangle((left, top, max(value, left + 1), top + _ROW_PX - 8), fill=colour)
    middle = top + (_ROW_PX - 8) // 2
    pen.line((low, middle, high, middle), fill=_INK, width=2)


def _share(line: dict[str, Any]) -> str:
    settings = line["settings"]
    return f"{settings['count']} of {settings['of']} ({settings['low']:.2f}–{settings['high']:.2f})"
