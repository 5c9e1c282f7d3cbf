"""Canvases and prompts held against what a model can do, before anything is computed; errors say what would fit."""

from __future__ import annotations

from misora.core.errors import UsageError
from misora.generate.canvas import Canvas
from misora.generate.prompt import check_prompt
from misora.model.bundle import Limits
from misora.model.grid import CELL_PX, FRAMES_PER_GROUP


def check_canvas(canvas: Canvas, limits: Limits) -> None:
    """Refuse what the model was not made for.

    Args:
        canvas: what is asked.
        limits: of the model.

    Raises:
        UsageError: if a side, the duration, the rate, the number of tokens or a text does not fit.
    """
    _check_size(canvas, limits)
    if not limits.min_fps <= canvas.fps <= limits.max_fps:
        raise UsageError(
            f"{canvas.fps:g} frames/s does not fit this model: take {limits.min_fps:g} to {limits.max_fps:g}"
        )
    if canvas.seconds > limits.max_seconds:
        raise UsageError(f"{canvas.seconds:g} s is too long for this model: at most {limits.max_seconds:g} s fit")
    _check_tokens(canvas, limits)
    for line in filter(None, (line.text for line in canvas.lines)):  # an empty line is silence
        check_prompt(line)
    if canvas.negative:
        check_prompt(canvas.negative, "negative prompt")


def fitting_sides(limits: Limits) -> list[int]:
    """List the sides in pixels that a model can draw.

    Args:
        limits: of the model.

    Returns:
        Multiples of the token's side, rising.
    """
    first = -(-limits.min_side_px // CELL_PX) * CELL_PX
    return list(range(first, limits.max_side_px + 1, CELL_PX))


def _check_size(canvas: Canvas, limits: Limits) -> None:
    sides = fitting_sides(limits)
    if canvas.width_px in sides and canvas.height_px in sides:
        return
    width, height = (min(sides, key=lambda side: abs(side - wanted)) for wanted in canvas.size)
    raise UsageError(
        f"size {canvas.width_px}x{canvas.height_px} does not fit: each side must be one of "
        f"{', '.join(map(str, sides))} px; nearest is {width}x{height}"
    )


def _check_tokens(canvas: Canvas, limits: Limits) -> None:
    grid = canvas.grid
    if grid.num_tokens <= limits.max_tokens:
        return
    asked = f"{canvas.width_px}x{canvas.height_px} for {canvas.seconds:g} s at {canvas.fps:g} frames/s"
    most_groups = limits.max_tokens // grid.tokens_per_group
    advice = "choose a smaller size"
    if most_groups:
        advice = f"at this size and rate at most {most_groups * FRAMES_PER_GROUP / canvas.fps:g} s fit; or {advice}"
    raise UsageError(f"{asked} takes {grid.num_tokens} tokens, this model holds {limits.max_tokens}; {advice}")
