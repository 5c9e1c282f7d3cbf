import hashlib
import itertools
from collections import Counter

import numpy as np
import pytest

from misora.core.errors import UsageError
from misora.worlds.draw import can_film, can_relate, cut_frames, draw_script, draw_things
from misora.worlds.grammar import FIRST, WIDE
from misora.worlds.script import CLASHES, COLOURS, Script, held_out_flags


def test_the_same_seed_draws_the_same_script() -> None:
    assert draw_script(7, split="train") == draw_script(7, split="train")
    assert draw_script(7, split="train") != draw_script(8, split="train")


def test_splits_never_meet() -> None:
    for seed in range(60):
        assert not any(held_out_flags(draw_script(seed, split="train")))
        assert all(held_out_flags(draw_script(seed, split="held_out", num_lines=1)))
    for seed in range(5):
        assert all(held_out_flags(draw_script(seed, split="held_out", num_lines=2)))


def test_shares_are_as_meant() -> None:
    scripts = [draw_script(seed, split="any") for seed in range(600)]
    shots = [shot for script in scripts for shot in script.shots]
    lines = Counter(sum(len(shot.beats) for shot in script.shots) for script in scripts)
    assert lines[2] / len(scripts) == pytest.approx(0.25, abs=0.06)
    assert Counter(script.seconds for script in scripts)[2.0] / len(scripts) == pytest.approx(0.6, abs=0.07)
    assert Counter(script.fps for script in scripts)[8] / len(scripts) == pytest.approx(0.85, abs=0.06)
    assert Counter(len(shot.things) for shot in shots)[2] / len(shots) == pytest.approx(0.4, abs=0.06)
    assert Counter(shot.camera for shot in shots)["still"] / len(shots) == pytest.approx(0.6, abs=0.07)
    kinds = Counter(beat.kind for shot in shots for beat in shot.beats)
    assert min(kinds.values()) / sum(kinds.values()) > 0.1


def test_frames_come_in_groups_of_four_and_beats_fill_the_time() -> None:
    for seed in range(200):
        script = draw_script(seed, split="any")
        beats = [beat for shot in script.shots for beat in shot.beats]
        assert script.num_frames % 4 == 0
        assert beats[0].from_seconds == 0.0
        assert beats[-1].to_seconds == script.seconds
        assert all(a.to_seconds == b.from_seconds for a, b in itertools.pairwise(beats))
        assert all(round(beat.from_seconds * script.fps) % 4 == 0 for beat in beats)


def test_things_differ_in_colour_and_stand_out_from_the_floor() -> None:
    for seed in range(200):
        for shot in draw_script(seed, split="any").shots:
            colours = [thing.colour for thing in shot.things]
            assert len(set(colours)) == len(colours)
            assert not set(colours) & set(CLASHES[shot.floor])


def test_options_are_obeyed() -> None:
    script = draw_script(3, split="any", seconds=2.0, fps=12, size=(256, 128), num_lines=2)
    assert (script.seconds, script.fps, script.width_px, script.height_px) == (2.0, 12, 256, 128)
    assert sum(len(shot.beats) for shot in script.shots) == 2


def test_options_that_do_not_fit_are_refused() -> None:
    with pytest.raises(UsageError, match="expected one of train, held_out, any"):
        draw_script(0, split="test")
    with pytest.raises(UsageError, match=r"10.0 frames; take a multiple of 4"):
        draw_script(0, split="any", seconds=1.0, fps=10)
    with pytest.raises(UsageError, match="cannot hold 2 lines"):
        draw_script(0, split="any", seconds=1.0, num_lines=2)
    with pytest.raises(UsageError, match="one to three lines"):
        draw_script(0, split="any", num_lines=4)
    with pytest.raises(UsageError, match="cannot be cut into three lines"):
        draw_script(0, split="any", seconds=3.2, fps=10, num_lines=3)


def test_cuts_leave_a_second_on_both_sides() -> None:
    assert cut_frames(3.0, 8) == [8, 12, 16]
    assert cut_frames(3.0, 12) == [12, 16, 20, 24]


def test_drawn_things_have_known_colours() -> None:
    things = draw_things(np.random.default_rng(0), floor="green", num_things=2)
    assert {thing.colour for thing in things} <= set(COLOURS) - {"green"}


def told(script: Script) -> str:
    """All that the first playroom knew of a script."""
    shots = [
        (shot.floor, shot.light, shot.camera, shot.from_seconds, shot.to_seconds,
         [(t.shape, t.colour, t.size) for t in shot.things],
         [(b.kind, b.thing, b.direction, b.target, b.from_seconds, b.to_seconds) for b in shot.beats])
        for shot in script.shots
    ]  # fmt: skip
    clock = (script.seed, script.seconds, script.fps, script.width_px, script.height_px)
    return "".join(map(repr, shots)) + repr(clock)


@pytest.mark.parametrize(
    ("split", "digest"), [("train", "8b2ac9c15a088964"), ("held_out", "5ebd87279e3ed8a0"), ("any", "abb8141f1fa877f9")]
)
def test_the_first_grammar_draws_what_it_always_drew(split: str, digest: str) -> None:
    scripts = [draw_script(seed, split=split, grammar=FIRST) for seed in range(20)]
    assert hashlib.sha256("".join(map(told, scripts)).encode()).hexdigest()[:16] == digest
    things = [thing for script in scripts for shot in script.shots for thing in shot.things]
    assert {(thing.material, thing.paints) for thing in things} == {("matte", False)}
    assert {shot.relation for script in scripts for shot in script.shots} == {None}


@pytest.fixture(scope="module")
def wide() -> list[Script]:
    return [draw_script(seed, split="any", grammar=WIDE) for seed in range(900)]


def test_wide_shares_are_as_meant(wide: list[Script]) -> None:
    shots = [shot for script in wide for shot in script.shots]
    lines = Counter(sum(len(shot.beats) for shot in script.shots) for script in wide)
    assert lines[2] / len(wide) == pytest.approx(0.18, abs=0.04)
    assert lines[3] / len(wide) == pytest.approx(0.08, abs=0.03)
    assert Counter(script.fps for script in wide)[12] / len(wide) == pytest.approx(0.7, abs=0.05)
    assert len({(script.width_px, script.height_px) for script in wide}) == 6
    things = Counter(len(shot.things) for shot in shots)
    assert things[2] / len(shots) == pytest.approx(0.38, abs=0.05)
    assert things[3] / len(shots) == pytest.approx(0.12, abs=0.03)
    firsts = Counter(shot.beats[0].kind for shot in shots)
    assert all(0.07 < firsts[kind] / len(shots) < 0.13 for kind in ("topple", "swing", "spin"))
    relatable = [shot for shot in shots if can_relate(shot)]
    assert sum(shot.relation is not None for shot in relatable) / len(relatable) == pytest.approx(0.5, abs=0.1)


def test_wide_scripts_of_three_lines_give_each_a_second(wide: list[Script]) -> None:
    three = [script for script in wide if sum(len(shot.beats) for shot in script.shots) == 3]
    assert {len(script.shots) for script in three} == {1, 2, 3}
    for script in three:
        beats = [beat for shot in script.shots for beat in shot.beats]
        assert (script.seconds, beats[-1].to_seconds) == (4.0, 4.0)
        assert all(beat.to_seconds - beat.from_seconds > 0.999 for beat in beats)
        assert all(round(beat.from_seconds * script.fps, 6) % 4 == 0 for beat in beats)


def test_wide_splits_never_meet() -> None:
    for seed in range(25):
        assert not any(held_out_flags(draw_script(seed, split="train", grammar=WIDE)))
        assert all(held_out_flags(draw_script(seed, split="held_out", num_lines=1, grammar=WIDE)))


def test_only_rolling_balls_paint_and_no_box_is_glossy(wide: list[Script]) -> None:
    num_painting = 0
    for shot in (shot for script in wide for shot in script.shots):
        rollers = {beat.thing for beat in shot.beats if beat.kind == "roll"}
        painting = {k for k, thing in enumerate(shot.things) if thing.paints}
        num_painting += len(painting)
        assert painting <= rollers
        assert not any(thing.shape == "box" and thing.material == "glossy" for thing in shot.things)
        assert can_film(shot, shot.camera)
    assert num_painting > 5
