"""What is known in a training clip: the same patterns that abilities ask of the sampler.

Each pattern gives every token its start level: 1 unknown, 0 known, between kept roughly. Context that is held stays at its
level to the end, noise and all, as windows of a long video and live worlds want it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from misora.model.grid import Grid
from misora.model.sequence import Sequence

MOST_HELD_LEVEL = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternShares:
    """How often each pattern is drawn; the rest of the clips know nothing.

    Attributes:
        ends: the first latent frame is known, the last, or both.
        middle: one latent frame within is known.
        groups: a random half of the latent frames is known.
        box: a box in space and time is unknown, or all but it.
        rough: all tokens are kept roughly, as roughly everywhere or from one value to another over time.
        rising: the noise rises over time, from a known or nearly known beginning to an unknown end.
        held: some first latent frames are noisy context that stays as it is.
    """

    ends: float = 0.1
    middle: float = 0.0
    groups: float = 0.05
    box: float = 0.0
    rough: float = 0.05
    rising: float = 0.0
    held: float = 0.0

    def __post_init__(self) -> None:
        shares = [getattr(self, spec.name) for spec in fields(self)]
        if min(shares) < 0 or sum(shares) > 1:
            raise ValueError(f"PatternShares must be shares of one, got {self}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Starts:
    """What is known of the tokens of a pack.

    Attributes:
        levels: start level of every token in [0, 1].
        is_held: tokens that stay at their start level.
    """

    levels: Float[Tensor, " n"]
    is_held: Bool[Tensor, " n"]


def draw_starts(sequence: Sequence, shares: PatternShares, *, draws: torch.Generator, forgotten: float = 0.0) -> Starts:
    """Draw what is known in each clip of a pack; its cards are, unless the clip forgets what it knows.

    Args:
        sequence: layout of the pack.
        shares: how often each pattern is drawn.
        draws: source of randomness.
        forgotten: share of clips that know nothing after all, cards included: what guidance of pins walks away from.

    Returns:
        Start levels, and who is held.
    """
    levels, held = [], []
    for grid in sequence.grids:
        name = _draw_name(grid, shares, draws)
        start = torch.ones(grid.shape)
        if name is not None:
            _PATTERNS[name](start[: grid.groups], draws)
        start[grid.groups :] = 0.0
        if forgotten and _draw(draws) < forgotten:
            start.fill_(1.0)
        levels.append(start.flatten())
        held.append((start.flatten() < 1) & (name == "held"))
    return Starts(levels=torch.cat(levels), is_held=torch.cat(held))


def _draw_name(grid: Grid, shares: PatternShares, draws: torch.Generator) -> str | None:
    """A pattern by its share; a single latent frame knows only boxes and roughness."""
    left = _draw(draws)
    for spec in fields(shares):
        left -= getattr(shares, spec.name)
        if left < 0:
            return spec.name if grid.groups > 1 or spec.name in ("box", "rough") else None
    return None


def _draw(draws: torch.Generator, low: float = 0.0, high: float = 1.0) -> float:
    return low + (high - low) * float(torch.rand((), generator=draws))


def _below(limit: int, draws: torch.Generator) -> int:
    return int(torch.randint(limit, (), generator=draws))


def _know_ends(start: Float[Tensor, "t h w"], draws: torch.Generator) -> None:
    which = _draw(draws)
    if which < 0.75:
        start[0] = 0.0
    if which >= 0.5 and len(start) > 2:
        start[-1] = 0.0


def _know_middle(start: Float[Tensor, "t h w"], draws: torch.Generator) -> None:
    start[_below(len(start), draws)] = 0.0


def _know_groups(start: Float[Tensor, "t h w"], draws: torch.Generator) -> None:
    start[torch.randperm(len(start), generator=draws)[: len(start) // 2]] = 0.0


def _know_box(start: Float[Tensor, "t h w"], draws: torch.Generator) -> None:
    """A box that spans a quarter to three quarters of each side, and often all of the time."""
    box = []
    for axis, side in enumerate(start.shape):
        is_whole = axis == 0 and _draw(draws) < 0.7
        length = side if is_whole else max(1, round(side * _draw(draws, 0.25, 0.75)))
        first = _below(side - length + 1, draws)
        box.append(slice(first, first + length))
    inside = torch.zeros_like(start, dtype=torch.bool)
    inside[tuple(box)] = True
    start[inside if _draw(draws) < 0.3 else ~inside] = 0.0


def _know_roughly(start: Float[Tensor, "t h w"], draws: torch.Generator) -> None:
    first, last = _draw(draws, 0.2, 0.9), _draw(draws, 0.2, 0.9)
    start[:] = torch.linspace(first, last if _draw(draws) < 0.4 else first, len(start))[:, None, None]


def _know_less_and_less(start: Float[Tensor, "t h w"], draws: torch.Generator) -> None:
    start[:] = torch.linspace(_draw(draws, 0.0, 0.3), 1.0, len(start))[:, None, None]


def _hold_first(start: Float[Tensor, "t h w"], draws: torch.Generator) -> None:
    start[: 1 + _below(len(start) - 1, draws)] = _draw(draws, 0.0, MOST_HELD_LEVEL)


_PATTERNS: dict[str, Callable[[Tensor, torch.Generator], None]] = {
    "ends": _know_ends,
    "middle": _know_middle,
    "groups": _know_groups,
    "box": _know_box,
    "rough": _know_roughly,
    "rising": _know_less_and_less,
    "held": _hold_first,
}
