"""The ground of the speed benchmarks: clips to work on, networks that answer, steps timed in turn.

Floating-point operations are counted by one rule for every network: two for each multiplication with a weight and for each
product inside attention; normalisation, activations and rotations count nothing; backward costs twice forward.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from misora.core.machine import pick_dtype
from misora.core.seeds import derive, generator
from misora.flow.schedule import draw_times
from misora.model.dial import TransformerSize
from misora.model.grid import Grid
from misora.model.sequence import SpokenLine, lay_out
from misora.model.transformer import Transformer

GRID = Grid(groups=4, rows=6, columns=6, seconds_per_group=0.5)
TEXT_TOKENS = 32
CLIPS = {"train": 48, "sample": 2}  # a full pack; a clip with its text and again without, as guidance asks
TIMED = {"train": 5, "sample": 15}
DTYPES = {"bf16": torch.bfloat16, "fp32": torch.float32}
WARM = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Clips:
    """Noisy clips of one size, each with a line of text and a time.

    Attributes:
        grid: extent of each clip in tokens.
        noisy: latents at their times.
        target: what the loss compares the answer with.
        text: features of each clip's line.
        times: noise level of each clip, in (0, 1).
    """

    grid: Grid
    noisy: Float[Tensor, "b c t h w"]
    target: Float[Tensor, "b c t h w"]
    text: Float[Tensor, "b l k"]
    times: Float[Tensor, " b"]

    @property
    def num_tokens(self) -> int:
        """Tokens of all clips."""
        return self.noisy.shape[0] * self.grid.num_tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Contestant:
    """A network with clips to work on.

    Attributes:
        module: the network; its repeated blocks are `module.blocks`.
        predict: answers for all clips at once, in float32.
        target: what the answer is compared with, in the same layout.
        num_parameters: weights of the network.
        forward_flops: operations of one answer.
    """

    module: nn.Module
    predict: Callable[[], Tensor]
    target: Tensor
    num_parameters: int
    forward_flops: int


def draw_clips(size: TransformerSize, *, num_clips: int, seed: int, grid: Grid = GRID) -> Clips:
    """Draw random clips; speed does not depend on what they show.

    Args:
        size: whose channels they have.
        num_clips: how many.
        seed: of all numbers.
        grid: extent of each.

    Returns:
        The clips, in float32.
    """
    draws = generator(seed, "speed")
    shape = (num_clips, size.latent_channels, grid.groups, grid.rows, grid.columns)
    return Clips(
        grid=grid,
        noisy=torch.randn(shape, generator=draws),
        target=torch.randn(shape, generator=draws),
        text=torch.randn(num_clips, TEXT_TOKENS, size.text_channels, generator=draws),
        times=draw_times(num_clips, generator=draws),
    )


def ours(size: TransformerSize, clips: Clips, dtype: torch.dtype) -> Contestant:
    """Our transformer; the clips are one pack, each with its own level and line.

    Args:
        size: of the network.
        clips: to work on.
        dtype: of the arithmetic.

    Returns:
        The contestant.
    """
    module = seeded(lambda: Transformer(size)).to(dtype)
    grid, num_clips = clips.grid, len(clips.times)
    seconds = grid.groups * grid.seconds_per_group
    lines = [(SpokenLine(features=text, from_seconds=0.0, to_seconds=seconds),) for text in clips.text]
    sequence = lay_out([grid] * num_clips, lines, text_channels=size.text_channels)
    noisy, levels = _as_tokens(clips.noisy), clips.times[sequence.clip_of_token]

    def predict() -> Tensor:
        return module(sequence, noisy, levels)

    attention = size.depth * attention_flops(clips.num_tokens, grid.num_tokens + TEXT_TOKENS, size.width)
    num_text = sequence.text.shape[0] * TEXT_TOKENS
    attention += size.refiner_depth * attention_flops(num_text, TEXT_TOKENS, size.width)
    return contestant(module, predict, _as_tokens(clips.target), attention=attention)


def contestant(module: nn.Module, predict: Callable[[], Tensor], target: Tensor, *, attention: int) -> Contestant:
    """Weigh a network.

    Args:
        module: the network.
        predict: answers for all clips at once.
        target: what the answer is compared with.
        attention: operations inside attention in one answer.

    Returns:
        The contestant, its operations counted in a first answer.
    """
    return Contestant(
        module=module,
        predict=predict,
        target=target,
        num_parameters=sum(weight.numel() for weight in module.parameters()),
        forward_flops=_linear_flops(module, predict) + attention,
    )


def attention_flops(num_queries: int, num_keys: int, width: int) -> int:
    """Count QKᵀ and the mixing of values; `num_keys` is what each query meets, `width` that of all heads together."""
    return 4 * num_queries * num_keys * width


def seeded(build: Callable[[], nn.Module]) -> nn.Module:
    """Build from a fixed seed; weights that start at zero are drawn too, so that no product meets only zeros."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive("speed"))
        module = build()
        for weight in module.parameters():
            if not weight.any():
                nn.init.normal_(weight, std=0.02)
    return module


def gradient_step(network: Contestant) -> Callable[[], None]:
    """Make a step that answers, goes back to the gradients of all weights, and drops them."""

    def step() -> None:
        (network.predict() - network.target).square().mean().backward()
        for weight in network.module.parameters():
            weight.grad = None

    return step


def race(steps: Mapping[str, Callable[[], Any]], *, timed: int) -> dict[str, float]:
    """Time steps in turn, so that a busy moment hits all alike.

    Args:
        steps: what to time, by name.
        timed: how often, after warming up.

    Returns:
        Median seconds of each.
    """
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for number in range(WARM + timed):
        for name, step in steps.items():
            start = time.perf_counter()
            step()
            if number >= WARM:
                seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in seconds.items()}


def use_all_cores() -> None:
    """Let torch compute with as many threads as there are cores."""
    torch.set_num_threads(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


def why_no_dtype(dtype: str, *, is_full: bool) -> str | None:
    """Say why an arithmetic type is not measured on this processor; None where it is."""
    if dtype == "bf16" and pick_dtype() != torch.bfloat16 and not is_full:
        return "this processor only imitates bfloat16, which takes minutes a step; --full measures it"
    return None


def described(mode: str, num_clips: int) -> dict[str, Any]:
    """Describe the work for a reading's settings."""
    return {
        "clips": num_clips,
        "tokens": num_clips * GRID.num_tokens,
        "text_tokens": TEXT_TOKENS,
        "timed": TIMED[mode],
        "threads": torch.get_num_threads(),
    }


@torch.no_grad()
def _linear_flops(module: nn.Module, predict: Callable[[], Tensor]) -> int:
    """Count the multiplications with weights of one answer, by looking at every linear layer as it runs."""
    counts: list[int] = []

    def count(layer: nn.Module, _: Any, output: Tensor) -> None:
        assert isinstance(layer.weight, Tensor)
        counts.append(2 * output.numel() * layer.weight[0].numel())

    layers = [layer for layer in module.modules() if isinstance(layer, nn.Linear | nn.Conv3d)]
    hooks = [layer.register_forward_hook(count) for layer in layers]
    predict()
    for hook in hooks:
        hook.remove()
    return sum(counts)


def _as_tokens(latents: Float[Tensor, "b c t h w"]) -> Float[Tensor, "n c"]:
    return rearrange(latents, "b c t h w -> (b t h w) c").contiguous()
