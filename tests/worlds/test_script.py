import json
from dataclasses import replace
from itertools import product

import pytest

from misora.core.errors import UsageError
from misora.worlds.draw import draw_script
from misora.worlds.grammar import WIDE
from misora.worlds.script import (
    COLOURS,
    FLOORS,
    MOTIONS,
    SHAPES,
    Beat,
    Shot,
    Thing,
    held_out_flags,
    is_combination_held_out,
    is_held_out,
    mirror,
    script_from_dict,
    script_to_dict,
)


def test_a_script_survives_json() -> None:
    for seed in range(20):
        script = draw_script(seed, split="any", grammar=WIDE)
        assert script_from_dict(json.loads(json.dumps(script_to_dict(script)))) == script


def test_mirroring_swaps_left_and_right_and_twice_is_nothing() -> None:
    for seed in range(20):
        script = draw_script(seed, split="any")
        before = [beat.direction for shot in script.shots for beat in shot.beats]
        after = [beat.direction for shot in mirror(script).shots for beat in shot.beats]
        assert after == [{"left": "right", "right": "left"}.get(d or "", d) for d in before]
        assert mirror(mirror(script)) == script


def test_mirroring_never_leads_out_of_a_split() -> None:
    for seed in range(50):
        script = draw_script(seed, split="any")
        assert held_out_flags(mirror(script)) == held_out_flags(script)
        assert is_held_out(script) == any(held_out_flags(script))


def test_about_a_tenth_of_combinations_is_held_out() -> None:
    flags = [is_combination_held_out(*names) for names in product(SHAPES, COLOURS, FLOORS, MOTIONS)]
    assert 0.08 < sum(flags) / len(flags) < 0.12


def test_every_shape_and_motion_keeps_training_colours_on_every_floor() -> None:
    for shape, floor, kind in product(SHAPES, FLOORS, MOTIONS):
        assert sum(not is_combination_held_out(shape, colour, floor, kind) for colour in COLOURS) >= 5


def test_impossible_words_are_refused() -> None:
    ball = Thing(shape="ball", colour="red", size=1.3)
    beat = Beat(kind="roll", thing=0, direction="left", target=None, from_seconds=0.0, to_seconds=2.0)
    with pytest.raises(UsageError, match=r"Thing.shape is 'cone'; expected one of ball"):
        replace(ball, shape="cone")
    with pytest.raises(UsageError, match="expected one of left, right, towards"):
        replace(beat, direction="up")
    with pytest.raises(UsageError, match="a fall has no direction"):
        replace(beat, kind="fall")
    with pytest.raises(UsageError, match="only for it"):
        replace(beat, target=1)
    shot = {"floor": "grey", "light": "dim", "camera": "still", "from_seconds": 0.0, "to_seconds": 2.0}
    with pytest.raises(UsageError, match="a beat names thing 1 of 1"):
        Shot(**shot, things=(ball,), beats=(replace(beat, thing=1),))
    with pytest.raises(UsageError, match="one to three things, got 4"):
        Shot(**shot, things=(ball,) * 4, beats=(beat,))


def test_what_only_some_things_can_be_is_refused_of_others() -> None:
    box, ball = (Thing(shape=shape, colour="red", size=1.3) for shape in ("box", "ball"))
    beat = Beat(kind="spin", thing=0, direction=None, target=None, from_seconds=0.0, to_seconds=2.0)
    shot = {"floor": "grey", "light": "low", "camera": "rise", "from_seconds": 0.0, "to_seconds": 2.0}
    with pytest.raises(UsageError, match="only a ball paints the floor, got a box"):
        replace(box, paints=True)
    with pytest.raises(UsageError, match=r"Thing.material is 'furry'; expected one of matte, glossy, checkered"):
        replace(ball, material="furry")
    with pytest.raises(UsageError, match=r"Beat.direction is 'towards'; expected one of left, right$"):
        replace(beat, kind="topple", direction="towards")
    with pytest.raises(UsageError, match="needs two things and beats that keep their thing in place"):
        Shot(**shot, things=(box,), beats=(beat,), relation="behind")
    slide = replace(beat, kind="slide", direction="left")
    with pytest.raises(UsageError, match="needs two things and beats that keep their thing in place"):
        Shot(**shot, things=(box, ball), beats=(slide,), relation="behind")


def test_mirroring_swaps_the_sides_of_a_relation() -> None:
    relations = {
        (shot.relation, other.relation)
        for script in (draw_script(seed, split="any", grammar=WIDE) for seed in range(300))
        for shot, other in zip(script.shots, mirror(script).shots, strict=True)
    }
    told = [("left_of", "right_of"), ("right_of", "left_of"), ("behind", "behind"), ("in_front_of", "in_front_of")]
    assert relations == {(None, None), *told}
