"""Attention over the clips of a pack: block-diagonal, one batched product for each run of equal clips.

Two forms that agree: plain matrix products, whose backward pass is quick on a CPU at a few hundred tokens, and PyTorch's fused
attention, whose forward pass is quicker and needs no memory for the scores.
"""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn import functional

from misora.model.sequence import Block


def attend(
    queries: Float[Tensor, "b h q c"],
    keys: Float[Tensor, "b h k c"],
    values: Float[Tensor, "b h k c"],
    *,
    is_seen: Bool[Tensor, "b k"] | None = None,
) -> Float[Tensor, "b h q c"]:
    """Mix values by how well their keys match each query.

    Args:
        queries: what each token asks.
        keys: what each token offers to be found by.
        values: what each token gives.
        is_seen: keys that may be used; all when not given.

    Returns:
        softmax(QKᵀ / √c) V.

    Source: Vaswani et al. 2017, arXiv:1706.03762, eq. 1.
    """
    mask = None if is_seen is None else is_seen[:, None, None, :]
    if queries.requires_grad and queries.device.type == "cpu":
        return _attend_plainly(queries, keys, values, mask)
    return functional.scaled_dot_product_attention(queries, keys, values, attn_mask=mask)


def self_attention(
    queries: Float[Tensor, "n h c"],
    keys: Float[Tensor, "n h c"],
    values: Float[Tensor, "n h c"],
    blocks: tuple[Block, ...],
) -> Float[Tensor, "n h c"]:
    """Let every token of a clip attend to every token of the same clip.

    Args:
        queries: of all tokens of the pack.
        keys: of all tokens of the pack.
        values: of all tokens of the pack.
        blocks: where the clips stand.

    Returns:
        The mixed values of every token.
    """
    lengths = [block.tokens.stop - block.tokens.start for block in blocks]
    parts = zip(blocks, *(each.split(lengths) for each in (queries, keys, values)), strict=True)
    mixed = []
    for block, *qkv in parts:
        q, k, v = (part.unflatten(0, (block.num_clips, -1)).transpose(1, 2) for part in qkv)
        mixed.append(attend(q, k, v).transpose(1, 2).flatten(0, 1))
    return torch.cat(mixed)


def text_attention(
    queries: Float[Tensor, "n h c"],
    keys: Float[Tensor, "frames h l c"],
    values: Float[Tensor, "frames h l c"],
    is_said: Bool[Tensor, "frames l"],
    blocks: tuple[Block, ...],
) -> Float[Tensor, "n h c"]:
    """Let every token attend to the line that is said over its latent frame.

    Args:
        queries: of all tokens of the pack.
        keys: of the text tokens that each latent frame hears.
        values: of the same text tokens.
        is_said: which of them are real.
        blocks: where the clips stand.

    Returns:
        The mixed values of every token.
    """
    by_token = queries.split([block.tokens.stop - block.tokens.start for block in blocks])
    lengths = [block.frames.stop - block.frames.start for block in blocks]
    by_frame = (each.split(lengths) for each in (keys, values, is_said))
    mixed = []
    for block, q, k, v, is_seen in zip(blocks, by_token, *by_frame, strict=True):
        frames = q.unflatten(0, (-1, block.grid.tokens_per_group)).transpose(1, 2)
        mixed.append(attend(frames, k, v, is_seen=is_seen).transpose(1, 2).flatten(0, 1))
    return torch.cat(mixed)


def _attend_plainly(
    queries: Float[Tensor, "b h q c"],
    keys: Float[Tensor, "b h k c"],
    values: Float[Tensor, "b h k c"],
    mask: Bool[Tensor, "b 1 1 k"] | None,
) -> Float[Tensor, "b h q c"]:
    scores = (queries * queries.shape[-1] ** -0.5) @ keys.transpose(-1, -2)
    if mask is not None:
        scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
    return scores.softmax(dim=-1) @ values
