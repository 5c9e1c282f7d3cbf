from itertools import pairwise

from misora.worlds.beats import can_be_hit, can_follow, first_beats, next_beats, travel_of
from misora.worlds.draw import draw_script
from misora.worlds.grammar import FIRST, WIDE
from misora.worlds.script import Beat, Thing

BALL, BOX = Thing(shape="ball", colour="red", size=1.3), Thing(shape="box", colour="blue", size=1.3)
DRUM = Thing(shape="cylinder", colour="blue", size=1.3)


def beat(kind: str, direction: str | None = None, *, thing: int = 0, start: float = 0.0) -> Beat:
    times = {"from_seconds": start, "to_seconds": start + 1}
    return Beat(kind=kind, thing=thing, direction=direction, target=None, **times)


def test_what_rolls_goes_on_rolling_and_what_slides_sliding() -> None:
    roll = beat("roll", "left")
    assert (travel_of(BALL), travel_of(BOX)) == ("roll", "slide")
    assert ("slide", 0, "left", None) not in first_beats((BALL, BOX), FIRST.motions)
    assert ("roll", 0, "right", None) in next_beats((BALL, BOX), (roll,), FIRST.motions)
    assert ("slide", 1, "right", None) in next_beats((BALL, BOX), (roll,), FIRST.motions)
    assert not can_follow((BALL, BOX), (roll,), beat("roll", "left", start=1.0), FIRST.motions)


def test_a_tall_target_is_not_hit_from_behind() -> None:
    assert can_be_hit(DRUM, "left")
    assert not can_be_hit(DRUM, "towards")
    assert ("collide", 0, "towards", 1) in first_beats((DRUM, BALL), FIRST.motions)
    assert ("collide", 0, "towards", 1) not in first_beats((BALL, DRUM), FIRST.motions)


def test_only_what_stands_topples_and_only_what_shows_it_spins() -> None:
    kinds = [{option[0] for option in first_beats((thing,), WIDE.motions)} for thing in (BALL, BOX, DRUM)]
    assert ["topple" in each for each in kinds] == [False, True, True]
    assert ["spin" in each for each in kinds] == [False, True, False]
    patched = Thing(shape="ball", colour="red", size=1.3, material="checkered")
    assert ("spin", 0, None, None) in first_beats((patched,), WIDE.motions)


def test_nothing_follows_a_swing_and_what_lies_does_not_topple_again() -> None:
    assert next_beats((BALL, BOX), (beat("swing"),), WIDE.motions) == []
    options = next_beats((BOX,), (beat("topple", "left"),), WIDE.motions)
    assert {kind for kind, *_ in options} == {"spin"}


def test_a_third_beat_goes_back_where_its_thing_has_gone_along() -> None:
    done = (beat("roll", "left"), beat("bounce", thing=1, start=1.0))
    options = next_beats((BALL, BOX), done, WIDE.motions)
    assert ("roll", 0, "right", None) in options
    assert not {("roll", 0, "left", None), ("collide", 0, "left", 1)} & set(options)


def test_every_drawn_beat_is_one_of_those_that_may_come() -> None:
    for seed in range(80):
        for shot in draw_script(seed, split="any", grammar=WIDE).shots:
            first, *later = shot.beats
            assert (first.kind, first.thing, first.direction, first.target) in first_beats(shot.things, WIDE.motions)
            for number in range(1, len(later) + 1):
                assert can_follow(shot.things, shot.beats[:number], shot.beats[number], WIDE.motions)
            assert all(a.to_seconds == b.from_seconds for a, b in pairwise(shot.beats))
