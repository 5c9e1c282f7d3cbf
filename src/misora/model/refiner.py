"""The text refiner: a small trained transformer over frozen text features.

A sentence encoder binds attributes to things weakly ("red hits blue" is close to "blue hits red"); two layers trained with
the video model mend that.
"""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional

from misora.model.attention import attend
from misora.model.block import normalise, unit_rms
from misora.model.dial import TransformerSize

MAX_TEXT_TOKENS = 64


class TextRefiner(nn.Module):
    """Turn frozen text features into tokens the video attends to, and one pooled vector a line."""

    def __init__(self, size: TransformerSize) -> None:
        """Make the weights.

        Args:
            size: sizes of the transformer.
        """
        super().__init__()
        self.embed = nn.Linear(size.text_channels, size.width)
        self.places = nn.Parameter(0.02 * torch.randn(MAX_TEXT_TOKENS, size.width))
        self.silence = nn.Parameter(0.02 * torch.randn(size.width))
        self.layers = nn.ModuleList(_TextLayer(size) for _ in range(size.refiner_depth))

    def forward(
        self, text: Float[Tensor, "m l k"], is_said: Bool[Tensor, "m l"]
    ) -> tuple[Float[Tensor, "m l d"], Float[Tensor, "m d"]]:
        """Refine every line; row 0 becomes the learned silence.

        Args:
            text: frozen features of each line, row 0 spare.
            is_said: which text tokens are real.

        Returns:
            Refined tokens and their mean over the real tokens.
        """
        tokens = self.embed(text) + self.places[: text.shape[1]]
        spoken = (torch.arange(text.shape[0], device=text.device) > 0).view(-1, 1, 1)
        tokens = torch.where(spoken, tokens, self.silence)
        for layer in self.layers:
            tokens = layer(tokens, is_said)
        weights = is_said.to(tokens.dtype).unsqueeze(-1)
        return normalise(tokens), (tokens * weights).sum(1) / weights.sum(1)


class _TextLayer(nn.Module):
    """Self-attention and a feed-forward layer over the tokens of a line."""

    def __init__(self, size: TransformerSize) -> None:
        super().__init__()
        self.num_heads = size.num_heads
        self.to_qkv = nn.Linear(size.width, 3 * size.width, bias=False)
        self.from_heads = nn.Linear(size.width, size.width, bias=False)
        self.expand = nn.Linear(size.width, 2 * size.width, bias=False)
        self.contract = nn.Linear(2 * size.width, size.width, bias=False)
        for last in (self.from_heads, self.contract):
            nn.init.zeros_(last.weight)

    def forward(self, tokens: Float[Tensor, "m l d"], is_said: Bool[Tensor, "m l"]) -> Float[Tensor, "m l d"]:
        q, k, v = self.to_qkv(normalise(tokens)).unflatten(-1, (3, self.num_heads, -1)).permute(2, 0, 3, 1, 4)
        mixed = attend(unit_rms(q), unit_rms(k), v, is_seen=is_said)
        tokens = tokens + self.from_heads(mixed.transpose(1, 2).flatten(2))
        return tokens + self.contract(functional.relu(self.expand(normalise(tokens))).square())
