"""Recipes state what they are."""

import pytest

from misora.train.recipes import RECIPES


@pytest.mark.parametrize("name", list(RECIPES))
def test_a_recipe_names_itself_its_command_hardware_and_score(name: str) -> None:
    words = RECIPES[name].__doc__ or ""
    assert f"misora train {name}" in words
    assert "Hardware:" in words
    assert "Score:" in words
    assert RECIPES[name]().settings.recipe == name
