"""What is known in a training clip: the same patterns that abilities ask of the sampler.

Each pattern gives every token its start level: 1 unknown, 0 known, between kept roughly.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from misora.model.sequence import Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternShares:
    """How often each pattern is drawn; the rest of the clips know nothing.

    Attributes:
        ends: the first, the last, or both latent frames are known.
        groups: a random half of the latent frames is known.
        rough: all tokens are kept roughly.
    """

    ends: float = 0.1
    groups: float = 0.05
    rough: float = 0.05

    def __post_init__(self) -> None:
        if min(self.ends, self.groups, self.rough) < 0 or self.ends + self.groups + self.rough > 1:
            raise ValueError(f"PatternShares must be shares of one, got {self}")


def draw_starts(sequence: Sequence, shares: PatternShares, *, draws: torch.Generator) -> Float[Tensor, " n"]:
    """Draw what is known in each clip of a pack.

    Args:
        sequence: layout of the pack.
        shares: how often each pattern is drawn.
        draws: source of randomness.

    Returns:
        Start level of every token in [0, 1].
    """
    starts = []
    for block in sequence.blocks:
        for _ in range(block.num_clips):
            frames = _draw_frames(block.grid.groups, shares, draws)
            starts.append(frames.repeat_interleave(block.grid.tokens_per_group))
    return torch.cat(starts)


def _draw_frames(groups: int, shares: PatternShares, draws: torch.Generator) -> Float[Tensor, " t"]:
    kind, which = torch.rand(2, generator=draws).tolist()
    frames = torch.ones(groups)
    if groups == 1 or kind < shares.rough:
        return frames if kind >= shares.rough else torch.full((groups,), 0.2 + 0.7 * which)
    kind -= shares.rough
    if kind < shares.ends:
        if which < 0.75:
            frames[0] = 0.0
        if which >= 0.5 and groups > 2:
            frames[-1] = 0.0
    elif kind < shares.ends + shares.groups:
        frames[torch.randperm(groups, generator=draws)[: groups // 2]] = 0.0
    return frames
