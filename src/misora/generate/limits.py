"""Canvases and prompts held against what a model can do, before anything is computed; errors say what would fit."""

from __future__ import annotations

from misora.core.errors import UsageError
from misora.generate.canvas import Canvas
from misora.generate.painted import check_pins
from misora.generate.prepare import prepared
from misora.generate.prompt import check_prompt
from misora.model.bundle import Limits
from misora.model.grid import CELL_PX

LONGEST_SECONDS = 60.0
"""What windows are made for; the memory would not grow beyond it, the drift would."""


def check_canvas(canvas: Canvas, limits: Limits) -> None:
    """Refuse what the model was not made for, and pins that do not fit.

    A canvas longer than the model's window is sampled as several (`windows`).

    Args:
        canvas: what is asked.
        limits: of the model.

    Raises:
        UsageError: if a side, the duration, the rate, the number of tokens, a pin, a control or a text does not fit.
    """
    _check_size(canvas, limits)
    if not limits.min_fps <= canvas.fps <= limits.max_fps:
        raise UsageError(
            f"{canvas.fps:g} frames/s does not fit this model: take {limits.min_fps:g} to {limits.max_fps:g}"
        )
    check_pins(canvas)
    check_controls(canvas, limits)
    if canvas.seconds > LONGEST_SECONDS:
        raise UsageError(f"{canvas.seconds:g} s is too long: at most {LONGEST_SECONDS:g} s fit, made as windows")
    _check_tokens(prepared(canvas, limits).window, limits)
    for line in filter(None, (line.text for line in canvas.lines)):  # an empty line is silence
        check_prompt(line)
    if canvas.negative:
        check_prompt(canvas.negative, "negative prompt")


def check_controls(canvas: Canvas, limits: Limits) -> None:
    """Refuse controls that the model does not know.

    Args:
        canvas: what is asked.
        limits: of the model.

    Raises:
        UsageError: if the model was not taught such a control, or it begins after the end.
    """
    for control in canvas.controls:
        if control.kind not in limits.taught:
            raise UsageError(
                f"this model was not taught to follow a {control.kind} control; leave it out and say it in words "
                "(--camera names the words), or take a model that was"
            )
        if control.times_seconds[0] > canvas.seconds:
            raise UsageError(
                f"a {control.kind} control begins at {control.times_seconds[0]:g} s, after the end at {canvas.seconds:g} s"
            )


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
    """A clip is divided into windows of at least two groups; a picture is not divided."""
    grid = canvas.grid
    num_groups = min(2, grid.groups) + len(canvas.cards)
    if num_groups * grid.tokens_per_group <= limits.max_tokens:
        return
    asked = f"{canvas.width_px}x{canvas.height_px}" + (f" with {len(canvas.cards)} cards" if canvas.cards else "")
    raise UsageError(
        f"{asked} takes {num_groups * grid.tokens_per_group} tokens at the least, this model holds {limits.max_tokens}; "
        "choose a smaller size" + (" or fewer cards" if canvas.cards else "")
    )
