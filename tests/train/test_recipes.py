"""Recipes state what they are."""

from dataclasses import fields

import pytest
import torch

from misora.model.grid import Grid, grid_for
from misora.model.sequence import lay_out
from misora.train.patterns import draw_starts
from misora.train.recipes import RECIPES, taught_by, transformer_nano, transformer_wide


@pytest.mark.parametrize("name", list(RECIPES))
def test_a_recipe_names_itself_its_command_hardware_and_score(name: str) -> None:
    words = RECIPES[name].__doc__ or ""
    assert f"misora train {name}" in words
    assert "Hardware:" in words
    assert "Score:" in words
    assert RECIPES[name]().settings.recipe == name


def test_the_wide_recipe_knows_every_pattern_and_mostly_nothing() -> None:
    wide = transformer_wide()
    grid = Grid(groups=6, rows=4, columns=4, seconds_per_group=0.5)
    sequence = lay_out([grid] * 1000, [()] * 1000)
    draws = torch.Generator().manual_seed(0)
    starts = draw_starts(sequence, wide.noise.patterns, draws=draws, forgotten=wide.noise.unpinned_share)
    levels = starts.levels.view(1000, -1)
    knows_nothing = (levels == 1).all(1).float().mean().item()
    has_card = wide.plan.card_share * (1 - wide.plan.mirror_share) * (1 - wide.noise.unpinned_share)
    assert 0.5 < knows_nothing * (1 - has_card) < 0.61  # of 0.555, with 3.5 standard deviations of 1,000 draws
    assert min(getattr(wide.noise.patterns, spec.name) for spec in fields(wide.noise.patterns)) >= 0.04
    assert starts.is_held.any()
    assert wide.plan.has_controls
    assert min(wide.noise.silent_share, wide.noise.unpinned_share, wide.noise.camera_share, wide.noise.track_share) > 0


def test_the_wide_model_is_asked_for_what_it_was_shown() -> None:
    limits = transformer_wide().limits
    assert (limits.default_size, limits.default_seconds, limits.default_fps) == ((96, 96), 2.0, 12.0)
    longest = grid_for(48, width_px=160, height_px=96, fps=12)
    assert longest.num_tokens <= limits.max_tokens == transformer_wide().plan.max_clip_tokens


def test_a_model_says_what_it_was_taught() -> None:
    assert taught_by(transformer_nano()) == transformer_nano().limits.taught == ("ends", "groups", "rough")
    assert taught_by(transformer_wide())[-3:] == ("cards", "camera", "track")
    assert len(taught_by(transformer_wide())) == 10
