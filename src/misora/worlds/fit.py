"""How well a layout fits: everything in the picture, apart, and not hidden."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
from jaxtyping import Float64

from misora.worlds.camera import CameraPath
from misora.worlds.geometry import Body
from misora.worlds.layout import Layout
from misora.worlds.script import Beat, Shot

_NUM_STEPS = 7
_CLOSE_PX_PER_M = 40


def misfit_px(layout: Layout, shot: Shot, *, camera: CameraPath, bodies: tuple[Body, ...]) -> float:
    """Measure by how much a layout does not fit.

    Args:
        layout: what is planned.
        shot: what happens.
        camera: who looks.
        bodies: sizes of the things.

    Returns:
        Pixels beyond the edge, hidden, or too close, added up; 0 when all fits.
    """
    stops = np.stack(layout.route)
    rest = np.array([each.rest_height_m for each in bodies])
    on_floor = np.concatenate([stops, np.broadcast_to(rest[:, None], (*stops.shape[:2], 1))], axis=-1)
    points = np.concatenate([on_floor, np.column_stack([stops[0], layout.heights])[None]])
    pairs = list(combinations(range(len(bodies)), 2))
    misfit = 0.0
    for frame in (-1,) if shot.camera == "still" else (0, -1):
        still = camera.at(frame, num_frames=len(points))
        if shot.camera != "pan":
            misfit += _outside(points, still, bodies)
        if len(bodies) > 1:
            misfit += max(_crowding(still, layout, shot, bodies, pair) for pair in pairs)
    if shot.camera == "pan":
        misfit += _outside(points, _at_stops(camera, shot), bodies)
    if len(bodies) > 1:
        misfit += _CLOSE_PX_PER_M * max(_closeness(layout, shot, bodies, pair) for pair in pairs)
    return misfit


def _outside(points: Float64[np.ndarray, "s k 3"], camera: CameraPath, bodies: tuple[Body, ...]) -> float:
    """Pixels by which things stick out of the picture."""
    seen = camera.project(points)
    scale = camera.height_px / (2 * camera.tan_half_height * seen[..., 2])
    tall = np.array([max(each.rest_height_m, 0.8 * each.around_m) for each in bodies]) * 0.95 * scale
    wide = np.array([each.around_m for each in bodies]) * 0.95 * scale
    across = np.maximum(wide - seen[..., 0], seen[..., 0] + wide - camera.width_px)
    down = np.maximum(tall - seen[..., 1], seen[..., 1] + tall - camera.height_px)
    return float(np.maximum(across, 0).sum() + np.maximum(down, 0).sum())


def _at_stops(camera: CameraPath, shot: Shot) -> CameraPath:
    """Where a camera that pans looks when each beat begins, at the end, and at the start once more."""
    times = [*(beat.from_seconds for beat in shot.beats), shot.to_seconds, shot.from_seconds]
    shares = (np.array(times) - shot.from_seconds) / (shot.to_seconds - shot.from_seconds)
    frames = np.round(shares * (len(camera.distance_m) - 1)).astype(int)
    return replace(
        camera,
        look_at_m=camera.look_at_m[frames],
        azimuth_degrees=camera.azimuth_degrees[frames],
        elevation_degrees=camera.elevation_degrees[frames],
        distance_m=camera.distance_m[frames],
    )


def _crowding(camera: CameraPath, layout: Layout, shot: Shot, bodies: tuple[Body, ...], pair: tuple[int, int]) -> float:
    """Pixels by which one thing hides another, at the stops and, more leniently, on the way."""
    worst = 0.0
    both = [bodies[k] for k in pair]
    rest = np.array([each.rest_height_m for each in both])
    for index, beat in enumerate(shot.beats):
        path = np.linspace(layout.route[index][[*pair]], layout.route[index + 1][[*pair]], _NUM_STEPS)
        points = np.concatenate([path, np.broadcast_to(rest[:, None], (_NUM_STEPS, 2, 1))], axis=-1)
        seen = camera.at(0, num_frames=_NUM_STEPS).project(points)
        scale = camera.height_px / (2 * camera.tan_half_height * seen[..., 2])
        size = scale @ np.array([max(0.8 * each.around_m, each.rest_height_m) for each in both])
        apart = np.linalg.norm(seen[:, 0, :2] - seen[:, 1, :2], axis=-1)
        worst = max(worst, float(np.max(_share_apart(shot, beat, pair) * size - apart)))
    return worst


def _share_apart(shot: Shot, beat: Beat, pair: tuple[int, int]) -> Float64[np.ndarray, " s"]:
    """How much of their common size two things should be apart in the picture, along the way of a beat."""
    if shot.relation in ("in_front_of", "behind") and pair == (0, 1):
        return np.full(_NUM_STEPS, 0.6)
    meet = beat.kind == "collide" and pair == (0, 1)
    share = np.full(_NUM_STEPS, 0.0 if meet else 0.6)
    share[0] = 0.0 if meet and beat.direction == "towards" else 0.9
    share[-1] = 0.0 if meet else 0.9
    return share


def _closeness(layout: Layout, shot: Shot, bodies: tuple[Body, ...], pair: tuple[int, int]) -> float:
    """Metres by which two planned paths come too close, apart from the hit itself."""
    wanted = bodies[pair[0]].around_m + bodies[pair[1]].around_m + 0.15
    worst = 0.0
    for index, beat in enumerate(shot.beats):
        if beat.kind == "collide" and pair == (0, 1):
            continue
        path = np.linspace(layout.route[index][[*pair]], layout.route[index + 1][[*pair]], 12)
        worst = max(worst, float(np.max(wanted - np.linalg.norm(path[:, 0] - path[:, 1], axis=-1))))
    return worst
