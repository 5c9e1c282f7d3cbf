"""The visible mark."""

import pytest
import torch

from misora.trust.visible import VisibleMark


@pytest.mark.parametrize("size", [(96, 96), (256, 144), (64, 48), (16, 16)])
def test_the_mark_is_seen_on_light_and_dark(size: tuple[int, int]) -> None:
    for grey in (0, 128, 255):
        frames = torch.full((2, 3, size[1], size[0]), grey, dtype=torch.uint8)
        drawn = VisibleMark(fps=8).draw(frames)
        assert drawn.shape == frames.shape
        assert bool((frames == grey).all()), "the frames given are left as they are"
        assert (drawn.int() - grey).abs().max() > 60
        assert (drawn != grey).any(1).float().mean() < 0.5


def test_the_mark_drifts_over_the_whole_picture_and_goes_on_in_a_stream() -> None:
    frames = torch.zeros(60, 3, 48, 64, dtype=torch.uint8)
    whole, parts = VisibleMark(fps=1), VisibleMark(fps=1)
    drawn = whole.draw(frames)
    assert torch.equal(drawn, torch.cat([parts.draw(frames[:7]), parts.draw(frames[7:])]))
    rows, columns = (drawn > 0).any(1).any(0).any(1), (drawn > 0).any(1).any(0).any(0)
    assert rows.float().mean() > 0.85
    assert columns.float().mean() > 0.85
    step = (drawn[1:].int() - drawn[:-1].int()).abs().sum((1, 2, 3))
    assert (step > 0).float().mean() > 0.8
