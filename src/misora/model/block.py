"""One transformer block: self-attention over the clip, cross-attention to the text, a feed-forward layer.

Each of the two residual branches is shifted, scaled and gated by its token's condition (adaLN-zero: Peebles and Xie 2022,
arXiv:2212.09748), through one linear map shared by all blocks plus an offset of each block's own (as in PixArt-alpha, Chen et
al. 2023, arXiv:2310.00426).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional

from misora.model.attention import self_attention, text_attention
from misora.model.dial import TransformerSize
from misora.model.positions import rotate
from misora.model.sequence import Sequence

NUM_MODULATIONS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What a block is told besides its tokens.

    Attributes:
        rows: shift, scale and gate of both branches, once for each distinct condition.
        row_of_token: which row each token takes.
        text: refined text tokens of each line; row 0 is silence.
    """

    rows: Float[Tensor, "r six d"]
    row_of_token: Int[Tensor, " n"]
    text: Float[Tensor, "m l d"]


class TransformerBlock(nn.Module):
    """Refine the tokens of a pack once."""

    def __init__(self, size: TransformerSize) -> None:
        """Make the weights; both branches start as the identity.

        Args:
            size: sizes of the transformer.
        """
        super().__init__()
        self.num_heads = size.num_heads
        self.modulation = nn.Parameter(torch.zeros(NUM_MODULATIONS, size.width))
        self.to_qkv = nn.Linear(size.width, 3 * size.width, bias=False)
        self.from_heads = nn.Linear(size.width, size.width, bias=False)
        self.to_text_query = nn.Linear(size.width, size.width, bias=False)
        self.to_text_kv = nn.Linear(size.width, 2 * size.width, bias=False)
        self.from_text = nn.Linear(size.width, size.width, bias=False)
        self.expand = nn.Linear(size.width, size.hidden, bias=False)
        self.contract = nn.Linear(size.hidden, size.width, bias=False)
        for last in (self.from_heads, self.from_text, self.contract):
            nn.init.zeros_(last.weight)

    def forward(self, tokens: Float[Tensor, "n d"], sequence: Sequence, condition: Condition) -> Float[Tensor, "n d"]:
        """Pass the tokens through the block.

        Args:
            tokens: the residual stream.
            sequence: layout of the pack.
            condition: levels, pooled text and text tokens.

        Returns:
            The residual stream after the block.
        """
        rows = condition.rows + self.modulation
        shift_a, scale_a, gate_a, shift_f, scale_f, gate_f = (
            rows[:, i].index_select(0, condition.row_of_token) for i in range(NUM_MODULATIONS)
        )
        tokens = tokens + gate_a * self._look_around(normalise(tokens) * (1 + scale_a) + shift_a, sequence)
        tokens = tokens + self._listen(normalise(tokens), sequence, condition.text)
        hidden = functional.relu(self.expand(normalise(tokens) * (1 + scale_f) + shift_f)).square()
        return tokens + gate_f * self.contract(hidden)

    def _look_around(self, tokens: Float[Tensor, "n d"], sequence: Sequence) -> Float[Tensor, "n d"]:
        q, k, v = self.to_qkv(tokens).unflatten(-1, (3, self.num_heads, -1)).unbind(1)
        turns = sequence.turns
        mixed = self_attention(rotate(unit_rms(q), turns), rotate(unit_rms(k), turns), v, sequence.blocks)
        return self.from_heads(mixed.flatten(1))

    def _listen(
        self, tokens: Float[Tensor, "n d"], sequence: Sequence, text: Float[Tensor, "m l d"]
    ) -> Float[Tensor, "n d"]:
        queries = self.to_text_query(tokens).unflatten(-1, (self.num_heads, -1))
        k, v = self.to_text_kv(text).unflatten(-1, (2, self.num_heads, -1)).unbind(2)
        heard = sequence.line_of_frame
        k, v = (part.transpose(1, 2).index_select(0, heard) for part in (unit_rms(k), v))
        mixed = text_attention(unit_rms(queries), k, v, sequence.is_said.index_select(0, heard), sequence.blocks)
        return self.from_text(mixed.flatten(1))


def normalise(tokens: Float[Tensor, "*b d"]) -> Float[Tensor, "*b d"]:
    """Bring each token to mean 0 and variance 1."""
    return functional.layer_norm(tokens, tokens.shape[-1:])


def unit_rms(heads: Float[Tensor, "*b c"]) -> Float[Tensor, "*b c"]:
    """Bring each head's query or key to a root mean square of 1, which bounds the attention scores."""
    return functional.rms_norm(heads, heads.shape[-1:])
