"""Does what happened agree with what the script says? A staging that disagrees is drawn again before it is filmed."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float64

from misora.worlds.camera import CameraPath
from misora.worlds.script import Beat, Script
from misora.worlds.simulate import Run
from misora.worlds.stage import Staging

_LEAST_FINAL_TILT_DEGREES = 60.0


def disagreements(script: Script, shot_index: int, *, staging: Staging, run: Run) -> list[str]:
    """Compare a simulated shot with its beats, as a viewer would.

    Args:
        script: gives the clock and the beats.
        shot_index: which shot.
        staging: sizes and camera.
        run: what physics made of it.

    Returns:
        What a viewer would object to; empty when all is as told.
    """
    shot = script.shots[shot_index]
    seen = staging.camera.project(run.states[:, :, :3])
    found = _out_of_picture(seen, staging)
    meetings = [c for c in run.contacts if c.first >= 0]
    for index, beat in enumerate(shot.beats):
        first = round((beat.from_seconds - shot.from_seconds) * script.fps)
        last = round((beat.to_seconds - shot.from_seconds) * script.fps)
        frames = slice(first, last)
        found += _bystander_moves(run.states[frames], beat, is_first=index == 0)
        if beat.kind in ("fall", "bounce"):
            heights = run.states[frames, beat.thing, 2] - staging.bodies[beat.thing].rest_height_m
            found += _falls(heights) if beat.kind == "fall" else _bounces(heights, is_dropped=index == 0)
            found += _drifts(run.states[frames, beat.thing])
        elif beat.kind == "topple":
            found += _topples(run.states[:, beat.thing], frames, beat, staging.camera)
        elif beat.kind == "swing":
            heights = run.states[frames, beat.thing, 2] - staging.bodies[beat.thing].rest_height_m
            found += _swings(seen[frames, beat.thing], heights, staging.camera)
        elif beat.kind == "spin":
            found += _spins(run.states[frames, beat.thing], fps=script.fps)
        elif beat.kind == "collide":
            found += _collides(script, beat, run, frames, seen)
        else:
            found += _travels(seen[frames, beat.thing], beat, staging.camera)
        if beat.kind != "collide" and any(beat.from_seconds <= c.seconds < beat.to_seconds for c in meetings):
            found.append("things touch though nothing is told to hit")
        if beat.kind == "collide" and any({c.first, c.second} != {beat.thing, beat.target} for c in meetings):
            found.append("things touch though nothing is told to hit")
    if shot.relation is not None and not _is_related(run.states, shot.relation, staging):
        found.append(f"the first thing does not stand {shot.relation.replace('_', ' ')} the second")
    return found


def _is_related(states: Float64[np.ndarray, "f k 13"], relation: str, staging: Staging) -> bool:
    """Beside: places apart by most of their widths, in every frame. Before: nearer by a metre, and not beside."""
    places = states[:, :2, :3].copy()
    places[..., 2] = 0.0
    seen = staging.camera.project(places)
    scale = staging.camera.height_px / (2 * staging.camera.tan_half_height * seen[..., 2])
    wide = scale @ np.array([each.around_m for each in staging.bodies[:2]])
    across, nearer = seen[:, 1, 0] - seen[:, 0, 0], seen[:, 1, 2] - seen[:, 0, 2]
    if relation in ("left_of", "right_of"):
        sign = 1 if relation == "left_of" else -1
        return bool((sign * across > 0.8 * wide).all())
    sign = 1 if relation == "in_front_of" else -1
    return bool((sign * nearer > 0.8).all()) and bool(abs(across.mean()) < 0.9 * wide.mean())


def _topples(states: Float64[np.ndarray, "f 13"], frames: slice, beat: Beat, camera: CameraPath) -> list[str]:
    """It stands at first, lies long before the end, and its top points to the told side."""
    tilts = np.degrees(np.arccos(np.clip(_upward(states[frames]), -1, 1)))
    lies = np.flatnonzero(tilts > _LEAST_FINAL_TILT_DEGREES)
    if tilts[0] > 12 or not len(lies) or lies[0] > 0.75 * len(tilts) or tilts[-1] < _LEAST_FINAL_TILT_DEGREES:
        return ["it does not topple over"]
    w, x, y, z = states[:, 3:7].T
    up = np.stack([2 * (x * z + w * y), 2 * (y * z - w * x), _upward(states)], axis=-1)
    foot, top = np.moveaxis(camera.project(np.stack([states[:, :3], states[:, :3] + up], axis=1)), 1, 0)
    across, down = (top - foot)[frames][-1, :2]
    sign = 1 if beat.direction == "right" else -1
    return [] if sign * across > 1.2 * abs(down) else [f"it does not topple to the {beat.direction}"]


def _upward(states: Float64[np.ndarray, "f 13"]) -> Float64[np.ndarray, " f"]:
    """How much of its own vertical axis still points upwards."""
    return 1 - 2 * (states[:, 4] ** 2 + states[:, 5] ** 2)


def _swings(seen: Float64[np.ndarray, "f 3"], heights: Float64[np.ndarray, " f"], camera: CameraPath) -> list[str]:
    is_right = np.ptp(seen[:, 0]) > 0.2 * min(camera.width_px, camera.height_px) and heights.min() > 0.15
    return [] if is_right else ["it does not swing across"]


def _spins(states: Float64[np.ndarray, "f 13"], *, fps: int) -> list[str]:
    turns = np.abs(states[:, 12]).mean() * len(states) / fps / (2 * np.pi)
    strays = np.linalg.norm(states[:, :3] - states[0, :3], axis=-1).max() > 0.25
    is_right = turns > 0.5 * len(states) / fps and not strays and np.ptp(_upward(states)) < 0.1
    return [] if is_right else ["it does not spin in its place"]


def _out_of_picture(seen: Float64[np.ndarray, "f k 3"], staging: Staging) -> list[str]:
    """Three quarters of a thing must stay in view: its centre keeps half a radius from the edge."""
    camera = staging.camera
    radius = np.array([max(0.8 * each.around_m, each.rest_height_m) for each in staging.bodies])
    margin = 0.5 * radius * camera.height_px / (2 * camera.tan_half_height * seen[..., 2])
    edge = np.array([camera.width_px, camera.height_px])
    inside = (seen[..., :2] > margin[..., None]) & (seen[..., :2] < edge - margin[..., None])
    return [] if inside.all() else ["a thing leaves the picture"]


def _bystander_moves(states: Float64[np.ndarray, "f k 13"], beat: Beat, *, is_first: bool) -> list[str]:
    """A bystander keeps its place; in a second beat it may still come to rest from the first."""
    across, up = (0.1, 0.1) if is_first else (0.45, 0.8)
    for k in range(states.shape[1]):
        if k in (beat.thing, beat.target):
            continue
        away = np.abs(states[:, k, :3] - states[-1, k, :3]).max(axis=0)
        if max(away[0], away[1]) > across or away[2] > up:
            return ["a bystander moves"]
    return []


def _falls(heights: Float64[np.ndarray, " f"]) -> list[str]:
    landed = np.flatnonzero(heights < 0.08)
    if heights[0] < 1.0 or not len(landed) or landed[0] > 0.8 * len(heights):
        return ["it does not fall and land"]
    return ["it rebounds"] if heights[landed[0] :].max() > 0.15 * heights[0] else []


def _bounces(heights: Float64[np.ndarray, " f"], *, is_dropped: bool) -> list[str]:
    if is_dropped:
        lowest = int(np.argmin(heights[: round(0.7 * len(heights))]))
        rebound = heights[lowest:].max() - heights[lowest]
        drop = heights[0] - heights[lowest]
        return [] if drop > 0.8 and rebound > 0.3 * drop else ["no visible rebound"]
    return [] if heights.max() > 0.75 and heights[-4:].min() < 0.6 * heights.max() else ["it does not hop"]


def _drifts(states: Float64[np.ndarray, "f 13"]) -> list[str]:
    apart = np.linalg.norm(states[:, :2] - states[0, :2], axis=-1)
    return ["it drifts sideways"] if apart.max() > 0.5 else []


def _travels(seen: Float64[np.ndarray, "f 3"], beat: Beat, camera: CameraPath) -> list[str]:
    across, down = seen[-1, :2] - seen[0, :2]
    if beat.direction == "towards":
        is_right = down > 0.24 * min(camera.width_px, camera.height_px) and abs(across) < 0.5 * down
        return [] if is_right else ["it does not come towards the viewer"]
    sign = 1 if beat.direction == "right" else -1
    is_right = sign * across > 0.3 * camera.width_px and abs(down) < 0.6 * abs(across)
    return [] if is_right else [f"it does not cross to the {beat.direction}"]


def _collides(script: Script, beat: Beat, run: Run, frames: slice, seen: Float64[np.ndarray, "f k 3"]) -> list[str]:
    assert beat.target is not None
    hits = [c.seconds for c in run.contacts if c.first >= 0 and beat.from_seconds <= c.seconds < beat.to_seconds]
    share = (hits[0] - beat.from_seconds) / (beat.to_seconds - beat.from_seconds) if hits else 0.0
    if not 0.25 <= share <= 0.62:
        return ["no hit near the middle"]
    hit_frame = frames.start + int((hits[0] - beat.from_seconds) * script.fps)
    axis, sign = {"left": (0, -1), "right": (0, 1), "towards": (1, 1)}[beat.direction or ""]
    least = (0.05 if axis else 0.09) * min(script.width_px, script.height_px)
    comes = sign * (seen[hit_frame, beat.thing, axis] - seen[frames.start, beat.thing, axis])
    goes = sign * (seen[frames.stop - 1, beat.target, axis] - seen[frames.start, beat.target, axis])
    return [] if comes > least and goes > least else ["the hit does not move the target along"]
