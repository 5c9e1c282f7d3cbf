"""The diffusion transformer: noisy spacetime tokens in, clean tokens out (Peebles and Xie 2022, arXiv:2212.09748).

What we changed: every token has its own noise level; text enters by frame, and so may controls; sequences are packed; the
output is the clean token, as in OpenAI's Sora report, and the loss weighs it as a velocity.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional

from misora.model.block import NUM_MODULATIONS, Condition, TransformerBlock, normalise
from misora.model.controls import NUM_CAMERA_WAVES, NUM_TRACK_WAVES
from misora.model.dial import TransformerSize
from misora.model.positions import NUM_PLACE_WAVES
from misora.model.refiner import TextRefiner
from misora.model.sequence import Sequence
from misora.model.step_cache import StepCache

LEVEL_WAVES = 64
STILL_SECONDS = 8.0  # a still tells itself apart by a clock slower than any clip's


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """The text of a pack, refined: the same at every level, so a sampler refines it once.

    Attributes:
        text: tokens of each line that the blocks attend to; row 0 is silence.
        pooled: one vector a line.
    """

    text: Float[Tensor, "m l d"]
    pooled: Float[Tensor, "m d"]


class Transformer(nn.Module):
    """Predict the clean tokens of a pack."""

    added_later = frozenset({"embed_camera.weight", "embed_track.weight"})
    """Weights that older files lack; they begin with zeros, so that such a model computes what it always did."""

    def __init__(self, size: TransformerSize) -> None:
        """Make the weights; the first prediction is zero everywhere.

        Args:
            size: sizes of the transformer.
        """
        super().__init__()
        self.size = size
        self.embed = nn.Linear(size.latent_channels, size.width)
        self.embed_place = nn.Linear(NUM_PLACE_WAVES, size.width, bias=False)
        self.embed_level = nn.Sequential(
            nn.Linear(2 * LEVEL_WAVES, size.width), nn.SiLU(), nn.Linear(size.width, size.width)
        )
        self.embed_clock = nn.Linear(2 * LEVEL_WAVES, size.width)
        self.refiner = TextRefiner(size)
        self.embed_pooled = nn.Linear(size.width, size.width)
        self.modulate = nn.Linear(size.width, NUM_MODULATIONS * size.width)
        self.blocks = nn.ModuleList(TransformerBlock(size) for _ in range(size.depth))
        self.modulate_last = nn.Linear(size.width, 2 * size.width)
        self.predict = nn.Linear(size.width, size.latent_channels)
        self.embed_camera = nn.Linear(NUM_CAMERA_WAVES, size.width, bias=False)  # drawn last: the weights above
        self.embed_track = nn.Linear(NUM_TRACK_WAVES, size.width, bias=False)  # stay what their seed made them
        for last in (self.modulate, self.modulate_last, self.predict):
            nn.init.zeros_(last.weight)
            nn.init.zeros_(last.bias)
        for steering in (self.embed_camera, self.embed_track):
            nn.init.zeros_(steering.weight)
        with torch.no_grad():  # gates start open: the branches' own last layers are zero
            self.modulate.bias.view(NUM_MODULATIONS, -1)[[2, 5]] = 1.0

    def hear(self, sequence: Sequence) -> Heard:
        """Refine the text of a pack.

        Args:
            sequence: layout and text of the pack.

        Returns:
            What `forward` takes as `heard`.
        """
        text, pooled = self.refiner(sequence.text.to(self.embed.weight.dtype), sequence.is_said)
        return Heard(text=text, pooled=pooled)

    def forward(
        self,
        sequence: Sequence,
        noisy: Float[Tensor, "n c"],
        levels: Float[Tensor, " n"],
        *,
        heard: Heard | None = None,
        cache: StepCache | None = None,
    ) -> Float[Tensor, "n c"]:
        """Predict the clean tokens.

        Args:
            sequence: layout and text of the pack.
            noisy: tokens at their levels, (1 - level) x clean + level x noise.
            levels: noise level of each token in [0, 1]; 0 is clean.
            heard: the pack's text from `hear`; refined here when not given.
            cache: of this pack, to leave out blocks that would add what they added before; none of them when not given.

        Returns:
            The clean tokens, in float32.
        """
        dtype = self.embed.weight.dtype
        heard = heard or self.hear(sequence)
        told, row_of_token = self._tell(sequence, levels, heard.pooled)
        condition = Condition(
            rows=self.modulate(told).unflatten(-1, (NUM_MODULATIONS, -1)), row_of_token=row_of_token, text=heard.text
        )
        tokens = self.embed(noisy.to(dtype)) + self.embed_place(sequence.places.to(dtype))
        if sequence.track is not None:
            tokens = tokens + self.embed_track(sequence.track.to(dtype))
        first, *others = self.blocks

        def pass_others(passed: Float[Tensor, "n d"]) -> Float[Tensor, "n d"]:
            for block in others:
                passed = block(passed, sequence, condition)
            return passed

        after_first = first(tokens, sequence, condition)
        tokens = pass_others(after_first) if cache is None else cache.rest(tokens, after_first, pass_others)
        shift, scale = self.modulate_last(told).index_select(0, row_of_token).chunk(2, dim=-1)
        return self.predict(normalise(tokens) * (1 + scale) + shift).float()

    def _tell(
        self, sequence: Sequence, levels: Float[Tensor, " n"], pooled: Float[Tensor, "m d"]
    ) -> tuple[Float[Tensor, "r d"], Int[Tensor, " n"]]:
        """Condition each distinct pair of latent frame and level once, and point every token at its row."""
        pairs = (
            2.0 * sequence.frame_of_token.double() + levels.double()
        )  # one number for each pair: levels stay below 2
        rows, row_of_token = torch.unique(pairs, return_inverse=True)
        frames, row_levels = (rows / 2).long(), (rows % 2).float()
        clock = sequence.seconds_per_group.index_select(0, frames)
        clock = torch.where(clock > 0, clock, STILL_SECONDS).log2()
        said = pooled.index_select(0, sequence.line_of_frame.index_select(0, frames))
        told = (
            self.embed_level(waves(row_levels, pooled.dtype))
            + self.embed_clock(waves(clock / 8, pooled.dtype))
            + self.embed_pooled(said)
        )
        if sequence.camera is not None:
            told = told + self.embed_camera(sequence.camera.index_select(0, frames).to(pooled.dtype))
        return functional.silu(told), row_of_token


def waves(values: Float[Tensor, " r"], dtype: torch.dtype) -> Float[Tensor, "r w"]:
    """Spread numbers of order one over sines and cosines, so that near values stay apart.

    Args:
        values: the numbers.
        dtype: type of the result.

    Returns:
        Cosines and sines at wave lengths from 1/16 to 64.
    """
    rates = 2 * math.pi * torch.exp2(torch.linspace(-6, 4, LEVEL_WAVES, device=values.device))
    angles = values[:, None] * rates
    return torch.cat((angles.cos(), angles.sin()), dim=-1).to(dtype)
