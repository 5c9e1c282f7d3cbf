"""A mark's 32 bits as 96 signs that forgive errors: a tail-biting convolutional code, read softly.

Rate 1/3, memory 8, generators 557, 663, 711 (octal), of free distance 18: three times the signs of the bits, and a single
sign says little, but paths that differ in one bit differ in about eighteen signs. Repeating each bit three times would
differ in three. Tail-biting (the register starts with the last bits) spends no signs on a tail.

Source: Ma and Wolf 1986, "On tail biting convolutional codes"; generators from Larsen 1973.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from jaxtyping import Float32, Int8

from misora.core.errors import UsageError

NUM_BITS = 32
NUM_SIGNS = 3 * NUM_BITS
_MEMORY = 8
_STATES = 1 << _MEMORY
_GENERATORS = (0o557, 0o663, 0o711)


def encode_id(mark_id: int) -> Int8[np.ndarray, "96"]:
    """Spread an id over signs.

    Args:
        mark_id: 0 to 2**32 - 1.

    Returns:
        +1 and -1.

    Raises:
        UsageError: if the id needs more than 32 bits.
    """
    if not 0 <= mark_id < 1 << NUM_BITS:
        raise UsageError(f"a mark's id has {NUM_BITS} bits, got {mark_id}; draw one with secrets.randbits({NUM_BITS})")
    bits = [mark_id >> (NUM_BITS - 1 - index) & 1 for index in range(NUM_BITS)]
    state, signs = _register(bits[-_MEMORY:]), []
    for bit in bits:
        signs.append(_signs()[bit << _MEMORY | state])
        state = _after(state, bit)
    return np.concatenate(signs)


def decode_id(soft: Float32[np.ndarray, "96"]) -> int:
    """Find the id whose signs agree best with what was read.

    Args:
        soft: for each sign how surely it is +1; only relative sizes count.

    Returns:
        The id; for noise, any id.
    """
    gains = soft.reshape(NUM_BITS, 3) @ _signs().T.astype(np.float32)
    turns = np.concatenate([gains, gains])  # twice around: by the second turn the start no longer matters
    score = np.zeros(_STATES, dtype=np.float32)
    choices = []
    for gain in turns:
        both = score[_before()] + gain[_edges()]
        choice = both.argmax(axis=1)
        score = both[np.arange(_STATES), choice]
        choices.append(choice)
    return _traced_back(int(score.argmax()), choices)


def _traced_back(state: int, choices: list[np.ndarray]) -> int:
    """Follow the best path backwards; its last turn holds the bits, after a margin in which paths have merged."""
    bits: list[int] = []
    for choice in reversed(choices):
        bits.append(state >> (_MEMORY - 1))
        state = int(_before()[state, choice[state]])
    turn = bits[::-1]
    middle = turn[NUM_BITS // 2 : NUM_BITS // 2 + NUM_BITS]  # starts half a turn in
    ordered = middle[NUM_BITS // 2 :] + middle[: NUM_BITS // 2]
    return int("".join(map(str, ordered)), 2)


def _register(bits: list[int]) -> int:
    """The state after these bits, the newest in the highest place."""
    state = 0
    for bit in bits:
        state = _after(state, bit)
    return state


def _after(state: int, bit: int) -> int:
    return bit << (_MEMORY - 1) | state >> 1


@cache
def _signs() -> Int8[np.ndarray, "512 3"]:
    """The three signs of every content of the register, the newest bit highest."""
    words = np.arange(2 * _STATES)
    parity = [[int(word & generator).bit_count() & 1 for generator in _GENERATORS] for word in words]
    return (2 * np.array(parity) - 1).astype(np.int8)


@cache
def _before() -> np.ndarray:
    """For each state the two that lead to it."""
    states = np.arange(_STATES)
    return np.stack([(states << 1 & (_STATES - 1)) | lost for lost in (0, 1)], axis=1)


@cache
def _edges() -> np.ndarray:
    """For each state and each of the two before it the content of the register in between."""
    return (np.arange(_STATES)[:, None] >> (_MEMORY - 1) << _MEMORY) | _before()
