"""Randomness is an argument: every draw comes from a seed derived from what it is for."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import torch


def derive(*parts: int | str) -> int:
    """Derive one seed from the things that name a draw, such as `derive(seed, "noise", step)`.

    The order and the kind of the parts count: `derive(1, 2)`, `derive(2, 1)` and `derive("1", 2)` differ.

    Args:
        *parts: whole numbers and words that together name the draw.

    Returns:
        A seed in [0, 2**63), the same on every platform and in every version.

    Raises:
        TypeError: if a part is neither an int nor a str.
    """
    digest = hashlib.blake2b(digest_size=8)
    for part in parts:
        if isinstance(part, bool) or not isinstance(part, int | str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"a seed is derived from int and str, got {part!r} of type {type(part).__name__}")
        text = f"{'i' if isinstance(part, int) else 's'}{part}".encode()
        digest.update(len(text).to_bytes(8, "little") + text)
    return int.from_bytes(digest.digest(), "little") >> 1


def generator(*parts: int | str) -> torch.Generator:
    """Make a CPU generator of torch for one draw.

    Args:
        *parts: whole numbers and words that together name the draw.

    Returns:
        A generator seeded with `derive(*parts)`.
    """
    import torch

    return torch.Generator().manual_seed(derive(*parts))


def numpy_rng(*parts: int | str) -> np.random.Generator:
    """Make a generator of numpy for one draw.

    Args:
        *parts: whole numbers and words that together name the draw.

    Returns:
        A PCG64 generator seeded with `derive(*parts)`.
    """
    import numpy as np

    return np.random.Generator(np.random.PCG64(derive(*parts)))
