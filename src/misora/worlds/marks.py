"""What is drawn beside the bodies: the line of a pendulum and the trail of a ball that paints the floor."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float64

from misora.worlds.renderer import mujoco
from misora.worlds.script import Shot
from misora.worlds.stage import Staging

MAX_MARKS = 200
_LINE_RADIUS_M = 0.03
_LINE_RGB = (0.13, 0.12, 0.12)
_TRAIL_WIDTH_M = 0.6
_TRAIL_HEIGHT_M = 0.006
_TOUCHING_M = 0.04
_OPACITY = 0.99


def draw_marks(
    drawing: mujoco.MjvScene,
    shot: Shot,
    staging: Staging,
    *,
    states: Float64[np.ndarray, "f k 13"],
    rgb: Float64[np.ndarray, "n 3"],
) -> None:
    """Add the marks of a frame to what is about to be drawn.

    Args:
        drawing: changed in place.
        shot: says who paints.
        staging: holds the pendulum and the sizes.
        states: of this shot from its first frame to this one.
        rgb: colours of the things.
    """
    if staging.pendulum is not None:
        _draw_line(drawing, np.array(staging.pendulum.pivot_m), states[-1, 0, :3])
    for k, thing in enumerate(shot.things):
        if thing.paints:
            _draw_trail(drawing, states[:, k, :3], radius_m=staging.bodies[k].rest_height_m, rgb=rgb[k])


def _draw_line(drawing: mujoco.MjvScene, pivot: Float64[np.ndarray, "3"], end: Float64[np.ndarray, "3"]) -> None:
    """The line, and a still one from the pivot upwards, out of the picture."""
    for start, stop in ((pivot, end), (pivot + np.array([0.0, 0.0, 4.0]), pivot)):
        middle, along = (start + stop) / 2, stop - start
        length = float(np.linalg.norm(along))
        turn = np.zeros(4)
        axes = np.zeros(9)
        mujoco.mju_quatZ2Vec(turn, along / length)
        mujoco.mju_quat2Mat(axes, turn)
        _add(drawing, mujoco.mjtGeom.mjGEOM_CYLINDER, (_LINE_RADIUS_M, length / 2, 0.0), middle, axes, _LINE_RGB)


def _draw_trail(
    drawing: mujoco.MjvScene,
    centres: Float64[np.ndarray, "f 3"],
    *,
    radius_m: float,
    rgb: Float64[np.ndarray, "3"],
) -> None:
    """A flat strip from frame to frame with round joints, wherever the ball was on the floor."""
    is_down = centres[:, 2] < radius_m + _TOUCHING_M
    half = _TRAIL_WIDTH_M / 2
    for number in np.flatnonzero(is_down):
        here = np.array([*centres[number, :2], _TRAIL_HEIGHT_M])
        _add(drawing, mujoco.mjtGeom.mjGEOM_CYLINDER, (half, _TRAIL_HEIGHT_M, 0.0), here, np.eye(3).ravel(), rgb)
        if number + 1 < len(centres) and is_down[number + 1]:
            there = np.array([*centres[number + 1, :2], _TRAIL_HEIGHT_M])
            heading = math.atan2(there[1] - here[1], there[0] - here[0])
            x, y = math.cos(heading), math.sin(heading)
            axes = np.array([x, -y, 0.0, y, x, 0.0, 0.0, 0.0, 1.0])
            size = (float(np.linalg.norm(there - here)) / 2, half, _TRAIL_HEIGHT_M)
            _add(drawing, mujoco.mjtGeom.mjGEOM_BOX, size, (here + there) / 2, axes, rgb)


def _add(
    drawing: mujoco.MjvScene,
    kind: mujoco.mjtGeom,
    size: tuple[float, float, float],
    place: Float64[np.ndarray, "3"],
    axes: Float64[np.ndarray, "9"],
    rgb: Float64[np.ndarray, "3"] | tuple[float, float, float],
) -> None:
    """Slightly transparent: then it neither casts a shadow nor is speckled by its own."""
    geom = drawing.geoms[drawing.ngeom]
    mujoco.mjv_initGeom(geom, kind, np.array(size), place, axes, np.array([*rgb, _OPACITY], dtype=np.float32))
    geom.specular = 0.0
    geom.transparent = 1
    drawing.ngeom += 1
