"""Clips in tokens."""

import pytest

from misora.model.grid import Grid, grid_for


def test_two_seconds_of_96_px_are_144_tokens() -> None:
    grid = grid_for(16, width_px=96, height_px=96, fps=8)
    assert (grid.groups, grid.rows, grid.columns, grid.seconds_per_group) == (4, 6, 6, 0.5)
    assert grid.num_tokens == 144


def test_the_last_group_may_overhang() -> None:
    assert grid_for(17, width_px=96, height_px=96, fps=8).groups == 5


def test_one_frame_is_a_still_without_a_clock() -> None:
    assert grid_for(1, width_px=128, height_px=96, fps=8) == Grid(groups=1, rows=6, columns=8, seconds_per_group=0.0)


def test_a_size_off_the_grid_is_refused_with_the_next_that_fit() -> None:
    with pytest.raises(ValueError, match="width 100 px is not a multiple of 16; take 96 or 112"):
        grid_for(16, width_px=100, height_px=96, fps=8)


def test_cards_add_latent_frames_at_their_own_times() -> None:
    grid = Grid(groups=2, rows=2, columns=3, seconds_per_group=0.5, cards_seconds=(0.9,))
    assert (grid.num_clip_tokens, grid.num_tokens, grid.shape) == (12, 18, (3, 2, 3))
    assert grid.latent_frame_seconds == (0.25, 0.75, 0.9)
