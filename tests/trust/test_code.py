"""Thirty-two bits as ninety-six signs, read back through noise."""

import numpy as np
import pytest

from misora.core.errors import UsageError
from misora.trust.code import NUM_SIGNS, decode_id, encode_id


def test_every_id_comes_back() -> None:
    rng = np.random.default_rng(0)
    for mark_id in [0, 1, 2**31, 2**32 - 1, *rng.integers(0, 2**32, 20).tolist()]:
        assert decode_id(encode_id(mark_id).astype(np.float32)) == mark_id


@pytest.mark.parametrize("bit", [0, 7, 31])
def test_ids_that_differ_in_a_bit_differ_in_eighteen_signs(bit: int) -> None:
    assert int((encode_id(0) != encode_id(1 << bit)).sum()) == 18


def test_an_id_survives_eight_wrong_signs_wherever_they_are() -> None:
    rng = np.random.default_rng(1)  # half of eighteen, less one
    for mark_id in rng.integers(0, 2**32, 20).tolist():
        signs = encode_id(mark_id).astype(np.float32)
        signs[rng.choice(NUM_SIGNS, 8, replace=False)] *= -1
        assert decode_id(signs) == mark_id


def test_signs_read_unsurely_count_less() -> None:
    signs = encode_id(0x1234ABCD).astype(np.float32)
    signs[::3] *= -0.1  # a third wrong, all of them faint
    assert decode_id(signs) == 0x1234ABCD


@pytest.mark.parametrize("mark_id", [-1, 2**32])
def test_an_id_of_more_bits_is_refused(mark_id: int) -> None:
    with pytest.raises(UsageError, match="32 bits"):
        encode_id(mark_id)
