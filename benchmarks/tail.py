"""What `benchmarks.watermark` found, for docs/watermark.md: the table, and the plot of chance against what it is said to be."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from benchmarks.harness import HERE, RESULTS

PLOT = HERE.parent / "docs" / "watermark-chance.png"
_SIDE_PX, _MARGIN_PX, _DECADES = 460, 70, 4.5
_INK, _FAINT, _MARK = (30, 30, 30), (210, 210, 210), (190, 60, 40)

Lines = dict[str, dict[str, Any]]


def newest_lines(folder: Path = RESULTS, *, of: str = "watermark") -> Lines:
    """Read the newest result of a benchmark, of whatever machine.

    Args:
        folder: where the result files lie.
        of: the benchmark.

    Returns:
        Name to line; empty where there is none.
    """
    from benchmarks.pages import newest

    runs = [run for (name, _), run in newest(folder).items() if name == of]
    return {line["name"]: line for line in max(runs, key=lambda run: run[0])[1]} if runs else {}


def table(lines: Lines) -> str:
    """Draw the table of docs/watermark.md.

    Args:
        lines: of one run.

    Returns:
        Markdown.
    """
    damages = list(
        dict.fromkeys(name.split("px_", 1)[1] for name in lines if name.startswith("kept_") and "px_" in name)
    )
    if not damages:
        return "No committed result yet; `python -m benchmarks.watermark --seed 1 --save` makes one."
    head = "| after | 96 px: kept | found | lowest z | 256 px: kept | found | lowest z |\n|---|---|---|---|---|---|---|"
    rows = [
        f"| {d.replace('_', ' ')} | {_cells(lines.get(f'kept_96px_{d}'))} | {_cells(lines.get(f'kept_256px_{d}'))} |"
        for d in damages
    ]
    closeness = ", ".join(
        f"{side} px: {line['value']:.1f} dB in the worst frame, {line['settings']['mean_generated']:.1f} in the mean of "
        f"generated clips, {line['settings']['mean_real']:.1f} of real ones"
        for side in (96, 256)
        if (line := lines.get(f"psnr_{side}px_db"))
    )
    return "\n".join([f"PSNR, {closeness}.", "", head, *rows])


def draw(lines: Lines, path: Path = PLOT) -> Path:
    """Plot how often chance reaches a p-value against that p-value, with Wilson intervals.

    Args:
        lines: of one run.
        path: picture to write.

    Returns:
        The path.
    """
    from misora.core.files import atomic_path
    from misora.evaluate.report import wilson

    trials = lines["chance_excess_p"]["settings"]["trials"]
    side = _SIDE_PX + 2 * _MARGIN_PX
    sheet = Image.new("RGB", (side, side), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=15)
    _axes(pen, font)
    for line in lines.values():
        if line["name"].startswith("chance_share_at_"):
            x, seen = _at(line["settings"]["nominal"]), line["settings"]["seen"]
            span = wilson(seen, trials)
            y = _MARGIN_PX + _SIDE_PX - (_at(max(line["value"], 1e-9)) - _MARGIN_PX)
            low, high = (2 * _MARGIN_PX + _SIDE_PX - _at(max(end, 1e-9)) for end in (span.low, span.high))
            pen.line((x, min(low, _MARGIN_PX + _SIDE_PX), x, high), fill=_MARK, width=2)
            if seen:
                pen.ellipse((x - 5, y - 5, x + 5, y + 5), fill=_MARK)
    pen.text((_MARGIN_PX, 12), f"Unmarked clips searched with wrong keys, {trials:,} trials", fill=_INK, font=font)
    with atomic_path(path) as temporary:
        sheet.save(temporary)
    return path


def _axes(pen: ImageDraw.ImageDraw, font: Any) -> None:
    near, far = _MARGIN_PX, _MARGIN_PX + _SIDE_PX
    for decade in range(5):
        place, back = _at(10.0**-decade), 2 * _MARGIN_PX + _SIDE_PX - _at(10.0**-decade)
        pen.line((place, near, place, far), fill=_FAINT)
        pen.line((near, back, far, back), fill=_FAINT)
        pen.text((place - 12, far + 8), f"1e-{decade}" if decade else "1", fill=_INK, font=font)
        pen.text((near - 46, back - 9), f"1e-{decade}" if decade else "1", fill=_INK, font=font)
    pen.rectangle((near, near, far, far), outline=_INK)
    pen.line((near, far, far, near), fill=_INK, width=2)
    pen.text((near + _SIDE_PX // 2 - 60, far + 34), "p-value as said", fill=_INK, font=font)
    pen.text((near + 10, near + 10), "share of trials that reach it;\nline: as often as said", fill=_INK, font=font)


def _at(share: float) -> float:
    """Place of a share along an axis, clipped to it."""
    return _MARGIN_PX + _SIDE_PX * min(1.0, max(0.0, 1 + math.log10(share) / _DECADES))


def _cells(line: dict[str, Any] | None) -> str:
    if line is None:
        return " | | "
    settings = line["settings"]
    lowest = min(value for name, value in settings.items() if name.startswith("lowest_z_"))
    return (
        f"{line['value']:.2f} of {settings['of']} ({settings['low']:.2f}–{settings['high']:.2f}, {settings['worst']}) | "
        f"{settings['found']:.2f} | {lowest:.1f}"
    )
