"""One dial gives all sizes."""

import pytest

from misora.model.dial import TransformerSize, size_for


@pytest.mark.parametrize(("depth", "width"), [(1, 64), (2, 128), (6, 320), (12, 640), (24, 1344)])
def test_width_is_56_times_the_depth_in_whole_heads(depth: int, width: int) -> None:
    size = size_for(depth)
    assert (size.width, size.hidden, size.num_heads) == (width, 4 * width, width // 64)


def test_a_width_that_cuts_a_head_is_refused() -> None:
    with pytest.raises(ValueError, match="multiple of 64, got 100"):
        TransformerSize(width=100)
