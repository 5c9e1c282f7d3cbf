"""Packed sequences: the tokens of clips of any size, one after another, without padding.

A pack holds tokens ordered by clip, latent frame, row, column. Clips of one shape that stand next to each other form a
block, so attention over a block is one batched product. Every latent frame points at the line of text that is said over it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from itertools import groupby

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from misora.model.controls import NO_CONTROLS, Controls, camera_waves, track_waves
from misora.model.grid import Grid
from misora.model.positions import place_waves, rotations, token_positions

TEXT_STEP = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenLine:
    """Text features of one line and the time it covers.

    Attributes:
        features: one row for each text token, from the frozen text encoder.
        from_seconds: when the line begins, on the clip's clock.
        to_seconds: when the line ends.
    """

    features: Float[Tensor, "l k"]
    from_seconds: float
    to_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A run of clips of one shape inside a pack.

    Attributes:
        first_token: index of the run's first token in the pack.
        first_frame: index of the run's first latent frame in the pack.
        num_clips: clips in the run.
        grid: that of the first; the others have its shape.
    """

    first_token: int
    first_frame: int
    num_clips: int
    grid: Grid

    @property
    def tokens(self) -> slice:
        """Where the run's tokens stand in the pack."""
        return slice(self.first_token, self.first_token + self.num_clips * self.grid.num_tokens)

    @property
    def frames(self) -> slice:
        """Where the run's latent frames stand in the pack."""
        return slice(self.first_frame, self.first_frame + self.num_clips * self.grid.num_latent_frames)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """Everything about a pack except its noisy tokens.

    Attributes:
        grids: of every clip, in order.
        blocks: runs of clips of one shape, in order.
        turns: rotary cosines and sines of each token.
        places: where each token stands, as waves.
        frame_of_token: latent frame of each token, counted over the pack.
        clip_of_token: clip of each token.
        seconds_per_group: for each latent frame; 0 for stills.
        line_of_frame: row of `text` for each latent frame; 0 is silence.
        text: features of each line, row 0 is a spare for silence; short lines are filled with zeros.
        is_said: which text tokens are real.
        camera: for each latent frame what is told of the camera; None when nothing is told in the whole pack.
        track: for each token what is told of a tracked thing; None likewise.
    """

    grids: tuple[Grid, ...]
    blocks: tuple[Block, ...]
    turns: Float[Tensor, "2 n pairs"]
    places: Float[Tensor, "n waves"]
    frame_of_token: Int[Tensor, " n"]
    clip_of_token: Int[Tensor, " n"]
    seconds_per_group: Float[Tensor, " frames"]
    line_of_frame: Int[Tensor, " frames"]
    text: Float[Tensor, "m l k"]
    is_said: Bool[Tensor, "m l"]
    camera: Float[Tensor, "frames six"] | None = None
    track: Float[Tensor, "n nine"] | None = None

    @property
    def num_tokens(self) -> int:
        """Tokens in the pack."""
        return self.frame_of_token.shape[0]

    @property
    def num_clips(self) -> int:
        """Clips in the pack."""
        return len(self.grids)

    def to(self, device: torch.device | str) -> Sequence:
        """Copy the layout to a device."""
        tensors = {f.name: value for f in fields(self) if isinstance(value := getattr(self, f.name), Tensor)}
        return replace(self, **{name: tensor.to(device) for name, tensor in tensors.items()})


def lay_out(
    grids: Iterable[Grid],
    lines: Iterable[tuple[SpokenLine, ...]],
    *,
    controls: Iterable[Controls] | None = None,
    text_channels: int = 384,
) -> Sequence:
    """Pack clips into one sequence.

    Args:
        grids: one for each clip; equal grids should stand next to each other.
        lines: what is said over each clip; none for silence. Where lines overlap, the later one is heard.
        controls: what steers each clip; nothing when not given.
        text_channels: numbers per text token.

    Returns:
        The pack's layout, on the CPU.
    """
    grids, lines = tuple(grids), tuple(lines)
    assert len(grids) == len(lines), "one tuple of lines for each clip"
    steering = tuple(controls) if controls is not None else (NO_CONTROLS,) * len(grids)
    line_of_frame, spoken = _assign_lines(grids, lines)
    text, is_said = _stack_text(spoken, text_channels)
    tokens_per_frame = torch.tensor([grid.tokens_per_group for grid in grids for _ in range(grid.num_latent_frames)])
    tokens_per_clip = torch.tensor([grid.num_tokens for grid in grids])
    positions = torch.cat([token_positions(grid) for grid in grids])
    return Sequence(
        grids=grids,
        blocks=_blocks(grids),
        turns=rotations(positions),
        places=place_waves(positions),
        frame_of_token=torch.repeat_interleave(tokens_per_frame),
        clip_of_token=torch.repeat_interleave(tokens_per_clip),
        seconds_per_group=torch.tensor([seconds for grid in grids for seconds in _clock(grid)]),
        line_of_frame=torch.tensor(line_of_frame),
        text=text,
        is_said=is_said,
        camera=camera_waves(grids, steering),
        track=track_waves(grids, steering),
    )


def _blocks(grids: tuple[Grid, ...]) -> tuple[Block, ...]:
    blocks, token, frame = [], 0, 0
    for _, run in groupby(grids, key=lambda grid: grid.shape):
        first, *others = run
        block = Block(first_token=token, first_frame=frame, num_clips=1 + len(others), grid=first)
        token, frame = block.tokens.stop, block.frames.stop
        blocks.append(block)
    return tuple(blocks)


def _clock(grid: Grid) -> list[float]:
    """Seconds from each latent frame to the next; cards stand still."""
    return [grid.seconds_per_group] * grid.groups + [0.0] * len(grid.cards_seconds)


def _assign_lines(
    grids: tuple[Grid, ...], lines: tuple[tuple[SpokenLine, ...], ...]
) -> tuple[list[int], list[SpokenLine]]:
    """Give each latent frame the latest line that covers its middle; 0 where there is none."""
    line_of_frame: list[int] = []
    spoken: list[SpokenLine] = []
    for grid, said in zip(grids, lines, strict=True):
        for middle in grid.latent_frame_seconds:
            heard = [i for i, line in enumerate(said) if line.from_seconds <= middle < line.to_seconds]
            line_of_frame.append(len(spoken) + 1 + heard[-1] if heard else 0)
        spoken.extend(said)
    return line_of_frame, spoken


def _stack_text(spoken: list[SpokenLine], text_channels: int) -> tuple[Float[Tensor, "m l k"], Bool[Tensor, "m l"]]:
    longest = max((line.features.shape[0] for line in spoken), default=1)
    length = (
        -(-longest // TEXT_STEP) * TEXT_STEP
    )  # few distinct shapes: a new one costs the CPU kernels a slow first call
    text = torch.zeros(len(spoken) + 1, length, text_channels)
    is_said = torch.zeros(len(spoken) + 1, length, dtype=torch.bool)
    is_said[0, 0] = True
    for index, line in enumerate(spoken, start=1):
        num = line.features.shape[0]
        text[index, :num] = line.features
        is_said[index, :num] = True
    return text, is_said
