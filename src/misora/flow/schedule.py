"""Which times are trained, and which are visited when sampling.

Shifting by a factor s and adding log s to the logit of the time are the same thing, so in training `mean` and `shift`
say one thing twice: logit(u) is normal with mean `mean + log(shift)`. Both are kept because the shift follows from
the number of unknown tokens, and the mean does not. Papers that let 0 be noise (JiT: mean -0.8) have the opposite sign.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor


def shift_time(times: Float[Tensor, "*k"], *, shift: float) -> Float[Tensor, "*k"]:
    """Move times towards noise (shift > 1) or towards data (shift < 1); 0 and 1 stay.

        u' = s u / (1 + (s - 1) u),    or    logit(u') = logit(u) + log s                   (3)

    Args:
        times: u, in [0, 1]; 1 is noise.
        shift: s, above 0; 1 changes nothing.

    Returns:
        u', in [0, 1].

    Raises:
        ValueError: if `shift` is not above 0.

    Source: Esser et al. 2024, arXiv:2403.03206, eq. 23.
    """
    if not shift > 0:
        raise ValueError(f"shift must be above 0, got {shift}; 1 leaves times as they are")
    return shift * times / (1 + (shift - 1) * times)


def shift_for(num_unknown: int, *, base_shift: float = 3.0, base_tokens: int = 64) -> float:
    """Shift that gives canvases of different size the same uncertainty at the same time.

        s = s_0 sqrt(n / n_0)                                                               (4)

    More tokens tell more about what they share (the floor's colour), so the same noise hides less of it.

    Args:
        num_unknown: n, tokens that are not known exactly.
        base_shift: s_0, the shift found good at `base_tokens`.
        base_tokens: n_0.

    Returns:
        The shift, at least 1.

    Raises:
        ValueError: if `num_unknown` is negative.

    Source: Esser et al. 2024, arXiv:2403.03206, section 5.3.2; the base comes from our own trial at 64 tokens.
    """
    if num_unknown < 0:
        raise ValueError(f"num_unknown must not be negative, got {num_unknown}")
    return max(1.0, base_shift * math.sqrt(num_unknown / base_tokens))


def draw_times(
    num: int, *, generator: torch.Generator, mean: float = 1.0, sigma: float = 1.2, shift: float = 1.0
) -> Float[Tensor, " num"]:
    """Draw training times from a shifted logit-normal distribution.

        u = sigmoid(mean + sigma e),  e ~ N(0, 1),  then (3)                                (5)

    Args:
        num: how many.
        generator: source of e; the draws depend on nothing else.
        mean: centre in logits; above 0 leans towards noise, and 1.0 puts the median at time 0.73.
        sigma: width in logits, above 0.
        shift: s of (3).

    Returns:
        Times in (0, 1), 1 is noise.

    Source: Esser et al. 2024, arXiv:2403.03206, eq. 19.
    """
    logits = mean + sigma * torch.randn(num, generator=generator, device=generator.device)
    return shift_time(torch.sigmoid(logits), shift=shift)


def sampling_times(steps: int, *, shift: float = 1.0, begin: float = 1.0) -> Float[Tensor, " k"]:
    """Times to visit from noise to data: evenly spaced, then shifted.

    Args:
        steps: number of solver steps, at least 1.
        shift: s of (3); above 1 spends more steps near noise, where the composition is decided.
        begin: time at which the first token sets out, in (0, 1]; what is known roughly needs no time before that.

    Returns:
        `steps + 1` falling times, the first exactly `begin`, the last exactly 0, in float64.

    Raises:
        ValueError: if `steps` is below 1, or `begin` not within (0, 1].
    """
    if not 0 < begin <= 1:
        raise ValueError(f"sampling begins at a time above 0 and at most 1, got {begin}")
    if steps < 1:
        raise ValueError(f"sampling needs at least 1 step, got {steps}")
    even = begin / (shift - (shift - 1) * begin)  # (3) the other way round
    times = shift_time(torch.linspace(even, 0, steps + 1, dtype=torch.float64), shift=shift)
    times[0] = begin
    return times
