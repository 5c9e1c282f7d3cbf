"""Clips laid out on paper: strips of frames, and sheets of strips, that a person can look at."""

from collections.abc import Sequence

import torch
from jaxtyping import UInt8
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from misora.core.errors import UsageError
from misora.video.clip import Clip
from misora.video.image import from_pil, to_pil

_GAP_PX = 2
_PAPER, _INK = (250, 250, 250), (30, 30, 30)


def film_strip(clip: Clip, num_frames: int = 8) -> UInt8[Tensor, "3 H W"]:
    """Frames of a clip side by side, first and last among them.

    Args:
        clip: what to show.
        num_frames: how many at most; a shorter clip shows all it has.

    Returns:
        One image as high as a frame.

    Raises:
        UsageError: if no frame is asked for.
    """
    if num_frames < 1:
        raise UsageError(f"a strip needs at least one frame, got {num_frames}")
    shown = min(num_frames, clip.num_frames)
    picks = torch.linspace(0, clip.num_frames - 1, shown).round().long()
    height = clip.frames.shape[2]
    gap = torch.full((3, height, _GAP_PX), _PAPER[0], dtype=torch.uint8)
    parts = [part for frame in clip.frames[picks].cpu() for part in (gap, frame)]
    return torch.cat(parts[1:], dim=2)


def contact_sheet(
    clips: Sequence[Clip],
    labels: Sequence[str] | None = None,
    *,
    num_frames: int = 8,
    num_columns: int = 1,
    font_px: int = 12,
) -> UInt8[Tensor, "3 H W"]:
    """Strips of many clips under one another, each with its words above it.

    Args:
        clips: what to show; sizes may differ.
        labels: what stands above each; may hold line breaks; None leaves it out.
        num_frames: frames of a strip at most.
        num_columns: strips side by side.
        font_px: height of the letters.

    Returns:
        One image.

    Raises:
        UsageError: if there is no clip, or not a label for each.
    """
    if not clips:
        raise UsageError("a contact sheet needs at least one clip")
    if labels is not None and len(labels) != len(clips):
        raise UsageError(f"{len(clips)} clips need {len(clips)} labels, got {len(labels)}")
    strips = [to_pil(film_strip(clip, num_frames)) for clip in clips]
    width = max(strip.width for strip in strips)
    texts = [_wrapped(label, width, font_px=font_px) for label in labels or [""] * len(clips)]
    cells = [_cell(strip, text, width=width, font_px=font_px) for strip, text in zip(strips, texts, strict=True)]
    rows = [cells[start : start + num_columns] for start in range(0, len(cells), num_columns)]
    return from_pil(_stacked(rows, width=width, num_columns=min(num_columns, len(cells))))


def _cell(strip: Image.Image, text: str, *, width: int, font_px: int) -> Image.Image:
    top = (text.count("\n") + 1) * (font_px + 3) + 2 if text else 0
    cell = Image.new("RGB", (width, top + strip.height), _PAPER)
    if text:
        font = ImageFont.load_default(size=font_px)
        ImageDraw.Draw(cell).multiline_text((2, 0), text, fill=_INK, font=font, spacing=3)
    cell.paste(strip, (0, top))
    return cell


def _stacked(rows: Sequence[Sequence[Image.Image]], *, width: int, num_columns: int) -> Image.Image:
    heights = [max(cell.height for cell in row) for row in rows]
    gap = 3 * _GAP_PX
    size = num_columns * (width + gap) + gap, sum(heights) + gap * (len(rows) + 1)
    sheet, top = Image.new("RGB", size, _PAPER), gap
    for row, height in zip(rows, heights, strict=True):
        for column, cell in enumerate(row):
            sheet.paste(cell, (gap + column * (width + gap), top))
        top += height + gap
    return sheet


def _wrapped(text: str, width: int, *, font_px: int) -> str:
    font = ImageFont.load_default(size=font_px)
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            longer = f"{line} {word}" if line else word
            if line and font.getlength(longer) > width - 4:
                lines.append(line)
                longer = word
            line = longer
        lines.append(line)
    return "\n".join(lines)
