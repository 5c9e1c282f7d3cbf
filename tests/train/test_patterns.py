"""What is known in training."""

import torch

from misora.model.grid import Grid
from misora.model.sequence import lay_out
from misora.train.patterns import PatternShares, draw_starts

CLIP = Grid(groups=4, rows=1, columns=2, seconds_per_group=0.5)
STILL = Grid(groups=1, rows=1, columns=2, seconds_per_group=0.0)


def draw(shares: PatternShares, num_clips: int = 200) -> torch.Tensor:
    sequence = lay_out([CLIP] * num_clips, [()] * num_clips)
    starts = draw_starts(sequence, shares, draws=torch.Generator().manual_seed(0))
    return starts.view(num_clips, 4, 2)


def test_without_shares_nothing_is_known() -> None:
    assert draw(PatternShares(ends=0.0, groups=0.0, rough=0.0)).min() == 1


def test_known_ends_are_the_first_the_last_or_both() -> None:
    starts = draw(PatternShares(ends=1.0, groups=0.0, rough=0.0))
    assert torch.equal(starts[..., 0], starts[..., 1])
    kinds = {tuple(clip.tolist()) for clip in starts[..., 0]}
    assert kinds == {(0, 1, 1, 1), (1, 1, 1, 0), (0, 1, 1, 0)}


def test_rough_clips_stand_at_one_level_between() -> None:
    starts = draw(PatternShares(ends=0.0, groups=0.0, rough=1.0)).flatten(1)
    assert (starts == starts[:, :1]).all()
    assert 0.2 <= starts.min() < starts.max() <= 0.9


def test_half_of_the_groups_are_known() -> None:
    starts = draw(PatternShares(ends=0.0, groups=1.0, rough=0.0))[..., 0]
    assert (starts.sum(1) == 2).all()


def test_a_still_is_never_known() -> None:
    sequence = lay_out([STILL] * 50, [()] * 50)
    shares = PatternShares(ends=0.5, groups=0.5, rough=0.0)
    assert draw_starts(sequence, shares, draws=torch.Generator().manual_seed(0)).min() == 1
