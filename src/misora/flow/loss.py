"""The network predicts clean tokens; its loss is weighted as if it predicted velocity.

Following Li & He 2025 (JiT), arXiv:2511.13720; our change is the level per token, and that known tokens have no loss.
"""

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor


def velocity_loss(
    predicted_clean: Float[Tensor, "n c"],
    clean: Float[Tensor, "n c"],
    levels: Float[Tensor, " n"],
    floor: float = 0.05,
) -> Float[Tensor, ""]:
    """Mean squared error of velocity over the tokens that carry noise.

        L = mean over tokens with level > 0 and channels of ((x' - x) / max(level, floor))^2    (6)

    Args:
        predicted_clean: x', the network's answer.
        clean: x, the truth.
        levels: level of each token; tokens at level 0 are known and are left out.
        floor: least divisor, so that nearly clean tokens do not outweigh all others.

    Returns:
        The loss, in float32 or better; 0 when every token is known.

    Source: Li & He 2025, arXiv:2511.13720, eq. 6 and table 1 (x-prediction, v-loss).
    """
    precise = torch.promote_types(torch.float32, torch.promote_types(predicted_clean.dtype, clean.dtype))
    error = (predicted_clean.to(precise) - clean.to(precise)).square().mean(dim=1)
    weight = levels.to(precise).clamp(min=floor).pow(-2) * (levels > 0)
    return (error * weight).sum() / (levels > 0).sum().clamp(min=1)


def velocity_from_clean(
    noisy: Float[Tensor, "n c"], predicted_clean: Float[Tensor, "n c"], levels: Float[Tensor, " n"]
) -> Float[Tensor, "n c"]:
    """Velocity dz/du of path (1) that leads from the noisy tokens to the predicted clean ones.

        v = (z - x') / level,    0 where the level is 0                                     (7)

    Args:
        noisy: z, tokens at their levels.
        predicted_clean: x', the network's answer.
        levels: level of each token, in [0, 1].

    Returns:
        v, in the dtype of `noisy`.

    Source: Li & He 2025, arXiv:2511.13720, table 1.
    """
    level = rearrange(levels, "n -> n 1").to(noisy.dtype)
    is_known = level == 0
    velocity = (noisy - predicted_clean.to(noisy.dtype)) / level.masked_fill(is_known, 1.0)
    return velocity.masked_fill(is_known, 0.0)
