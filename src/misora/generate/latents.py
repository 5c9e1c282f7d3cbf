"""Between pixels, latents and packed tokens: what is pinned goes in, what was sampled comes out."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from einops import rearrange, repeat
from jaxtyping import Float, UInt8
from torch import Tensor

from misora.core.errors import UsageError
from misora.generate.canvas import Canvas, Pin
from misora.model.bundle import Model
from misora.model.grid import FRAMES_PER_GROUP, Grid
from misora.video.clip import Clip


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a canvas knows about its tokens before sampling.

    Attributes:
        clean: latents of what is pinned, zero elsewhere.
        start: level each token starts from; 1 is unknown, 0 known exactly.
    """

    clean: Float[Tensor, "n c"]
    start: Float[Tensor, " n"]


def known_tokens(model: Model, canvas: Canvas) -> Known:
    """Encode the pins of a canvas.

    Args:
        model: whose autoencoder and latents are used.
        canvas: what is asked; each pin covers whole groups of frames.

    Returns:
        Clean tokens and starting levels, in the order of the grid.

    Raises:
        UsageError: if a pin's size, rate or extent does not fit the canvas.
    """
    grid = canvas.grid
    clean = torch.zeros(grid.groups, grid.tokens_per_group, model.transformer.size.latent_channels)
    start = torch.ones(grid.groups, grid.tokens_per_group)
    for pin in canvas.pins:
        first, groups = _groups_of(pin, canvas)
        covered = slice(first, first + len(groups))
        clean[covered] = rearrange(model.autoencoder.encode_frames(groups).cpu(), "t c h w -> t (h w) c")
        start[covered] = 1.0 - pin.keep
    return Known(clean=clean.flatten(0, 1), start=start.flatten())


def to_latents(tokens: Float[Tensor, "n c"], grid: Grid) -> Float[Tensor, "t c h w"]:
    """Lay the tokens of one clip back on its grid.

    Args:
        tokens: ordered by time, row, column.
        grid: their extent.

    Returns:
        Latent frames.
    """
    return rearrange(tokens, "(t h w) c -> t c h w", t=grid.groups, h=grid.rows, w=grid.columns)


def decode(model: Model, latents: Float[Tensor, "t c h w"], canvas: Canvas) -> Clip:
    """Turn latents into the clip that was asked: what overhangs is cut, a still is its first frame.

    Args:
        model: whose autoencoder made the latents.
        latents: clean latents of the whole canvas.
        canvas: what was asked.

    Returns:
        The clip; of one frame for a still.
    """
    frames = model.autoencoder.decode_latents(latents)
    return Clip.at_rate(frames[: canvas.num_frames].contiguous(), canvas.fps)


def _groups_of(pin: Pin, canvas: Canvas) -> tuple[int, UInt8[Tensor, "g 4 3 H W"]]:
    """First group that a pin covers, and its frames in groups."""
    if pin.clip.size != canvas.size:
        raise UsageError(f"a pin of {pin.clip.size} px does not fit a canvas of {canvas.size} px; resize it first")
    frames = pin.clip.frames
    if canvas.is_still:
        if len(frames) != 1 or pin.at_seconds:
            raise UsageError(f"a still takes one pinned frame at 0 s, got {len(frames)} at {pin.at_seconds} s")
        return 0, repeat(frames, "1 c h w -> 1 f c h w", f=FRAMES_PER_GROUP)
    if len(frames) > 1 and abs(pin.clip.fps - canvas.fps) > 0.01 * canvas.fps:
        raise UsageError(
            f"a pin at {pin.clip.fps:g} frames/s does not fit a canvas at {canvas.fps:g}; resample it first"
        )
    first = round(pin.at_seconds * canvas.fps)
    if first % FRAMES_PER_GROUP or len(frames) % FRAMES_PER_GROUP or first + len(frames) > canvas.num_frames:
        raise UsageError(
            f"a pin of {len(frames)} frames from frame {first} does not fit: within the canvas's {canvas.num_frames} "
            f"frames, pins cover whole groups of {FRAMES_PER_GROUP}, beginning at a multiple of {FRAMES_PER_GROUP}"
        )
    return first // FRAMES_PER_GROUP, rearrange(frames, "(g f) c h w -> g f c h w", f=FRAMES_PER_GROUP)
