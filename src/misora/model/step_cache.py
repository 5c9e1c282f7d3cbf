"""Step caching: from one sampling step to the next the later blocks often add nearly the same; then it is added again.

The first block always runs. While what it adds has changed little since all blocks ran last, the others are left out and what
they added then stands in for them. Published as TeaCache (Liu et al. 2024, arXiv:2411.19108); the first block as the gauge
follows ParaAttention's first-block cache.
"""

from __future__ import annotations

from collections.abc import Callable

from jaxtyping import Float
from torch import Tensor


class StepCache:
    """What the blocks of one pack added when all of them ran last."""

    def __init__(self, *, tolerance: float) -> None:
        """Start empty.

        Args:
            tolerance: change of what the first block adds, relative to it, up to which the others are left out; 0 never
                leaves anything out.
        """
        self.tolerance = tolerance
        self.num_run = self.num_reused = 0
        self._gauge: Tensor | None = None
        self._added: Tensor | None = None

    def rest(
        self,
        before: Float[Tensor, "n d"],
        after_first: Float[Tensor, "n d"],
        others: Callable[[Float[Tensor, "n d"]], Float[Tensor, "n d"]],
    ) -> Float[Tensor, "n d"]:
        """Run the blocks after the first, or stand in for them.

        Args:
            before: tokens before the first block.
            after_first: tokens after it.
            others: all later blocks.

        Returns:
            Tokens after the last block.
        """
        gauge = after_first - before
        if self._gauge is not None and self._added is not None and self._is_near(gauge, self._gauge):
            self.num_reused += 1
            return after_first + self._added
        after_last = others(after_first)
        self.num_run += 1
        self._gauge, self._added = gauge, after_last - after_first
        return after_last

    def _is_near(self, gauge: Tensor, last: Tensor) -> bool:
        return bool((gauge - last).abs().mean() < self.tolerance * last.abs().mean())
