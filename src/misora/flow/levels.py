"""Every token has its own noise level: the global time, but never above the level the token starts at."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor


def token_levels(
    times: Float[Tensor, " n"], start: Float[Tensor, " n"], *, is_held: Bool[Tensor, " n"] | None = None
) -> Float[Tensor, " n"]:
    """Levels at which tokens stand while the global time passes.

        level = min(u, s)                                                                   (2)

    A token with start 1 is unknown and follows the time; with start 0 it is known exactly and never moves; between,
    it waits at its start until the time has come down to it, so it is kept roughly (as in SDEdit). A token that is held
    stays at its start to the end: context with its noise.

    Args:
        times: u, global time of the clip to which each token belongs, in [0, 1]; 1 is noise.
        start: s, level from which each token sets out, in [0, 1].
        is_held: tokens that stay there; none when not given.

    Returns:
        The level of each token, in [0, 1].

    Source: levels per token: Chen et al. 2024, arXiv:2407.01392; partial starts: Meng et al. 2021, arXiv:2108.01073.
    """
    levels = torch.minimum(times, start)
    return levels if is_held is None else torch.where(is_held, start, levels)
