from dataclasses import replace

import pytest

from misora.core.errors import UsageError
from misora.worlds.grammar import FIRST, GRAMMARS, WIDE, grammar_named
from misora.worlds.script import CAMERAS, LIGHTS, MATERIALS, MAX_THINGS, MOTIONS


def test_the_wide_grammar_holds_all_that_scripts_can_say() -> None:
    assert set(WIDE.motions) == set(MOTIONS)
    assert {camera for camera, _ in WIDE.cameras} == set(CAMERAS)
    assert {light for light, _ in WIDE.lights} == set(LIGHTS)
    assert {material for material, _ in WIDE.materials} == set(MATERIALS)
    assert len(WIDE.things) == MAX_THINGS
    assert len(WIDE.lines) == 3


def test_the_first_grammar_is_part_of_the_wide_one() -> None:
    assert FIRST.motions == ("fall", "bounce", "roll", "slide", "collide")
    for name in ("cameras", "lights", "materials", "moves"):
        assert {kind for kind, _ in getattr(FIRST, name)} <= {kind for kind, _ in getattr(WIDE, name)}
    assert set(FIRST.registers) <= set(WIDE.registers)


def test_grammars_are_found_by_name() -> None:
    assert all(grammar_named(name) is grammar and grammar.name == name for name, grammar in GRAMMARS.items())
    with pytest.raises(UsageError, match="unknown grammar 'narrow'; expected one of first, wide"):
        grammar_named("narrow")


def test_shares_that_do_not_add_up_and_unknown_kinds_are_refused() -> None:
    with pytest.raises(UsageError, match=r"Grammar.things: shares must add up to 1, got 0.9"):
        replace(FIRST, things=(0.5, 0.4))
    with pytest.raises(UsageError, match=r"Grammar.cameras names 'drone'"):
        replace(FIRST, cameras=(("drone", 1.0),))
    with pytest.raises(UsageError, match="at most 3 things"):
        replace(FIRST, things=(0.25, 0.25, 0.25, 0.25))
