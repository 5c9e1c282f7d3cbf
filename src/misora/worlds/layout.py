"""Draw a layout: where things stand, where they go, and which push takes them there."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from misora.worlds.camera import CameraPath
from misora.worlds.geometry import MASS_KG, Body
from misora.worlds.pendulum import GRAVITY, Pendulum
from misora.worlds.script import Beat, Shot

_HEADINGS = {"right": 0.0, "left": math.pi, "towards": -math.pi / 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """What an impulse gives to the acting thing when its beat begins.

    Attributes:
        velocity: metres per second.
        drag_seconds: time in which motion along the floor fades by e; infinite for none.
        restitution: speed kept by a bounce off the floor.
        spin: radians per second about the axes of the world; None for what follows from rolling or sliding.
        grip: friction with the floor; None for what its shape has.
    """

    velocity: tuple[float, float, float]
    drag_seconds: float
    restitution: float
    spin: tuple[float, float, float] | None = None
    grip: float | None = None


@dataclass(slots=True, kw_only=True)
class Layout:
    """A plan of a shot, while it is drawn.

    Attributes:
        route: where each thing stands in the floor plane when beat b begins, and at last when all is over.
        heights: of the centres when the shot begins.
        headings: in which each would roll.
        pushes: one per beat.
        pendulum: of the thing that swings, if one does; its pivot is set when the route is.
    """

    route: list[Float64[np.ndarray, "k 2"]]
    heights: list[float]
    headings: list[float]
    pushes: list[Push]
    pendulum: Pendulum | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    """What a layout must fit into: the shot, its bodies, and the metres that the picture spans when it spans least."""

    shot: Shot
    bodies: tuple[Body, ...]
    width_m: float
    fps: int
    camera: CameraPath

    def panned_m(self, beat: Beat) -> float:
        """Metres by which a pan moves the picture over the floor during a beat, to the right."""
        if self.shot.camera != "pan":
            return 0.0
        first, last = (round((t - self.shot.from_seconds) * self.fps) for t in (beat.from_seconds, beat.to_seconds))
        return float(self.camera.look_at_m[last - 1, 0] - self.camera.look_at_m[first, 0])


def draw_layout(
    rng: np.random.Generator, shot: Shot, *, camera: CameraPath, bodies: tuple[Body, ...], fps: int
) -> Layout:
    """Draw a layout, which may or may not fit into the picture.

    Args:
        rng: source of the draw.
        shot: what happens.
        camera: gives the width of the view.
        bodies: sizes of the things.
        fps: frames per second, beyond which no turn can be seen.

    Returns:
        Places, route and pushes, with the middle of the action in the middle of the picture.
    """
    view_m = 2 * camera.tan_half_height * float(camera.distance_m.min()) * camera.width_px / camera.height_px
    frame = _Frame(shot=shot, bodies=bodies, width_m=view_m, fps=fps, camera=camera)
    places = np.stack([rng.uniform((-0.34 * view_m, -1.2), (0.34 * view_m, 2.2)) for _ in bodies])
    layout = Layout(
        route=[places],
        heights=[each.rest_height_m for each in bodies],
        headings=[_rest_heading(rng) for _ in bodies],
        pushes=[],
    )
    travelled: dict[int, float] = {}
    for index, beat in enumerate(shot.beats):
        if beat.kind in ("fall", "bounce"):
            _go_up_and_down(rng, layout, beat, index=index, frame=frame)
        elif beat.kind == "topple":
            _go_over(rng, layout, beat, body=bodies[beat.thing], is_round=shot.things[beat.thing].shape == "capsule")
        elif beat.kind == "swing":
            _hang(rng, layout, beat, body=bodies[beat.thing], is_beside=shot.relation in ("left_of", "right_of"))
        elif beat.kind == "spin":
            _turn(rng, layout, fps=fps)
        else:
            _go_along(rng, layout, beat, frame=frame, travelled=travelled)
    movers = _movers(shot)
    stops = np.stack(layout.route)[:, movers].reshape(-1, 2)
    shift = rng.uniform((-0.25, -0.25), (0.25, 0.25)) - (stops.min(axis=0) + stops.max(axis=0)) / 2
    for stop in layout.route:
        stop[movers] += shift
    if shot.relation is not None:
        _relate(rng, layout, shot.relation, bodies)
    if layout.pendulum is not None:
        layout.pendulum = layout.pendulum.under(layout.route[0][0], layout.route[-1][0])
    return layout


def _relate(rng: np.random.Generator, layout: Layout, relation: str, bodies: tuple[Body, ...]) -> None:
    """Put the second thing where the first is said to stand with respect to it."""
    wide = bodies[0].around_m + bodies[1].around_m
    aside, away = rng.choice((-1.0, 1.0)) * rng.uniform(0.0, 0.45), rng.uniform(0.0, 0.5)
    first = (layout.route[0][0] + layout.route[-1][0]) / 2
    reach = float(np.abs(layout.route[0][0] - layout.route[-1][0]).max()) / 2
    offset = {
        "left_of": (wide + 0.25 + reach + away, aside),
        "right_of": (-wide - 0.25 - reach - away, aside),
        "in_front_of": (0.3 * np.sign(aside) + 0.9 * aside, 1.55 + away),
        "behind": (0.3 * np.sign(aside) + 0.9 * aside, -1.55 - away),
    }[relation]
    middle = np.array(offset) / 2
    for stop in layout.route:
        stop[0] -= middle
        stop[1] = first + middle


def _rest_heading(rng: np.random.Generator) -> float:
    """A heading whose square, the long axis, is seen broadside or aslant."""
    return -math.pi / 2 + rng.choice((-1.0, 1.0)) * rng.uniform(0.05, 0.7)


def _movers(shot: Shot) -> list[int]:
    """Who stands in the middle of the picture together: all who meet, else the one who acts first."""
    acting = {beat.thing for beat in shot.beats} | {beat.target for beat in shot.beats if beat.target is not None}
    return sorted(acting) if any(b.kind == "collide" for b in shot.beats) or len(acting) == 1 else [shot.beats[0].thing]


def _go_up_and_down(rng: np.random.Generator, layout: Layout, beat: Beat, *, index: int, frame: _Frame) -> None:
    """Start above the floor in a first beat; later, hop from it."""
    seconds = beat.to_seconds - beat.from_seconds
    restitution = 0.0 if beat.kind == "fall" else float(rng.uniform(0.7, 0.8))
    upwards = 0.0
    if index == 0:
        longest_seconds = (0.58 if beat.kind == "fall" else 0.42) * seconds
        drop = min(float(rng.uniform(1.8, 2.2)), GRAVITY / 2 * longest_seconds**2)
        layout.heights[beat.thing] += max(drop, 1.2)
    else:
        upwards = math.sqrt(2 * GRAVITY * float(rng.uniform(1.0, 1.3)))
    drag = math.inf if len(frame.shot.beats) == 1 else 0.6 * seconds
    layout.route.append(layout.route[-1].copy())
    layout.pushes.append(Push(velocity=(0.0, 0.0, upwards), drag_seconds=drag, restitution=restitution))


def _go_over(rng: np.random.Generator, layout: Layout, beat: Beat, *, body: Body, is_round: bool) -> None:
    """Tip over the edge of the foot, or over a round end, with more than the energy that the edge asks for.

    Standing on its edge the centre is d above the floor, so that w² (I / m + d²) = 2 g (d - h) brings it there.
    """
    heading = _HEADINGS[beat.direction or ""] + float(rng.uniform(-0.3, 0.3))
    layout.headings[beat.thing] = heading
    along = np.array([math.cos(heading), math.sin(heading)])
    foot = 0.0 if is_round else body.reach_m[0]
    height = body.rest_height_m
    edge = math.hypot(foot, height)
    least = math.sqrt(2 * GRAVITY * (edge - height) / (body.inertia[0] / MASS_KG + edge**2))
    rate = 1.0 if foot == 0 else least * 1.25 + 0.15
    rate *= float(rng.uniform(1.0, 1.15))
    there = layout.route[-1].copy()
    there[beat.thing] += along * (foot + height if foot else height + 0.57 * body.reach_m[0])
    layout.route.append(there)
    velocity = (rate * height * float(along[0]), rate * height * float(along[1]), rate * foot)
    spin = (-rate * float(along[1]), rate * float(along[0]), 0.0)
    layout.pushes.append(Push(velocity=velocity, drag_seconds=4.0, restitution=0.0, spin=spin, grip=0.9))


def _hang(rng: np.random.Generator, layout: Layout, beat: Beat, *, body: Body, is_beside: bool) -> None:
    """Hang it from a line and let it go from one side; less far where another must keep beside it."""
    heading = float(rng.uniform(-0.25, 0.25))
    pendulum = Pendulum(
        pivot_m=(0.0, 0.0, 0.0),
        length_m=float(rng.uniform(2.8, 3.2)),
        amplitude=math.radians(rng.uniform(20, 27)) * (0.7 if is_beside else 1.0),
        phase=float(rng.uniform(-0.2, 0.5)) + (math.pi if rng.random() < 0.5 else 0.0),
        heading=heading,
        lowest_m=float(rng.uniform(0.3, 0.5)) + body.rest_height_m,
    )
    half = 0.5 * pendulum.width_m * np.array([math.cos(heading), math.sin(heading)])
    there = layout.route[-1].copy()
    for stop in layout.route:
        stop[beat.thing] -= half
    there[beat.thing] += half
    layout.route.append(there)
    layout.heights[beat.thing] = pendulum.lowest_m
    layout.pendulum = pendulum
    layout.pushes.append(Push(velocity=(0.0, 0.0, 0.0), drag_seconds=math.inf, restitution=0.0, spin=(0.0, 0.0, 0.0)))


def _turn(rng: np.random.Generator, layout: Layout, *, fps: int) -> None:
    """Turn about the vertical, at most about 34 degrees a frame: faster, a cube would seem to turn back."""
    rate = math.radians(rng.uniform(28, 34)) * fps * rng.choice((-1.0, 1.0))
    layout.route.append(layout.route[-1].copy())
    spin = (0.0, 0.0, float(rate))
    layout.pushes.append(Push(velocity=(0.0, 0.0, 0.0), drag_seconds=math.inf, restitution=0.0, spin=spin, grip=0.001))


def _go_along(
    rng: np.random.Generator, layout: Layout, beat: Beat, *, frame: _Frame, travelled: dict[int, float]
) -> None:
    """Roll or slide over the floor, into the target if there is one; `travelled` holds earlier headings."""
    seconds = beat.to_seconds - beat.from_seconds
    is_alone = len(frame.shot.beats) == 1
    drag = math.inf if is_alone else (1.2 if beat.kind == "collide" else 0.6) * seconds
    heading = _heading(rng, frame.shot, beat, previous=travelled.get(beat.thing))
    travelled[beat.thing] = layout.headings[beat.thing] = heading
    along = np.array([math.cos(heading), math.sin(heading)])
    there = layout.route[-1].copy()
    if beat.target is not None:
        layout.headings[beat.target] = heading
        push = _Strike(along=along, seconds=seconds, drag_seconds=drag, is_alone=is_alone)
        speed = _plan_hit(rng, layout, beat, push, bodies=frame.bodies, there=there)
    else:
        length = _travel(rng, beat, frame.width_m, along) + float(along[0]) * frame.panned_m(beat)
        there[beat.thing] += along * length
        speed = length / _reach(seconds, drag)
    layout.route.append(there)
    velocity = (speed * float(along[0]), speed * float(along[1]), 0.0)
    layout.pushes.append(Push(velocity=velocity, drag_seconds=drag, restitution=0.0))


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Strike:
    """How one thing goes for another."""

    along: Float64[np.ndarray, "2"]
    seconds: float
    drag_seconds: float
    is_alone: bool


def _plan_hit(
    rng: np.random.Generator,
    layout: Layout,
    beat: Beat,
    strike: _Strike,
    *,
    bodies: tuple[Body, ...],
    there: Float64[np.ndarray, "k 2"],
) -> float:
    """Place the target on the way and return the speed that reaches it near the middle of the beat."""
    assert beat.target is not None
    drag, along = strike.drag_seconds, strike.along
    gap = float(rng.uniform(0.0, 0.4)) + (1.8 if beat.direction == "towards" else 1.2 if strike.is_alone else 0.85)
    apart = gap + _support(bodies[beat.thing]) + _support(bodies[beat.target])
    start = layout.route[-1][beat.thing]
    for stop in layout.route:
        stop[beat.target] = start + along * apart
    hit_seconds = strike.seconds * float(rng.uniform(0.36, 0.46))
    speed = gap / _reach(hit_seconds, drag)
    rest = speed * (1.0 if math.isinf(drag) else math.exp(-hit_seconds / drag))
    there[beat.thing] = start + along * (gap + 0.3)
    there[beat.target] = start + along * (apart + 0.8 * rest * _reach(strike.seconds - hit_seconds, drag))
    return speed


def _support(each: Body) -> float:
    """Half extent of a body across its heading, roughly."""
    return each.roll_radius_m or each.reach_m[0] * 1.1
