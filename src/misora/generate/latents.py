"""Between pixels, latents and packed tokens: what is pinned goes in, what was sampled comes out."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from einops import rearrange, repeat
from jaxtyping import Bool, Float
from torch import Tensor

from misora.generate.canvas import Canvas
from misora.generate.painted import Painted, check_pins, paint
from misora.generate.pin import Pin
from misora.model.bundle import Model
from misora.model.grid import FRAMES_PER_GROUP, Grid
from misora.video.clip import Clip


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a canvas knows about its tokens before sampling.

    Attributes:
        clean: latents of what is pinned, zero elsewhere; cards come last.
        start: level each token starts from; 1 is unknown, 0 known exactly.
        is_held: tokens that stay at their level: context.
    """

    clean: Float[Tensor, "n c"]
    start: Float[Tensor, " n"]
    is_held: Bool[Tensor, " n"]


@torch.no_grad()
def known_tokens(model: Model, canvas: Canvas) -> Known:
    """Encode the pins of a canvas: a token is known where all its pixels are.

    Where rough pins lie over each other their latents are averaged by weight; exact pins lie over rough and held ones.

    Args:
        model: whose autoencoder and latents are used.
        canvas: what is asked.

    Returns:
        Clean tokens and starting levels, in the order of the grid.

    Raises:
        UsageError: if a pin's size, rate or extent does not fit the canvas, or pins disagree.
    """
    check_pins(canvas)
    grid, pins = canvas.grid, [pin for pin in canvas.pins if not pin.is_card]
    clean = torch.zeros(grid.groups, grid.tokens_per_group, model.transformer.size.latent_channels)
    start = torch.ones(grid.groups, grid.tokens_per_group)
    is_held = torch.zeros_like(start, dtype=torch.bool)
    _mix_rough(model, canvas, clean, start)
    for pin in pins:
        if pin.hold is not None:
            tokens, covered = _encoded(model, paint([pin], canvas))
            clean[covered], start[covered], is_held[covered] = tokens[covered], pin.hold, True
    exact = [pin for pin in pins if pin.is_exact]
    if exact:
        tokens, covered = _encoded(model, paint(exact, canvas))
        clean[covered], start[covered], is_held[covered] = tokens[covered], 0.0, False
    for card in canvas.cards:
        clean = torch.cat((clean, _encoded_card(model, card)))
        level = torch.full((1, grid.tokens_per_group), 1 - card.keep_at(card.at_seconds))
        start = torch.cat((start, level if card.hold is None else torch.full_like(level, card.hold)))
        is_held = torch.cat((is_held, torch.ones_like(level, dtype=torch.bool)))
    return Known(clean=clean.flatten(0, 1), start=start.flatten(), is_held=is_held.flatten())


def to_latents(tokens: Float[Tensor, "n c"], grid: Grid) -> Float[Tensor, "t c h w"]:
    """Lay the tokens of one clip back on its grid; its cards are left out.

    Args:
        tokens: ordered by time, row, column.
        grid: their extent.

    Returns:
        Latent frames.
    """
    return rearrange(tokens[: grid.num_clip_tokens], "(t h w) c -> t c h w", t=grid.groups, h=grid.rows, w=grid.columns)


def decode(model: Model, latents: Float[Tensor, "t c h w"], canvas: Canvas) -> Clip:
    """Turn latents into the clip that was asked: what was made beyond its ends is cut, a still is its first frame.

    Args:
        model: whose autoencoder made the latents.
        latents: clean latents of the whole canvas.
        canvas: what was asked.

    Returns:
        The clip; of one frame for a still.
    """
    frames = model.autoencoder.decode_latents(latents)
    return Clip.at_rate(frames[canvas.lead_frames :][: canvas.num_frames].contiguous(), canvas.fps)


def _mix_rough(model: Model, canvas: Canvas, clean: Tensor, start: Tensor) -> None:
    """Lay rough pins on the tokens, in place, averaged by weight."""
    shares, kept, mixed = torch.zeros_like(start), torch.zeros_like(start), torch.zeros_like(clean)
    grid = canvas.grid
    middles = [seconds - canvas.lead_frames / canvas.fps for seconds in grid.latent_frame_seconds[: grid.groups]]
    for pin in canvas.pins:
        if pin.is_card or pin.is_exact or pin.hold is not None:
            continue
        tokens, covered = _encoded(model, paint([pin], canvas))
        share = covered * torch.tensor([[pin.weight_at(seconds)] for seconds in middles])
        shares += share
        kept += share * torch.tensor([[pin.keep_at(seconds)] for seconds in middles])
        mixed += share[..., None] * tokens
    is_mixed = shares > 0
    clean[is_mixed] = mixed[is_mixed] / shares[is_mixed][:, None]
    start[is_mixed] = 1 - kept[is_mixed] / shares[is_mixed]


def _encoded(model: Model, painted: Painted) -> tuple[Float[Tensor, "g n c"], Bool[Tensor, "g n"]]:
    """Latents of the groups in which some token is known, zero elsewhere, and which tokens are."""
    covered = painted.known_tokens
    tokens = torch.zeros(*covered.shape, model.transformer.size.latent_channels)
    for group in covered.any(1).nonzero().flatten().tolist():
        frames = painted.filled(slice(group, group + 1))
        tokens[group] = _to_tokens(model.autoencoder.encode_frames(frames))[0]
    return tokens, covered


def _encoded_card(model: Model, card: Pin) -> Float[Tensor, "1 n c"]:
    frames = repeat(card.clip.frames, "1 c h w -> 1 f c h w", f=FRAMES_PER_GROUP)
    return _to_tokens(model.autoencoder.encode_frames(frames))


def _to_tokens(latents: Tensor) -> Float[Tensor, "g n c"]:
    return rearrange(latents.cpu(), "g c h w -> g (h w) c")
