"""Run the physics of one shot and note the state at every frame, and every first touch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from misora.worlds.renderer import mujoco
from misora.worlds.scene import Scene
from misora.worlds.script import Script
from misora.worlds.stage import Staging

_STEP_SECONDS = 0.002
_FAINT_SPEED = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """The beginning of a touch; `first` is -1 for the floor."""

    seconds: float
    first: int
    second: int
    closing_speed: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What physics made of a shot.

    Attributes:
        states: position, quaternion, velocity, angular velocity per frame and thing.
        contacts: first touches in order of time, on the clock of the clip.
    """

    states: Float64[np.ndarray, "f k 13"]
    contacts: tuple[Contact, ...]


def simulate(scene: Scene, script: Script, shot_index: int, *, staging: Staging) -> Run:
    """Play a shot.

    Args:
        scene: the model; it is set up anew.
        script: gives the clock.
        shot_index: which shot.
        staging: places and pushes.

    Returns:
        One state per frame; the first is the state when the shot begins.
    """
    shot = script.shots[shot_index]
    steps_per_frame = round(1 / (script.fps * _STEP_SECONDS))
    step_seconds = 1 / (script.fps * steps_per_frame)
    scene.set_up(shot, staging, seed=script.seed, shot_index=shot_index, step_seconds=step_seconds)
    starts = {round((beat.from_seconds - shot.from_seconds) * script.fps): i for i, beat in enumerate(shot.beats)}
    num_frames = round((shot.to_seconds - shot.from_seconds) * script.fps)
    states, contacts = [], []
    for frame in range(num_frames):
        if frame in starts:
            _begin(scene, staging, shot.beats[starts[frame]].thing, shot.beats[starts[frame]].target, starts[frame])
        if staging.pendulum is not None:
            rest = staging.quaternions[0]
            scene.hold(0, staging.pendulum.state(frame / script.fps, rest=rest))
        states.append(scene.state())
        if frame < num_frames - 1:
            start_seconds = shot.from_seconds + frame / script.fps
            contacts += _advance(scene, steps_per_frame, start_seconds=start_seconds, step_seconds=step_seconds)
    return Run(states=np.stack(states), contacts=tuple(contacts))


def _begin(scene: Scene, staging: Staging, thing: int, target: int | None, beat: int) -> None:
    push = staging.pushes[beat]
    inertias = [each.inertia for each in staging.bodies]
    scene.push(thing, push, inertias=inertias, roll_radius_m=staging.bodies[thing].roll_radius_m)
    if target is not None:
        scene.release(target, drag_seconds=push.drag_seconds, inertia=inertias[target])


def _advance(scene: Scene, num_steps: int, *, start_seconds: float, step_seconds: float) -> list[Contact]:
    found = []
    before = set(scene.touching())
    for step in range(num_steps):
        velocities = scene.data.qvel.copy()
        mujoco.mj_step(scene.model, scene.data)
        if scene.data.ncon == 0 and not before:
            continue
        now = set(scene.touching())
        for first, second in sorted(now - before):
            seconds = start_seconds + (step + 1) * step_seconds
            speed = _closing_speed(velocities, first, second)
            if first < 0 and speed < _FAINT_SPEED:
                continue
            found.append(Contact(seconds=seconds, first=first, second=second, closing_speed=speed))
        before = now
    return found


def _closing_speed(velocities: Float64[np.ndarray, " v"], first: int, second: int) -> float:
    moving = velocities[6 * second : 6 * second + 3]
    if first < 0:
        return float(max(0.0, -moving[2]))
    return float(np.linalg.norm(moving - velocities[6 * first : 6 * first + 3]))
