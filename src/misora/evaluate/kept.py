"""Pinned pixels, sampled and decoded but not yet laid over, beside what the autoencoder alone makes of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

import torch
from einops import rearrange, repeat
from jaxtyping import Bool, UInt8
from torch import Tensor

from misora.evaluate.reconstruction import decibels
from misora.generate.canvas import Canvas
from misora.generate.painted import paint
from misora.model.autoencoder import Autoencoder
from misora.model.grid import CELL_PX, FRAMES_PER_GROUP


@torch.no_grad()
def pinned_decibels(autoencoder: Autoencoder, window: Canvas, made: UInt8[Tensor, "f 3 H W"]) -> float:
    """Compare what a sampler made of exactly pinned tokens with what the autoencoder alone makes of the same clip.

    The autoencoder alone sees the whole source, also what a mask hides from the sampler.

    Args:
        autoencoder: of the model.
        window: a prepared canvas, its pins on whole groups.
        made: all decoded frames of it, those that are cut off at its ends included; nothing laid over.

    Returns:
        Decibels more than those of the autoencoder, over the pixels of known tokens in frames that are seen.

    Raises:
        ValueError: if no token is pinned exactly.
    """
    exact = [pin for pin in window.pins if pin.is_exact and not pin.is_card]
    painted = paint(exact, window)
    known = _pixels(painted.known_tokens, window)
    shown = slice(window.lead_frames, window.lead_frames + window.num_frames)
    if not bool(known[shown].any()):
        raise ValueError("nothing is pinned exactly on this canvas")
    source = paint([replace(pin, mask=None) for pin in exact], window)
    rows, columns = (_span(source.is_known.any(0).any(axis)) for axis in (1, 0))
    alone = made.clone()
    for groups in _runs(painted.known_tokens.any(1)):
        frames = slice(groups.start * FRAMES_PER_GROUP, groups.stop * FRAMES_PER_GROUP)
        whole = rearrange(source.pixels[frames, :, rows, columns], "(g n) c h w -> g n c h w", n=FRAMES_PER_GROUP)
        alone[frames, :, rows, columns] = autoencoder.decode_latents(autoencoder.encode_frames(whole.contiguous()))

    def error(frames: Tensor) -> float:
        squares = (frames.float() - source.pixels.float()).square().mean(1)
        return float(squares[shown][known[shown]].mean())

    return decibels(error(made)) - decibels(error(alone))


def _pixels(tokens: Bool[Tensor, "g n"], window: Canvas) -> Bool[Tensor, "f H W"]:
    rows = window.grid.rows
    return repeat(tokens, "g (h w) -> (g f) (h y) (w x)", h=rows, f=FRAMES_PER_GROUP, y=CELL_PX, x=CELL_PX)


def _span(is_known: Bool[Tensor, " p"]) -> slice:
    """From the first that is known to the last, on whole cells."""
    found = is_known.nonzero().flatten()
    return slice(int(found[0]) // CELL_PX * CELL_PX, -(-(int(found[-1]) + 1) // CELL_PX) * CELL_PX)


def _runs(is_known: Bool[Tensor, " g"]) -> Iterator[slice]:
    """Consecutive groups of which something is known: they were neighbours in their source too."""
    for known, run in groupby(range(len(is_known)), key=lambda group: bool(is_known[group])):
        groups = list(run)
        if known:
            yield slice(groups[0], groups[-1] + 1)
