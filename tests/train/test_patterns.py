"""What is known in training."""

from dataclasses import fields

import pytest
import torch

from misora.model.grid import Grid
from misora.model.sequence import lay_out
from misora.train.patterns import MOST_HELD_LEVEL, PatternShares, Starts, draw_starts

CLIP = Grid(groups=4, rows=4, columns=6, seconds_per_group=0.5)
STILL = Grid(groups=1, rows=4, columns=6, seconds_per_group=0.0)
NONE = PatternShares(**dict.fromkeys((spec.name for spec in fields(PatternShares)), 0.0))


def draw(name: str, grid: Grid = CLIP, num_clips: int = 200) -> Starts:
    shares = PatternShares(**{spec.name: float(spec.name == name) for spec in fields(PatternShares)})
    sequence = lay_out([grid] * num_clips, [()] * num_clips)
    return draw_starts(sequence, shares, draws=torch.Generator().manual_seed(0))


def levels(name: str, grid: Grid = CLIP) -> torch.Tensor:
    return draw(name, grid).levels.view(-1, grid.groups, grid.rows, grid.columns)


def test_without_shares_nothing_is_known() -> None:
    starts = draw_starts(lay_out([CLIP] * 20, [()] * 20), NONE, draws=torch.Generator().manual_seed(0))
    assert starts.levels.min() == 1
    assert not starts.is_held.any()


@pytest.mark.parametrize("name", ["ends", "middle", "groups", "rough", "rising", "held"])
def test_all_tokens_of_a_latent_frame_start_alike(name: str) -> None:
    starts = levels(name)
    assert (starts == starts[..., :1, :1]).all()


def test_known_ends_are_the_first_the_last_or_both() -> None:
    assert {tuple(clip.tolist()) for clip in levels("ends")[..., 0, 0]} == {(0, 1, 1, 1), (1, 1, 1, 0), (0, 1, 1, 0)}


def test_one_or_half_of_the_latent_frames_are_known() -> None:
    assert (levels("middle")[..., 0, 0].sum(1) == 3).all()
    assert (levels("groups")[..., 0, 0].sum(1) == 2).all()


def test_a_box_is_unknown_or_all_but_it() -> None:
    starts = levels("box")
    assert set(starts.unique().tolist()) == {0.0, 1.0}
    share = (starts == 0).float().mean((1, 2, 3))
    assert share.min() < 0.4
    assert share.max() > 0.6
    assert all(any(_is_box(clip == value) for value in (0, 1)) for clip in starts)


def _is_box(inside: torch.Tensor) -> bool:
    places = inside.nonzero()
    return len(places) == int((places.amax(0) - places.amin(0) + 1).prod())


def test_rough_clips_stand_between_and_some_change_over_time() -> None:
    starts = levels("rough")[..., 0, 0]
    assert 0.2 <= starts.min() < starts.max() <= 0.9
    assert 0 < (starts[:, 0] != starts[:, -1]).float().mean() < 1


def test_noise_rises_to_an_unknown_end() -> None:
    starts = levels("rising")[..., 0, 0]
    assert (starts.diff(dim=1) > 0).all()
    assert (starts[:, -1] == 1).all()


def test_context_is_held_and_the_rest_is_unknown() -> None:
    starts = draw("held")
    assert (starts.is_held == (starts.levels < 1)).all()
    assert starts.levels[starts.is_held].max() <= MOST_HELD_LEVEL
    per_clip = starts.is_held.view(200, -1).float().mean(1)
    assert 0 < per_clip.min() < per_clip.max() < 1


@pytest.mark.parametrize("name", ["ends", "middle", "groups", "rising", "held"])
def test_a_still_has_no_time_to_be_known_in(name: str) -> None:
    assert levels(name, STILL).min() == 1


@pytest.mark.parametrize("name", ["box", "rough"])
def test_a_still_is_known_in_part_or_roughly(name: str) -> None:
    assert levels(name, STILL).min() < 1


def test_shares_above_one_are_refused() -> None:
    with pytest.raises(ValueError, match="shares of one"):
        PatternShares(ends=0.9, groups=0.9)


def test_cards_are_always_known_and_patterns_concern_the_clip() -> None:
    grid = Grid(groups=2, rows=4, columns=6, seconds_per_group=0.5, cards_seconds=(0.6, 0.9))
    starts = draw("rough", grid).levels.view(-1, 4, 24)
    assert (starts[:, 2:] == 0).all()
    assert starts[:, :2].min() >= 0.2


def test_a_clip_may_forget_all_that_it_knows_its_cards_included() -> None:
    grid = Grid(groups=2, rows=4, columns=6, seconds_per_group=0.5, cards_seconds=(0.6,))
    shares = PatternShares(ends=1.0, groups=0.0, rough=0.0)
    sequence = lay_out([grid] * 400, [()] * 400)
    starts = draw_starts(sequence, shares, draws=torch.Generator().manual_seed(0), forgotten=0.25)
    forgets = (starts.levels.view(400, -1) == 1).all(1)
    assert 0.18 < forgets.float().mean() < 0.32
    assert (starts.levels.view(400, 3, 24)[~forgets][:, 2] == 0).all()
