"""Guidance: walk further along the difference that a condition makes.

The velocity is affine in the clean prediction (equation 7), so guiding one guides the other to the same place.
"""

from collections.abc import Sequence

from jaxtyping import Float
from torch import Tensor


def guided(
    conditional: Float[Tensor, "n c"], unconditional: Float[Tensor, "n c"], scale: float | Float[Tensor, "n 1"]
) -> Float[Tensor, "n c"]:
    """Clean predictions or velocities, drawn `scale` times as far towards the condition.

        g = e_0 + w (e_1 - e_0)                                                             (8)

    Args:
        conditional: e_1, prediction with the condition.
        unconditional: e_0, prediction without it, or with what is to be avoided.
        scale: w; 0 ignores the condition, 1 is the plain conditional prediction, above 1 exaggerates;
            one for all tokens, or one each.

    Returns:
        g.

    Source: Ho & Salimans 2022, arXiv:2207.12598, eq. 6, with w counted from the unconditional.
    """
    return unconditional + scale * (conditional - unconditional)


def guided_in_turn(predictions: Sequence[Float[Tensor, "n c"]], scales: Sequence[float]) -> Float[Tensor, "n c"]:
    """Guidance with a scale for each condition (pins, lines), added one after the other.

        g = e_0 + sum over i of w_i (e_i - e_(i-1))                                         (9)

    Args:
        predictions: e_0 without any condition, e_1 with the first, e_2 with the first and second, and so on.
        scales: w_1, w_2, ...: one for each condition.

    Returns:
        g.

    Raises:
        ValueError: if there is not one more prediction than there are scales.

    Source: Brooks et al. 2022, arXiv:2211.09800, eq. 3.
    """
    if len(predictions) != len(scales) + 1:
        raise ValueError(
            f"{len(scales)} scales need {len(scales) + 1} predictions (one without any condition, then one more "
            f"condition each), got {len(predictions)}"
        )
    result = predictions[0]
    for before, after, scale in zip(predictions[:-1], predictions[1:], scales, strict=True):
        result = result + scale * (after - before)
    return result
