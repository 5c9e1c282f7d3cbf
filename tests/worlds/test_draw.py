import itertools
from collections import Counter

import numpy as np
import pytest

from misora.core.errors import UsageError
from misora.worlds.draw import can_follow, cut_frames, draw_script, draw_things, first_beats, next_beats
from misora.worlds.script import CLASHES, COLOURS, Beat, Thing, held_out_flags


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
    with pytest.raises(UsageError, match="one or two lines"):
        draw_script(0, split="any", num_lines=3)


def test_cuts_leave_a_second_on_both_sides() -> None:
    assert cut_frames(3.0, 8) == [8, 12, 16]
    assert cut_frames(3.0, 12) == [12, 16, 20, 24]


def test_what_rolls_goes_on_rolling_and_what_slides_sliding() -> None:
    ball, box = Thing(shape="ball", colour="red", size=1.3), Thing(shape="box", colour="blue", size=1.3)
    roll = Beat(kind="roll", thing=0, direction="left", target=None, from_seconds=0.0, to_seconds=1.0)
    assert ("slide", 0, "left", None) not in first_beats((ball, box))
    assert ("roll", 0, "right", None) in next_beats((ball, box), roll)
    assert ("slide", 1, "right", None) in next_beats((ball, box), roll)
    again = Beat(kind="roll", thing=0, direction="left", target=None, from_seconds=1.0, to_seconds=2.0)
    assert not can_follow((ball, box), roll, again)


def test_a_tall_target_is_not_hit_from_behind() -> None:
    ball, drum = Thing(shape="ball", colour="red", size=1.3), Thing(shape="cylinder", colour="blue", size=1.3)
    assert ("collide", 0, "towards", 1) in first_beats((drum, ball))
    assert ("collide", 0, "towards", 1) not in first_beats((ball, drum))


def test_drawn_things_have_known_colours() -> None:
    things = draw_things(np.random.default_rng(0), floor="green", num_things=2)
    assert {thing.colour for thing in things} <= set(COLOURS) - {"green"}
