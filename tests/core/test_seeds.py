import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from misora.core.seeds import derive, generator, numpy_rng

PARTS = st.lists(st.integers() | st.text(), max_size=4).map(tuple)


def test_seeds_never_change_between_versions() -> None:
    assert derive(0) == 6123453654292721103
    assert derive(7, "noise", 3) == 5737471262366150295


@given(PARTS, PARTS)
def test_other_parts_give_another_seed(one: tuple[int | str, ...], other: tuple[int | str, ...]) -> None:
    assert (derive(*one) == derive(*other)) == (one == other)
    assert 0 <= derive(*one) < 2**63


def test_where_a_word_ends_counts() -> None:
    assert len({derive("ab", "c"), derive("a", "bc"), derive("abc"), derive(1), derive("1")}) == 5


def test_generators_repeat_and_leave_global_randomness_alone() -> None:
    before = torch.get_rng_state()
    assert torch.equal(torch.randn(3, generator=generator(1, "a")), torch.randn(3, generator=generator(1, "a")))
    assert np.array_equal(numpy_rng(1, "a").random(3), numpy_rng(1, "a").random(3))
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize("part", [1.5, True, None])
def test_a_seed_from_anything_else_is_refused(part: object) -> None:
    with pytest.raises(Exception, match=r"int and str|violates|type"):
        derive(part)  # type: ignore[arg-type]
