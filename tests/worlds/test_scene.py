import math

import numpy as np
import pytest

from misora.worlds.draw import draw_script
from misora.worlds.geometry import MASS_KG
from misora.worlds.grammar import WIDE
from misora.worlds.pendulum import Pendulum
from misora.worlds.renderer import mujoco
from misora.worlds.scene import Scene, elastic
from misora.worlds.script import SHAPES
from misora.worlds.stage import stage


def test_a_contact_gives_back_the_restitution_asked_for() -> None:
    negative_stiffness, negative_damping = elastic(0.7)
    position, velocity, step = 0.0, -1.0, 1e-6
    while position <= 0:
        velocity += step * (negative_stiffness * position + negative_damping * velocity)
        position += step * velocity
    assert velocity == pytest.approx(0.7, rel=1e-3)


def test_no_restitution_is_a_soft_landing() -> None:
    assert min(elastic(0.0)) > 0


def test_every_shape_is_set_up_in_place() -> None:
    scene = Scene()
    seen = set()
    for seed in range(16):
        script = draw_script(seed, split="any", grammar=WIDE)
        staging = stage(script, 0, attempt=0)
        scene.set_up(script.shots[0], staging, seed=seed, shot_index=0, step_seconds=0.002)
        state = scene.state()
        np.testing.assert_allclose(state[:, :3], staging.positions_m)
        assert not state[:, 7:].any()
        model = scene.model
        for k, (thing, each) in enumerate(zip(script.shots[0].things, staging.bodies, strict=True)):
            geom = model.geom(f"thing{k}").id
            assert model.geom_rbound[geom] >= max(each.reach_m)
            assert model.body_mass[model.body(f"thing{k}").id] == MASS_KG
            seen.add(thing.shape)
        shown = [floor for floor in ("green", "grey", "wooden", "checkered") if model.geom(floor).group == 0]
        assert shown == [script.shots[0].floor]
    assert seen == set(SHAPES)


def test_a_pushed_ball_rolls_without_slipping() -> None:
    script = next(
        s
        for s in (draw_script(n, split="any", num_lines=1) for n in range(200))
        if s.shots[0].beats[0].kind == "roll" and s.shots[0].things[0].shape == "ball"
    )
    staging = stage(script, 0, attempt=0)
    scene = Scene()
    scene.set_up(script.shots[0], staging, seed=0, shot_index=0, step_seconds=0.002)
    radius = staging.bodies[0].roll_radius_m
    inertias = [each.inertia for each in staging.bodies]
    scene.push(0, staging.pushes[0], inertias=inertias, roll_radius_m=radius)
    for _ in range(250):
        mujoco.mj_step(scene.model, scene.data)
    velocity, spin = scene.state()[0, 7:10], scene.state()[0, 10:]
    at_floor = velocity + np.cross(spin, [0, 0, -radius])
    assert np.linalg.norm(at_floor) < 0.02 * math.hypot(*velocity[:2])
    assert velocity[:2] == pytest.approx(staging.pushes[0].velocity[:2], rel=0.05)
    assert (-1, 0) in scene.touching()
    scene.release(0, drag_seconds=0.5, inertia=inertias[0])
    assert scene.model.dof_damping[0] == pytest.approx(MASS_KG / 0.5)


def test_a_held_thing_is_where_the_formula_says() -> None:
    scene = Scene()
    script = draw_script(0, split="any")
    scene.set_up(script.shots[0], stage(script, 0, attempt=0), seed=0, shot_index=0, step_seconds=0.002)
    hung = Pendulum(pivot_m=(0.0, 0.0, 4.0), length_m=3.0, amplitude=0.4, phase=0.0, heading=0.1, lowest_m=1.0)
    state = hung.state(0.8, rest=np.array([1.0, 0.0, 0.0, 0.0]))
    scene.hold(0, state)
    np.testing.assert_allclose(scene.state()[0], state, atol=1e-12)


def test_absent_things_never_touch_each_other() -> None:
    scene = Scene()
    script = next(s for s in (draw_script(n, split="any") for n in range(99)) if len(s.shots[0].things) == 1)
    scene.set_up(script.shots[0], stage(script, 0, attempt=0), seed=0, shot_index=0, step_seconds=0.002)
    for _ in range(50):
        mujoco.mj_step(scene.model, scene.data)
    assert all(pair[1] == 0 for pair in scene.touching())
