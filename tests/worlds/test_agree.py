from dataclasses import replace

import numpy as np
import pytest

from misora.worlds.agree import disagreements
from misora.worlds.draw import draw_script
from misora.worlds.film import find_staging
from misora.worlds.grammar import WIDE
from misora.worlds.scene import Scene
from misora.worlds.script import Script, mirror
from misora.worlds.simulate import simulate
from misora.worlds.stage import stage


@pytest.fixture(scope="module")
def scene() -> Scene:
    return Scene()


def first(kind: str, *, direction: str | None = None) -> Script:
    scripts = (draw_script(seed, split="any", num_lines=1, seconds=2.0) for seed in range(999))
    return next(s for s in scripts if (b := s.shots[0].beats[0]).kind == kind and direction in (None, b.direction))


def test_nearly_all_first_stagings_do_what_is_told(scene: Scene) -> None:
    num_wrong = 0
    for seed in range(25):
        script = draw_script(seed, split="any")
        for index in range(len(script.shots)):
            staging = stage(script, index, attempt=0)
            run = simulate(scene, script, index, staging=staging)
            num_wrong += bool(disagreements(script, index, staging=staging, run=run))
    assert num_wrong <= 4


@pytest.mark.parametrize("kind", ["roll", "slide"])
def test_the_wrong_direction_is_seen(scene: Scene, kind: str) -> None:
    script = first(kind, direction="left")
    staging = stage(script, 0, attempt=0)
    run = simulate(scene, script, 0, staging=staging)
    assert disagreements(script, 0, staging=staging, run=run) == []
    assert "it does not cross to the right" in disagreements(mirror(script), 0, staging=staging, run=run)


def test_falls_and_bounces_are_told_apart(scene: Scene) -> None:
    for kind, other, complaints in (
        ("fall", "bounce", {"no visible rebound"}),
        ("bounce", "fall", {"it rebounds", "it does not fall and land"}),
    ):
        script = first(kind)
        shot = script.shots[0]
        told = replace(script, shots=(replace(shot, beats=(replace(shot.beats[0], kind=other),)),))
        staging = stage(script, 0, attempt=0)
        run = simulate(scene, script, 0, staging=staging)
        assert complaints & set(disagreements(told, 0, staging=staging, run=run))


def test_a_missed_hit_an_escape_and_a_straying_bystander_are_seen(scene: Scene) -> None:
    script = first("collide")
    staging = stage(script, 0, attempt=0)
    run = simulate(scene, script, 0, staging=staging)
    missed = replace(run, contacts=())
    assert "no hit near the middle" in disagreements(script, 0, staging=staging, run=missed)
    away = run.states.copy()
    away[-1, 0, :2] += 9.0
    assert "a thing leaves the picture" in disagreements(script, 0, staging=staging, run=replace(run, states=away))
    beside = next(s for s in (draw_script(n, split="any", num_lines=1) for n in range(999))
                  if len(s.shots[0].things) == 2 and s.shots[0].beats[0].kind == "fall")  # fmt: skip
    staging = stage(beside, 0, attempt=0)
    run = simulate(scene, beside, 0, staging=staging)
    strayed = run.states.copy()
    strayed[:, 1, 0] += np.linspace(0, 0.5, len(strayed))
    assert "a bystander moves" in disagreements(beside, 0, staging=staging, run=replace(run, states=strayed))


def wide(kind: str, **wanted: object) -> Script:
    scripts = (draw_script(seed, split="any", num_lines=1, seconds=2.0, grammar=WIDE) for seed in range(3000))
    return next(
        s for s in scripts
        if s.shots[0].beats[0].kind == kind and all(getattr(s.shots[0], name) == v for name, v in wanted.items())
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["topple", "swing", "spin"])
def test_no_wide_motion_is_taken_for_another(scene: Scene, kind: str) -> None:
    script = wide(kind, camera="still", relation=None)
    staging = stage(script, 0, attempt=0)
    run = simulate(scene, script, 0, staging=staging)
    assert disagreements(script, 0, staging=staging, run=run) == []
    complaints = {"topple": "it does not topple over", "swing": "it does not swing across", "spin": "it does not spin"}
    for other in set(complaints) - {kind}:
        beat = replace(script.shots[0].beats[0], kind=other, direction="left" if other == "topple" else None)
        told = replace(script, shots=(replace(script.shots[0], beats=(beat,)),))
        found = disagreements(told, 0, staging=staging, run=run)
        assert any(complaint.startswith(complaints[other]) for complaint in found), (other, found)


def test_the_wrong_side_of_a_topple_and_of_a_relation_is_seen(scene: Scene) -> None:
    script = wide("topple", camera="still")
    staging = stage(script, 0, attempt=0)
    run = simulate(scene, script, 0, staging=staging)
    assert any("it does not topple to the" in c for c in disagreements(mirror(script), 0, staging=staging, run=run))
    for relation, complaint in (("left_of", "right of"), ("in_front_of", "behind")):
        script = wide("fall", relation=relation, camera="still")
        staging, run = find_staging(scene, script, 0)
        other = replace(script.shots[0], relation=complaint.replace(" ", "_"))
        told = replace(script, shots=(other,))
        assert f"the first thing does not stand {complaint} the second" in disagreements(
            told, 0, staging=staging, run=run
        )
