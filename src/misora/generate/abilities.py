"""What one can ask for: each ability is a function that returns a canvas, and `studio.generate` makes any canvas."""

from misora.generate.in_picture import (
    CURVES,
    DRAFT_STEPS,
    STRENGTHS,
    blend,
    draft,
    finalise,
    inpaint,
    reframe,
    remix,
    strength_of,
    variations,
)
from misora.generate.in_time import animate, connect, extend, frames, loop, loop_of, recut
from misora.generate.storyboard import storyboard

__all__ = [
    "CURVES",
    "DRAFT_STEPS",
    "STRENGTHS",
    "animate",
    "blend",
    "connect",
    "draft",
    "extend",
    "finalise",
    "frames",
    "inpaint",
    "loop",
    "loop_of",
    "recut",
    "reframe",
    "remix",
    "storyboard",
    "strength_of",
    "variations",
]
