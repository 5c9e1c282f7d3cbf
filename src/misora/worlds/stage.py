"""From a shot to places, pushes and camera: what the words leave open is drawn so that the action stays in the picture."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from misora.core.seeds import numpy_rng
from misora.worlds.camera import CameraPath, draw_camera
from misora.worlds.geometry import Body, body, lying, multiply, tilted, turned
from misora.worlds.script import Beat, Script, Shot

GRAVITY = 9.81
_HEADINGS = {"right": 0.0, "left": math.pi, "towards": -math.pi / 2}
_MAX_LAYOUTS = 120
_SMALL_MISFIT_PX = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """What an impulse gives to the acting thing when its beat begins.

    Attributes:
        velocity: metres per second.
        drag_seconds: time in which motion along the floor fades by e; infinite for none.
        restitution: speed kept by a bounce off the floor.
    """

    velocity: tuple[float, float, float]
    drag_seconds: float
    restitution: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Staging:
    """All that physics and picture need for one shot.

    Attributes:
        bodies: sizes of the things.
        positions_m: centres when the shot begins.
        quaternions: orientations when the shot begins.
        pushes: one per beat.
        camera: pose per frame.
    """

    bodies: tuple[Body, ...]
    positions_m: Float64[np.ndarray, "k 3"]
    quaternions: Float64[np.ndarray, "k 4"]
    pushes: tuple[Push, ...]
    camera: CameraPath


@dataclass(slots=True, kw_only=True)
class _Plan:
    """A layout while it is drawn: `route[b]` is where each thing stands, in the plane, when beat b begins."""

    route: list[Float64[np.ndarray, "k 2"]]
    heights: list[float]
    headings: list[float]
    pushes: list[Push]


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
    goes_up = any(beat.kind in ("fall", "bounce") for beat in shot.beats)
    camera = draw_camera(
        camera_rng,
        shot,
        script=script,
        num_frames=num_frames,
        raised_degrees=7.0 if any(b.kind == "collide" and b.direction == "towards" for b in shot.beats) else 0.0,
        look_at_m=(0.0, 0.1, 1.2) if goes_up else (0.0, 0.0, 0.45),
    )
    bodies = tuple(body(thing) for thing in shot.things)
    plan = best = _draw_plan(rng, shot, camera, bodies)
    worst = math.inf
    for _ in range(_MAX_LAYOUTS):
        misfit = _misfit(plan, shot, camera, bodies)
        if misfit < worst:
            best, worst = plan, misfit
        if worst <= _SMALL_MISFIT_PX:
            break
        plan = _draw_plan(rng, shot, camera, bodies)
    return Staging(
        bodies=bodies,
        positions_m=np.column_stack([best.route[0], best.heights]),
        quaternions=np.stack([_pose(rng, shot, k, heading) for k, heading in enumerate(best.headings)]),
        pushes=tuple(best.pushes),
        camera=camera,
    )


def _view_width(camera: CameraPath) -> float:
    """Metres that the picture spans at the point looked at, when it spans least."""
    tallest = 2 * camera.tan_half_height * float(camera.distance_m.min())
    return tallest * camera.width_px / camera.height_px


def _draw_plan(rng: np.random.Generator, shot: Shot, camera: CameraPath, bodies: tuple[Body, ...]) -> _Plan:
    num = len(bodies)
    width = _view_width(camera)
    places = np.stack(
        [rng.uniform((-0.34 * width, -1.2), (0.34 * width, 2.2)) for _ in range(num)],
    )
    plan = _Plan(
        route=[places],
        heights=[each.rest_height_m for each in bodies],
        headings=[_rest_heading(rng) for _ in range(num)],
        pushes=[],
    )
    turned_already: dict[int, float] = {}
    for index, beat in enumerate(shot.beats):
        _add_beat(rng, plan, shot, index, bodies=bodies, width=width, headings=turned_already)
    middle = _middle_of_action(plan, shot)
    shift = -middle * np.array([1.0, 1.0]) + rng.uniform((-0.25, -0.25), (0.25, 0.25))
    movers = _movers(shot)
    for stop in plan.route:
        stop[movers] += shift
    return plan


def _rest_heading(rng: np.random.Generator) -> float:
    """A heading whose square, the long axis, is seen broadside or aslant."""
    return -math.pi / 2 + rng.choice((-1.0, 1.0)) * rng.uniform(0.05, 0.7)


def _movers(shot: Shot) -> list[int]:
    acting = {beat.thing for beat in shot.beats} | {beat.target for beat in shot.beats if beat.target is not None}
    return sorted(acting) if any(b.kind == "collide" for b in shot.beats) or len(acting) == 1 else [shot.beats[0].thing]


def _middle_of_action(plan: _Plan, shot: Shot) -> Float64[np.ndarray, "2"]:
    stops = np.stack(plan.route)[:, _movers(shot)].reshape(-1, 2)
    return (stops.min(axis=0) + stops.max(axis=0)) / 2


def _add_beat(
    rng: np.random.Generator,
    plan: _Plan,
    shot: Shot,
    index: int,
    *,
    bodies: tuple[Body, ...],
    width: float,
    headings: dict[int, float],
) -> None:
    beat = shot.beats[index]
    seconds = beat.to_seconds - beat.from_seconds
    here = plan.route[-1]
    there = here.copy()
    fades = 1.2 if beat.kind == "collide" else 0.6
    drag = math.inf if len(shot.beats) == 1 else fades * seconds
    velocity = (0.0, 0.0, 0.0)
    restitution = 0.0
    if beat.kind in ("fall", "bounce"):
        restitution = 0.0 if beat.kind == "fall" else float(rng.uniform(0.7, 0.8))
        if index == 0:
            longest = 0.58 * seconds if beat.kind == "fall" else 0.42 * seconds
            drop = min(float(rng.uniform(1.8, 2.2)), GRAVITY / 2 * longest**2)
            plan.heights[beat.thing] += max(drop, 1.2)
        else:
            velocity = (0.0, 0.0, math.sqrt(2 * GRAVITY * float(rng.uniform(1.0, 1.3))))
    else:
        heading = _heading(rng, shot, beat, previous=headings.get(beat.thing))
        headings[beat.thing] = plan.headings[beat.thing] = heading
        if beat.target is not None:
            plan.headings[beat.target] = heading
        along = np.array([math.cos(heading), math.sin(heading)])
        if beat.kind == "collide":
            speed = _plan_hit(
                rng, plan, beat, there, along=along, bodies=bodies, drag=drag, is_alone=len(shot.beats) == 1
            )
        else:
            length = _travel(rng, beat, width, along)
            there[beat.thing] += along * length
            speed = length / _reach(seconds, drag)
        velocity = (speed * along[0], speed * along[1], 0.0)
    plan.route.append(there)
    plan.pushes.append(Push(velocity=velocity, drag_seconds=drag, restitution=restitution))


def _heading(rng: np.random.Generator, shot: Shot, beat: Beat, *, previous: float | None) -> float:
    """Direction of travel; long shapes go aslant, so that their long axis is seen."""
    involved = [beat.thing] if beat.target is None else [beat.thing, beat.target]
    is_long = any(shot.things[k].shape in ("capsule", "egg") for k in involved)
    if is_long and previous is not None:
        return previous + math.pi
    if beat.direction == "towards":
        off = rng.choice((-1.0, 1.0)) * rng.uniform(0.12, 0.2) if beat.kind == "collide" else rng.uniform(-0.12, 0.12)
    elif is_long:
        most = 0.5 if beat.kind == "collide" else 0.66
        off = rng.choice((-1.0, 1.0)) * rng.uniform(most - 0.14, most)
    else:
        off = rng.uniform(-0.15, 0.15)
    return _HEADINGS[beat.direction or ""] + float(off)


def _travel(rng: np.random.Generator, beat: Beat, width: float, along: Float64[np.ndarray, "2"]) -> float:
    """Metres to go, so that a good part of the picture is crossed."""
    if beat.direction == "towards":
        return float(rng.uniform(3.3, 3.9))
    return float(rng.uniform(0.42, 0.6)) * width / abs(float(along[0]))


def _reach(seconds: float, drag: float) -> float:
    """Metres covered per metre per second of initial speed."""
    return seconds if math.isinf(drag) else drag * (1 - math.exp(-seconds / drag))


def _plan_hit(
    rng: np.random.Generator,
    plan: _Plan,
    beat: Beat,
    there: Float64[np.ndarray, "k 2"],
    *,
    along: Float64[np.ndarray, "2"],
    bodies: tuple[Body, ...],
    drag: float,
    is_alone: bool,
) -> float:
    """Place the target on the way and return the speed that reaches it near the middle of the beat."""
    assert beat.target is not None
    seconds = beat.to_seconds - beat.from_seconds
    is_coming = beat.direction == "towards"
    gap = float(rng.uniform(0.0, 0.4)) + (1.8 if is_coming else 1.2 if is_alone else 0.85)
    apart = gap + _support(bodies[beat.thing]) + _support(bodies[beat.target])
    start = plan.route[-1][beat.thing]
    for stop in plan.route:
        stop[beat.target] = start + along * apart
    there[beat.thing] = start + along * (gap + 0.3)
    hit_seconds = seconds * float(rng.uniform(0.36, 0.46))
    speed = gap / _reach(hit_seconds, drag)
    rest = speed * (1.0 if math.isinf(drag) else math.exp(-hit_seconds / drag))
    there[beat.target] = start + along * (apart + 0.8 * rest * _reach(seconds - hit_seconds, drag))
    return speed


def _support(each: Body) -> float:
    """Half extent of a body across its heading, roughly."""
    return each.roll_radius_m or each.reach_m[0] * 1.1


def _pose(rng: np.random.Generator, shot: Shot, index: int, heading: float) -> Float64[np.ndarray, "4"]:
    thing = shot.things[index]
    falls = len(shot.beats) == 1 and shot.beats[0].kind == "fall" and shot.beats[0].thing == index
    tilt = tilted(math.radians(rng.uniform(2, 9)) * falls, about_radians=rng.uniform(0, 2 * math.pi))
    if thing.shape in ("capsule", "egg"):
        return multiply(tilt, lying(heading))
    if thing.shape == "box":
        return multiply(tilt, turned(math.radians(rng.choice((-1.0, 1.0)) * rng.uniform(18, 38))))
    return multiply(tilt, turned(0.0)) if thing.shape == "cylinder" else turned(0.0)


def _misfit(plan: _Plan, shot: Shot, camera: CameraPath, bodies: tuple[Body, ...]) -> float:
    """How far the plan is from fitting: 0 when all is in the picture, apart and unhidden."""
    stops = np.stack(plan.route)
    k = len(bodies)
    heights = np.array([each.rest_height_m for each in bodies])
    points = np.concatenate([stops, np.broadcast_to(heights[:, None], (len(stops), k, 1))], axis=-1)
    points = np.concatenate([points, np.column_stack([stops[0], plan.heights])[None]])
    misfit = 0.0
    for frame in (-1,) if shot.camera == "still" else (0, -1):
        still = camera.at(frame, num_frames=len(points))
        seen = still.project(points)
        scale = camera.height_px / (2 * camera.tan_half_height * seen[..., 2])
        around = np.array([max(each.rest_height_m, 0.8 * each.around_m) for each in bodies]) * 0.95
        across = np.array([each.around_m for each in bodies]) * 0.95
        over = np.maximum(across * scale - seen[..., 0], seen[..., 0] + across * scale - camera.width_px)
        under = np.maximum(around * scale - seen[..., 1], seen[..., 1] + around * scale - camera.height_px)
        misfit += float(np.maximum(over, 0).sum() + np.maximum(under, 0).sum())
        if k == 2:
            misfit += _crowding(still, plan, shot, bodies)
    if k == 2:
        misfit += 40 * _closeness(plan, shot, bodies)
    return misfit


def _crowding(camera: CameraPath, plan: _Plan, shot: Shot, bodies: tuple[Body, ...]) -> float:
    """Pixels by which one thing hides another, at the stops and, more leniently, on the way."""
    worst = 0.0
    for index, beat in enumerate(shot.beats):
        path = np.linspace(plan.route[index], plan.route[index + 1], 7)
        floor = np.array([each.rest_height_m for each in bodies])
        points = np.concatenate([path, np.broadcast_to(floor[:, None], (7, 2, 1))], axis=-1)
        seen = camera.at(0, num_frames=7).project(points)
        scale = camera.height_px / (2 * camera.tan_half_height * seen[..., 2])
        size = scale @ np.array([max(0.8 * each.around_m, each.rest_height_m) for each in bodies])
        wanted = np.where((np.arange(7) == 0) | (np.arange(7) == 6), 0.9, 0.0 if beat.kind == "collide" else 0.6)
        wanted[0] *= not (beat.kind == "collide" and beat.direction == "towards")
        wanted[6] *= beat.kind != "collide"
        worst = max(worst, float(np.max(wanted * size - np.linalg.norm(seen[:, 0, :2] - seen[:, 1, :2], axis=-1))))
    return max(worst, 0.0)


def _closeness(plan: _Plan, shot: Shot, bodies: tuple[Body, ...]) -> float:
    """Metres by which two planned paths come too close, apart from the hit itself."""
    wanted = bodies[0].around_m + bodies[1].around_m + 0.15
    worst = 0.0
    for index, beat in enumerate(shot.beats):
        if beat.kind == "collide":
            continue
        path = np.linspace(plan.route[index], plan.route[index + 1], 12)
        worst = max(worst, float(np.max(wanted - np.linalg.norm(path[:, 0] - path[:, 1], axis=-1))))
    return max(worst, 0.0)
