"""Solvers of dz/du = v(z, u) from noise to data, in which each token moves between levels of its own.

From time u_k to u_(k+1) a token with start s moves by h = min(u_(k+1), s) - min(u_k, s): known tokens never move, and
partly known ones wait until the time has come down to their start.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor

from misora.core.errors import NumericsError
from misora.flow.levels import token_levels

Velocity = Callable[[Tensor, float], Tensor]
"""From tokens `n c` and the global time to dz/du, `n c`."""

MAX_STEP_RATIO = 3.0
"""Longest step, in lengths of the one before, across which a velocity is extrapolated.

A token that set out just before the end of a step would otherwise multiply the noise of a tiny difference.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SolverStep:
    """A finished step, for progress and previews.

    Attributes:
        number: 1 for the first.
        num_steps: how many there are in all.
        time: global time reached.
        tokens: the tokens at that time.
    """

    number: int
    num_steps: int
    time: float
    tokens: Float[Tensor, "n c"]


OnStep = Callable[[SolverStep], None]


def euler(
    velocity: Velocity,
    noisy: Float[Tensor, "n c"],
    times: Float[Tensor, " k"],
    *,
    start: Float[Tensor, " n"] | None = None,
    on_step: OnStep | None = None,
) -> Float[Tensor, "n c"]:
    """Follow the velocity by straight steps; the error halves when steps double.

        z_(k+1) = z_k + h_k v_k                                                             (10)

    Args:
        velocity: v, called once a step with the tokens and the global time.
        noisy: tokens at their starting levels.
        times: falling global times, as `sampling_times` gives them.
        start: starting level of each token; all 1 where left out.
        on_step: called after every step; it may raise to stop.

    Returns:
        Tokens at the last time.

    Raises:
        NumericsError: if a step meets a number that is not finite; the message names the step.
    """
    tokens = noisy
    for number, (time, length) in enumerate(_steps(noisy, times, start), 1):
        slope = _checked(velocity(tokens, time), number=number, times=times)
        tokens = tokens + length * slope
        _report(on_step, number=number, times=times, tokens=tokens)
    return tokens


def multistep(
    velocity: Velocity,
    noisy: Float[Tensor, "n c"],
    times: Float[Tensor, " k"],
    *,
    start: Float[Tensor, " n"] | None = None,
    on_step: OnStep | None = None,
) -> Float[Tensor, "n c"]:
    """Second order at the price of Euler: the error falls to a quarter when steps double.

        z_(k+1) = z_k + h_k (v_k + r_k / 2 (v_k - v_(k-1))),    r_k = h_k / h_(k-1)         (11)

    The velocity in the middle of a step is extrapolated from the step before. A token's first step is Euler's.

    Args:
        velocity: v, called once a step with the tokens and the global time.
        noisy: tokens at their starting levels.
        times: falling global times, as `sampling_times` gives them.
        start: starting level of each token; all 1 where left out.
        on_step: called after every step; it may raise to stop.

    Returns:
        Tokens at the last time.

    Raises:
        NumericsError: if a step meets a number that is not finite; the message names the step.

    Source: Adams-Bashforth with variable steps: Hairer, Norsett & Wanner 1993, Solving ODEs I, section III.5.
    """
    tokens = noisy
    before, length_before = torch.zeros_like(noisy), noisy.new_zeros(len(noisy), 1)
    for number, (time, length) in enumerate(_steps(noisy, times, start), 1):
        slope = _checked(velocity(tokens, time), number=number, times=times)
        ratio = (length / length_before.masked_fill(length_before == 0, -torch.inf)).clamp(max=MAX_STEP_RATIO)
        tokens = tokens + length * (slope + ratio / 2 * (slope - before))
        before, length_before = slope, length
        _report(on_step, number=number, times=times, tokens=tokens)
    return tokens


def _steps(noisy: Tensor, times: Tensor, start: Tensor | None) -> Iterator[tuple[float, Tensor]]:
    """Time at which each step begins, and each token's change of level in it, `n 1`."""
    if start is None:
        start = noisy.new_ones(len(noisy))
    for time, next_time in pairwise(times.tolist()):
        now, then = (
            token_levels(torch.full_like(start, u, dtype=torch.float64), start.double()) for u in (time, next_time)
        )
        yield time, rearrange(then - now, "n -> n 1").to(noisy.dtype)


def _checked(slope: Tensor, *, number: int, times: Tensor) -> Tensor:
    """The slope itself, if it is finite everywhere."""
    if not torch.isfinite(slope).all():
        raise NumericsError(
            f"a number that is not finite appeared in sampling step {number} of {len(times) - 1} "
            f"(time {times[number - 1].item():.3f}); lower the guidance, or check the weights"
        )
    return slope


def _report(on_step: OnStep | None, *, number: int, times: Tensor, tokens: Tensor) -> None:
    """Tell the caller that a step is done."""
    if on_step is not None:
        step = SolverStep(number=number, num_steps=len(times) - 1, time=times[number].item(), tokens=tokens)
        on_step(step)
