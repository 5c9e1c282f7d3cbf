"""The straight path between data and noise (rectified flow), walked by each token at its own level."""

from einops import rearrange
from jaxtyping import Float
from torch import Tensor


def interpolate(
    clean: Float[Tensor, "n c"], noise: Float[Tensor, "n c"], levels: Float[Tensor, " n"]
) -> Float[Tensor, "n c"]:
    """Point at `levels` on the straight lines from data to noise.

        z = (1 - level) * x + level * e                                                     (1)

    Args:
        clean: x, clean tokens, about unit variance per channel.
        noise: e, standard normal draws.
        levels: position of each token on its line, unitless in [0, 1]; 0 is data, 1 is noise.

    Returns:
        z, in the dtype of `clean`.

    Source: Lipman et al. 2022, arXiv:2210.02747; Liu et al. 2022, arXiv:2209.03003; with time reversed, and a level
        per token as in Chen et al. 2024, arXiv:2407.01392.
    """
    level = rearrange(levels, "n -> n 1").to(clean.dtype)
    return (1 - level) * clean + level * noise
