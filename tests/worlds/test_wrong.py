from contextlib import suppress
from dataclasses import fields

import pytest

from misora.core.errors import UsageError
from misora.worlds.draw import draw_script
from misora.worlds.film import find_staging
from misora.worlds.grammar import WIDE
from misora.worlds.scene import Scene
from misora.worlds.script import CLASHES, Script
from misora.worlds.wrong import ATTRIBUTES, wrong


def facts(script: Script) -> dict[str, list]:
    shots = script.shots
    return {
        "colour": [[thing.colour for thing in shot.things] for shot in shots],
        "shape": [[thing.shape for thing in shot.things] for shot in shots],
        "floor": [shot.floor for shot in shots],
        "motion": [[(b.kind, b.thing, b.direction, b.target) for b in shot.beats] for shot in shots],
        "count": [len(shot.things) for shot in shots],
        "cut_time": [shot.to_seconds for shot in shots],
        "view": [(shot.light, shot.camera) for shot in shots],
        "frame": [getattr(script, field.name) for field in fields(script) if field.name != "shots"],
    }


def pairs(attribute: str, num: int = 80) -> list[tuple[Script, Script]]:
    found = []
    for seed in range(num):
        script = draw_script(seed, split="any")
        try:
            found.append((script, wrong(script, attribute, seed=seed)))
        except UsageError:
            assert attribute in ("cut_time", "swap", "relation")
    return found


@pytest.mark.parametrize("attribute", ["colour", "shape", "floor", "motion", "cut_time"])
def test_exactly_one_attribute_changes(attribute: str) -> None:
    for script, other in pairs(attribute):
        before, after = facts(script), facts(other)
        changed = {name for name in before if before[name] != after[name]}
        assert changed == {attribute}, changed


def test_a_wrong_motion_is_another_direction_half_of_the_time() -> None:
    turned = []
    for script, other in pairs("motion", 200):
        before = [beat for shot in script.shots for beat in shot.beats]
        after = [beat for shot in other.shots for beat in shot.beats]
        old, new = next((a, b) for a, b in zip(before, after, strict=True) if a != b)
        if old.direction:
            turned.append(old.kind == new.kind)
    assert sum(turned) / len(turned) == pytest.approx(0.5, abs=0.15)


def test_a_wrong_count_is_one_more_or_one_less() -> None:
    for script, other in pairs("count"):
        before, after = facts(script), facts(other)
        assert max(abs(a - b) for a, b in zip(before["count"], after["count"], strict=True)) == 1
        is_all_hits = all(any(b.target is not None for b in shot.beats) for shot in script.shots)
        assert is_all_hits or len(script.shots[0].beats) == 2 or before["motion"] == after["motion"]


def test_a_swap_exchanges_who_hits_whom() -> None:
    for script, other in pairs("swap"):
        index = next(i for i in range(len(script.shots)) if script.shots[i] != other.shots[i])
        before, after = script.shots[index].things, other.shots[index].things
        assert [thing.colour for thing in before] == [thing.colour for thing in reversed(after)]


def test_what_is_wrong_still_stands_out_from_the_floor() -> None:
    for attribute in ("colour", "floor", "count"):
        for _, other in pairs(attribute, 60):
            for shot in other.shots:
                assert not {thing.colour for thing in shot.things} & set(CLASHES[shot.floor])


@pytest.mark.parametrize("attribute", [name for name in ATTRIBUTES if name not in ("relation", "camera")])
def test_what_is_wrong_can_be_filmed(attribute: str) -> None:
    scene = Scene()
    for _, other in pairs(attribute, 16)[:2]:
        for index in range(len(other.shots)):
            find_staging(scene, other, index)


def test_what_is_not_asked_cannot_be_wrong() -> None:
    script = next(s for s in (draw_script(n, split="any") for n in range(99)) if len(s.shots) == 1)
    with pytest.raises(UsageError, match="has no cut_time that could be wrong"):
        wrong(script, "cut_time", seed=0)
    with pytest.raises(UsageError, match="expected one of colour"):
        wrong(script, "taste", seed=0)


def wide_pairs(attribute: str, num: int = 80) -> list[tuple[Script, Script]]:
    found = []
    for seed in range(num):
        script = draw_script(seed, split="any", grammar=WIDE)
        with suppress(UsageError):
            found.append((script, wrong(script, attribute, seed=seed, grammar=WIDE)))
    return found


def wide_facts(script: Script) -> dict[str, list]:
    told = facts(script)
    told["relation"] = [shot.relation for shot in script.shots]
    told["camera"] = [shot.camera for shot in script.shots]
    told["view"] = [shot.light for shot in script.shots]
    return told


@pytest.mark.parametrize("attribute", ["colour", "shape", "floor", "motion", "cut_time", "relation", "camera"])
def test_exactly_one_attribute_of_a_wide_script_changes(attribute: str) -> None:
    pairs = wide_pairs(attribute)
    assert pairs
    for script, other in pairs:
        before, after = wide_facts(script), wide_facts(other)
        changed = {name for name in before if before[name] != after[name]}
        allowed = {"motion", "relation"} if attribute == "motion" else {attribute}  # what travels stands nowhere
        assert attribute in changed <= allowed, changed


def test_wide_errors_reach_three_things_and_the_new_motions() -> None:
    counts = {(len(a.things), len(b.things)) for s, o in wide_pairs("count", 150)
              for a, b in zip(s.shots, o.shots, strict=True) if a != b}  # fmt: skip
    assert {(1, 2), (2, 1), (2, 3), (3, 2)} <= counts
    kinds = {beat.kind for _, other in wide_pairs("motion", 150) for shot in other.shots for beat in shot.beats}
    assert {"topple", "swing", "spin"} <= kinds


@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_what_is_wrong_with_a_wide_script_can_be_filmed(attribute: str) -> None:
    scene = Scene()
    for _, other in wide_pairs(attribute, 16)[:2]:
        for index in range(len(other.shots)):
            find_staging(scene, other, index)
