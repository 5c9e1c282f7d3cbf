"""Groups of frames to learn maps from: drawn at random, cropped around things, damaged."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from misora.core.seeds import generator
from misora.evaluate.augment import GROUP_FRAMES, Shares, damaged, patch_basis
from misora.evaluate.examples import Example, Labels, cells_of, labels_of
from misora.evaluate.network import CELL_PX

_CROP_PX = 64
_CENTRED_SHARE = 0.8


class Groups:
    """Random groups of four frames with their labels, cropped to one size."""

    def __init__(self, examples: Sequence[Example], basis: Float[Tensor, "k v"], *, shares: Shares) -> None:
        self.examples = examples
        self.cells = [cells_of(example) for example in examples]
        self.basis, self.shares = basis, shares

    def draw(self, num: int, *, chance: torch.Generator) -> tuple[Float[Tensor, "f 3 H W"], Labels]:
        """Draw, crop, turn and damage some groups.

        Args:
            num: groups.
            chance: of everything.

        Returns:
            Frames in [0, 1] and their labels, `4 * num` of each.
        """
        drawn = [self.group(chance) for _ in range(num)]
        groups = damaged(torch.stack([frames for frames, _ in drawn]), self.basis, generator=chance, shares=self.shares)
        parts = [part for _, part in drawn]
        labels = Labels(
            colour=torch.cat([part.colour for part in parts]),
            shape=torch.cat([part.shape for part in parts]),
            floor=torch.cat([part.floor for part in parts]),
        )
        return groups.flatten(0, 1), labels

    def group(self, chance: torch.Generator) -> tuple[Float[Tensor, "4 3 H W"], Labels]:
        """Draw one group, undamaged.

        Args:
            chance: of everything.

        Returns:
            Four frames in [0, 1] and their labels.
        """

        def below(limit: int) -> int:
            return int(torch.randint(limit, (), generator=chance))

        index = below(len(self.examples))
        frames = self.examples[index].clip.frames
        start = GROUP_FRAMES * below(len(frames) // GROUP_FRAMES)
        when = slice(start, start + GROUP_FRAMES)
        labels = labels_of(self.examples[index].script, self.cells[index][when], first=start)
        top, left = self._corner(labels.colour, below)
        pixels = frames[when, :, top : top + _CROP_PX, left : left + _CROP_PX].float() / 255
        cells = (slice(None), slice(top // 2, (top + _CROP_PX) // 2), slice(left // 2, (left + _CROP_PX) // 2))
        colour, shape = labels.colour[cells], labels.shape[cells]
        if below(2):
            pixels, colour, shape = pixels.flip(-1), colour.flip(-1), shape.flip(-1)
        return pixels, Labels(colour=colour, shape=shape, floor=labels.floor)

    def _corner(self, colour: Tensor, below: Callable[[int], int]) -> tuple[int, int]:
        """Upper left pixel of a crop, mostly around a cell that shows a thing: floors need less practice."""
        limits = [CELL_PX * side - _CROP_PX for side in colour.shape[-2:]]
        things = colour.nonzero()
        if not len(things) or below(100) >= 100 * _CENTRED_SHARE:
            first, second = (below(limit // CELL_PX + 1) * CELL_PX for limit in limits)
            return first, second
        cell = things[below(len(things)), 1:] * CELL_PX - _CROP_PX // 2
        shift = [below(_CROP_PX // 2) - _CROP_PX // 4 for _ in limits]
        top, left = (
            min(max(int(place) + move, 0), limit) // CELL_PX * CELL_PX
            for place, move, limit in zip(cell, shift, limits, strict=True)
        )
        return top, left


def basis_of(examples: Sequence[Example], *, seed: int, num_groups: int = 300) -> Float[Tensor, "k v"]:
    """The linear code used as a damage, from random groups of the examples.

    Args:
        examples: filmed truth.
        seed: of the draw.
        num_groups: looked at.

    Returns:
        Rows of `patch_basis`.
    """
    plain = Groups(examples, torch.empty(0, 0), shares=Shares())
    chance = generator("judge basis", seed)
    return patch_basis(torch.stack([plain.group(chance)[0] for _ in range(num_groups)]))
