"""Closeness of a video to a script."""

import pytest

from misora.core.errors import UsageError
from misora.evaluate.cases import Wanted, film_cases
from misora.evaluate.closeness import GRADED, closeness, grades
from misora.evaluate.judge import Judge
from misora.model.bundle import Model
from misora.worlds.grammar import FIRST
from misora.worlds.wrong import wrong


def test_a_film_is_close_to_its_script_and_less_so_to_one_that_is_wrong(untrained: Model, judge: Judge) -> None:
    for case in film_cases(Wanted(name="closeness", num=2, seed=0, split="held_out"), untrained.limits, FIRST):
        seen = judge.observe(case.clip)
        own = grades(judge, seen, case.script)
        assert tuple(own) == GRADED
        assert closeness(own) > 0.9
        for name in GRADED:
            try:
                other = wrong(case.script, name, seed=1)
            except UsageError:
                continue
            found = grades(judge, seen, other)
            assert found[name] < own[name] - 0.2
            assert closeness(found) < closeness(own)
            assert closeness(found, [name]) == found[name]


def test_what_is_not_seen_has_no_colour_shape_or_motion(untrained: Model, judge: Judge) -> None:
    [case] = film_cases(Wanted(name="closeness", num=1, seed=0, split="held_out"), untrained.limits, FIRST)
    blank = case.clip.frames.new_full(case.clip.frames.shape, 128)
    found = grades(judge, judge.observe(type(case.clip).at_rate(blank, 8.0)), case.script)
    assert found["colour"] == found["shape"] == found["motion"] == 0.0
    assert found["count"] == pytest.approx(1 / (1 + len(case.script.shots[0].things)))
