"""Seeded script grammar: from a number to a script, in the shares that training wants."""

from __future__ import annotations

import numpy as np

from misora.core.errors import UsageError
from misora.core.seeds import numpy_rng
from misora.worlds.script import (
    CAMERAS,
    CLASHES,
    COLOURS,
    DIRECTIONS,
    FLOORS,
    LIGHTS,
    SHAPES,
    Beat,
    Script,
    Shot,
    Thing,
    held_out_flags,
)

SPLITS = ("train", "held_out", "any")
_SIZES = ((96, 96), (128, 96), (96, 128))
_MAX_TRIES = 20_000
Option = tuple[str, int, str | None, int | None]
"""Kind, thing, direction and target of a possible beat."""


def draw_script(
    seed: int,
    *,
    split: str,
    seconds: float | None = None,
    fps: int | None = None,
    size: tuple[int, int] | None = None,
    num_lines: int | None = None,
) -> Script:
    """Draw a script.

    Args:
        seed: any integer; the same seed and options give the same script.
        split: "train" shows no held-out combination, "held_out" has every beat held out, "any" does not care.
        seconds: duration; drawn from 1, 2, 3 when not given.
        fps: frames per second; 8 mostly, else 12, when not given.
        size: width and height in pixels; drawn when not given.
        num_lines: 1 or 2 timed lines; drawn when not given.

    Returns:
        A script that `Filmer.film` can film.

    Raises:
        UsageError: an unknown split, or options that do not fit together.
    """
    if split not in SPLITS:
        raise UsageError(f"split is {split!r}; expected one of {', '.join(SPLITS)}")
    rng = numpy_rng(seed, "playroom script")
    lines, duration = _draw_lines_and_seconds(rng, num_lines=num_lines, seconds=seconds)
    rate = fps or int(rng.choice((8, 12), p=(0.85, 0.15)))
    width_px, height_px = size or _SIZES[rng.choice(3, p=(0.6, 0.2, 0.2))]
    _check(seconds=duration, fps=rate, num_lines=lines)
    for _ in range(_MAX_TRIES):
        script = Script(
            seed=seed,
            seconds=duration,
            fps=rate,
            width_px=width_px,
            height_px=height_px,
            shots=_draw_shots(rng, seconds=duration, fps=rate, num_lines=lines),
        )
        flags = held_out_flags(script)
        if split == "any" or (all(flags) if split == "held_out" else not any(flags)):
            return script
    raise AssertionError(f"no {split} script within {_MAX_TRIES} draws from seed {seed}")


def _draw_lines_and_seconds(
    rng: np.random.Generator, *, num_lines: int | None, seconds: float | None
) -> tuple[int, float]:
    can_hold_two = seconds is None or seconds >= 2
    two = rng.random() < 0.25 and can_hold_two
    lines = num_lines or (2 if two else 1)
    drawn = 3.0 if lines == 2 else float(rng.choice((1, 2, 3), p=(0.135, 0.8, 0.065)))
    return lines, float(seconds or drawn)


def _check(*, seconds: float, fps: int, num_lines: int) -> None:
    if num_lines not in (1, 2):
        raise UsageError(f"a script has one or two lines, got num_lines={num_lines}")
    if not 1 <= seconds <= 10 or seconds < num_lines:
        raise UsageError(f"{seconds} seconds cannot hold {num_lines} lines; take 1 to 10 seconds, at least one a line")
    frames = seconds * fps
    if abs(frames - round(frames)) > 1e-6 or round(frames) % 4:
        raise UsageError(f"{seconds} seconds at {fps} frames/s are {frames} frames; take a multiple of 4")


def _draw_shots(rng: np.random.Generator, *, seconds: float, fps: int, num_lines: int) -> tuple[Shot, ...]:
    if num_lines == 1:
        return (_draw_shot(rng, times=(0.0, seconds)),)
    middle = _draw_boundary(rng, seconds=seconds, fps=fps)
    if rng.random() < 0.5:
        return (_draw_shot(rng, times=(0.0, middle, seconds)),)
    return (_draw_shot(rng, times=(0.0, middle)), _draw_shot(rng, times=(middle, seconds)))


def _draw_boundary(rng: np.random.Generator, *, seconds: float, fps: int) -> float:
    return float(rng.choice(cut_frames(seconds, fps))) / fps


def cut_frames(seconds: float, fps: int) -> list[int]:
    """List where a second line may begin: between two groups of four frames, at least a second from both ends.

    Args:
        seconds: duration of the script.
        fps: frames per second.

    Returns:
        Frame numbers.
    """
    return [frame for frame in range(4, round(seconds * fps), 4) if fps <= frame <= seconds * fps - fps]


def _draw_shot(rng: np.random.Generator, *, times: tuple[float, ...]) -> Shot:
    floor = str(rng.choice(FLOORS))
    num_things = 2 if rng.random() < 0.4 else 1
    things = draw_things(rng, floor=floor, num_things=num_things)
    beats = [_draw_first_beat(rng, things, times[0], times[1])]
    if len(times) == 3:
        beats.append(_draw_next_beat(rng, things, beats[0], times[2]))
    return Shot(
        floor=floor,
        light=str(rng.choice(LIGHTS, p=(0.5, 0.25, 0.25))),
        camera=str(rng.choice(CAMERAS, p=(0.6, 0.2, 0.2))),
        things=things,
        beats=tuple(beats),
        from_seconds=times[0],
        to_seconds=times[-1],
    )


def draw_things(rng: np.random.Generator, *, floor: str, num_things: int) -> tuple[Thing, ...]:
    """Draw things of different colours that stand out from the floor.

    Args:
        rng: source of the draw.
        floor: one of `FLOORS`.
        num_things: how many.

    Returns:
        The things.
    """
    allowed = [colour for colour in COLOURS if colour not in CLASHES[floor]]
    colours = rng.choice(allowed, size=num_things, replace=False)
    return tuple(
        Thing(shape=str(rng.choice(SHAPES)), colour=str(colour), size=round(float(rng.uniform(1.2, 1.5)), 3))
        for colour in colours
    )


def _draw_first_beat(rng: np.random.Generator, things: tuple[Thing, ...], start: float, end: float) -> Beat:
    travel = "roll" if things[0].can_roll else "slide"
    if len(things) == 2 and rng.random() < 0.5:
        kind = "collide"
    else:
        kind = str(rng.choice(("fall", "bounce", travel), p=(0.27, 0.27, 0.46)))
    can_come = kind != "collide" or _can_be_hit(things[1], "towards")
    share_towards = 0.0 if not can_come else 0.16 if kind == "collide" else 0.26
    shares = ((1 - share_towards) / 2, (1 - share_towards) / 2, share_towards)
    return Beat(
        kind=kind,
        thing=0,
        direction=None if kind in ("fall", "bounce") else str(rng.choice(DIRECTIONS, p=shares)),
        target=1 if kind == "collide" else None,
        from_seconds=start,
        to_seconds=end,
    )


def _draw_next_beat(rng: np.random.Generator, things: tuple[Thing, ...], first: Beat, end: float) -> Beat:
    options = next_beats(things, first)
    kind, thing, direction, target = options[rng.choice(len(options))]
    return Beat(
        kind=kind,
        thing=thing,
        direction=direction,
        target=target,
        from_seconds=first.to_seconds,
        to_seconds=end,
    )


def first_beats(things: tuple[Thing, ...]) -> list[Option]:
    """List what the first thing of a shot may do at first.

    Args:
        things: of the shot.

    Returns:
        (kind, thing, direction, target) of each possibility.
    """
    travel = "roll" if things[0].can_roll else "slide"
    options: list[Option] = [("fall", 0, None, None), ("bounce", 0, None, None)]
    options += [(travel, 0, direction, None) for direction in DIRECTIONS]
    if len(things) == 2:
        options += [("collide", 0, direction, 1) for direction in DIRECTIONS if _can_be_hit(things[1], direction)]
    return options


def _can_be_hit(target: Thing, direction: str) -> bool:
    """A tall target would hide what comes from behind it."""
    return direction != "towards" or target.shape != "cylinder"


def can_follow(things: tuple[Thing, ...], first: Beat, beat: Beat) -> bool:
    """Whether a beat may come after the first one in the same shot.

    Args:
        things: of the shot.
        first: the beat before.
        beat: the one in question.

    Returns:
        True when `next_beats` lists it.
    """
    return (beat.kind, beat.thing, beat.direction, beat.target) in next_beats(things, first)


def next_beats(things: tuple[Thing, ...], first: Beat) -> list[Option]:
    """List what may happen next in the same shot, so that it can be pushed there by one impulse.

    Args:
        things: of the shot.
        first: the beat before.

    Returns:
        (kind, thing, direction, target) of each possibility.
    """
    actor = things[first.thing]
    travel = "roll" if actor.can_roll else "slide"
    is_long = actor.shape in ("capsule", "egg")
    options: list[Option] = []
    if first.kind != "bounce":
        options.append(("bounce", first.thing, None, None))
    if first.kind in ("fall", "bounce"):
        options += [(travel, first.thing, d, None) for d in DIRECTIONS]
        if len(things) == 2:
            options += [("collide", 0, d, 1) for d in ("left", "right")]
    if first.kind in ("roll", "slide") or (first.kind == "collide" and not is_long):
        back = {"left": ("right",), "right": ("left",), "towards": () if is_long else ("left", "right")}
        if first.kind == "collide":
            back["towards"] = ()
        options += [(travel, first.thing, d, None) for d in back[first.direction or ""] for _ in range(2)]
    if len(things) == 2:
        options.append(("bounce", 1, None, None))
        if first.kind != "collide":
            travel = "roll" if things[1].can_roll else "slide"
            options += [(travel, 1, d, None) for d in ("left", "right")]
    return options
