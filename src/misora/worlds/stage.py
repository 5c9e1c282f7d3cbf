"""From a shot to places, pushes and camera: what the words leave open is drawn so that the action is in the picture."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from misora.core.seeds import numpy_rng
from misora.worlds.camera import CameraPath, draw_camera
from misora.worlds.fit import misfit_px
from misora.worlds.geometry import Body, body, lying, multiply, tilted, turned
from misora.worlds.layout import Layout, Push, draw_layout
from misora.worlds.pendulum import Pendulum
from misora.worlds.script import Script, Shot

_MAX_LAYOUTS = 120
_SMALL_MISFIT_PX = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Staging:
    """All that physics and picture need for one shot.

    Attributes:
        bodies: sizes of the things.
        positions_m: centres when the shot begins.
        quaternions: orientations when the shot begins.
        pushes: one per beat.
        camera: pose per frame.
        pendulum: by which the first thing hangs, if it swings.
    """

    bodies: tuple[Body, ...]
    positions_m: Float64[np.ndarray, "k 3"]
    quaternions: Float64[np.ndarray, "k 4"]
    pushes: tuple[Push, ...]
    camera: CameraPath
    pendulum: Pendulum | None = None


def stage(script: Script, shot_index: int, *, attempt: int) -> Staging:
    """Draw a staging.

    Args:
        script: gives seed, size and rate.
        shot_index: which shot.
        attempt: 0 at first; another number draws another staging.

    Returns:
        Places and pushes whose planned path stays in the picture.
    """
    shot = script.shots[shot_index]
    num_frames = round((shot.to_seconds - shot.from_seconds) * script.fps)
    rng = numpy_rng(script.seed, "layout", shot_index, attempt)
    camera_rng = numpy_rng(script.seed, "camera", shot_index)
    camera = draw_camera(
        camera_rng,
        shot,
        script=script,
        num_frames=num_frames,
        raised_degrees=_raised_degrees(shot),
        look_at_m=(0.0, 0.1, 1.2) if _goes_up(shot) else (0.0, 0.0, 0.45),
        farther=_farther(shot),
    )
    topples = {beat.thing for beat in shot.beats if beat.kind == "topple"}
    bodies = tuple(body(thing, stands=k in topples) for k, thing in enumerate(shot.things))
    best = _best_layout(rng, shot, camera, bodies, fps=script.fps)
    return Staging(
        bodies=bodies,
        positions_m=np.column_stack([best.route[0], best.heights]),
        quaternions=np.stack([_pose(rng, shot, k, heading) for k, heading in enumerate(best.headings)]),
        pushes=tuple(best.pushes),
        camera=camera,
        pendulum=best.pendulum,
    )


def _goes_up(shot: Shot) -> bool:
    return any(beat.kind in ("fall", "bounce", "swing") for beat in shot.beats)


def _raised_degrees(shot: Shot) -> float:
    """Look down more steeply on things behind one another, so that they part."""
    if any(beat.kind == "collide" and beat.direction == "towards" for beat in shot.beats):
        return 7.0
    return 6.0 if shot.relation in ("in_front_of", "behind") else 0.0


def _farther(shot: Shot) -> float:
    """Step back from three things, and from what is tall, unless the camera does so by itself."""
    if shot.camera in ("push_in", "pull_back"):
        return 1.0
    return 1.1 if len(shot.things) > 2 or any(beat.kind == "topple" for beat in shot.beats) else 1.0


def _best_layout(
    rng: np.random.Generator, shot: Shot, camera: CameraPath, bodies: tuple[Body, ...], *, fps: int
) -> Layout:
    """The first layout that fits, else the one that fits best of many."""
    best, least = None, math.inf
    for _ in range(_MAX_LAYOUTS):
        layout = draw_layout(rng, shot, camera=camera, bodies=bodies, fps=fps)
        misfit = misfit_px(layout, shot, camera=camera, bodies=bodies)
        if misfit < least:
            best, least = layout, misfit
        if least <= _SMALL_MISFIT_PX:
            break
    assert best is not None
    return best


def _pose(rng: np.random.Generator, shot: Shot, index: int, heading: float) -> Float64[np.ndarray, "4"]:
    thing = shot.things[index]
    if any(beat.kind == "topple" and beat.thing == index for beat in shot.beats):
        return _upright(rng, shot, index, heading)
    falls = len(shot.beats) == 1 and shot.beats[0].kind == "fall" and shot.beats[0].thing == index
    tilt = tilted(math.radians(rng.uniform(2, 9)) * falls, about_radians=rng.uniform(0, 2 * math.pi))
    if thing.shape in ("capsule", "egg"):
        return multiply(tilt, lying(heading))
    if thing.shape == "box":
        return multiply(tilt, turned(math.radians(rng.choice((-1.0, 1.0)) * rng.uniform(18, 38))))
    return multiply(tilt, turned(0.0)) if thing.shape == "cylinder" else turned(0.0)


def _upright(rng: np.random.Generator, shot: Shot, index: int, heading: float) -> Float64[np.ndarray, "4"]:
    """Standing; a capsule leans a little to the side where it will fall, since it balances on a round end."""
    lean = math.radians(rng.uniform(2, 4)) if shot.things[index].shape == "capsule" else 0.0
    return multiply(tilted(lean, about_radians=heading + math.pi / 2), turned(heading))
