"""Seeded script grammar: from a number to a script, in the shares that training wants."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TypeVar

import numpy as np

from misora.core.errors import UsageError
from misora.core.seeds import numpy_rng
from misora.worlds.beats import can_be_hit, next_beats, travel_of
from misora.worlds.grammar import FIRST, LINE_SECONDS, Grammar
from misora.worlds.script import (
    CLASHES,
    COLOURS,
    DIRECTIONS,
    FLOORS,
    RELATIONS,
    SHAPES,
    STAYING_MOTIONS,
    Beat,
    Script,
    Shot,
    Thing,
    held_out_flags,
)

SPLITS = ("train", "held_out", "any")
_MAX_TRIES = 20_000
_T = TypeVar("_T")
_THING_METRES = {1: (1.2, 1.5), 2: (1.2, 1.5), 3: (1.0, 1.22)}
_SPLITS_OF_THREE = (((1, 1, 1), 0.4), ((2, 1), 0.25), ((1, 2), 0.25), ((3,), 0.1))
"""Beats per shot of a script with three lines, and how often."""


def draw_script(
    seed: int,
    *,
    split: str,
    seconds: float | None = None,
    fps: int | None = None,
    size: tuple[int, int] | None = None,
    num_lines: int | None = None,
    grammar: Grammar = FIRST,
) -> Script:
    """Draw a script.

    Args:
        seed: any integer; the same seed and options give the same script.
        split: "train" shows no held-out combination, "held_out" has every beat held out, "any" does not care.
        seconds: duration; drawn when not given.
        fps: frames per second; drawn when not given.
        size: width and height in pixels; drawn when not given.
        num_lines: 1 to 3 timed lines; drawn when not given.
        grammar: what may be drawn, and how often.

    Returns:
        A script that `Filmer.film` can film.

    Raises:
        UsageError: an unknown split, or options that do not fit together.
    """
    if split not in SPLITS:
        raise UsageError(f"split is {split!r}; expected one of {', '.join(SPLITS)}")
    rng = numpy_rng(seed, "playroom script")
    lines, duration = _draw_lines_and_seconds(rng, grammar, num_lines=num_lines, seconds=seconds)
    rate = fps or int(_pick(rng, grammar.rates))
    sizes = [share for *_, share in grammar.sizes]
    width_px, height_px = size or grammar.sizes[rng.choice(len(sizes), p=sizes)][:2]
    _check(seconds=duration, fps=rate, num_lines=lines)
    for _ in range(_MAX_TRIES):
        script = Script(
            seed=seed,
            seconds=duration,
            fps=rate,
            width_px=width_px,
            height_px=height_px,
            shots=_draw_shots(rng, grammar, seconds=duration, fps=rate, num_lines=lines),
        )
        flags = held_out_flags(script)
        if split == "any" or (all(flags) if split == "held_out" else not any(flags)):
            return script
    raise AssertionError(f"no {split} script within {_MAX_TRIES} draws from seed {seed}")


def _pick(rng: np.random.Generator, shares: tuple[tuple[_T, float], ...]) -> _T:
    return shares[rng.choice(len(shares), p=[share for _, share in shares])][0]


def _count(rng: np.random.Generator, shares: tuple[float, ...], *, most: int) -> int:
    """Draw 1, 2, 3 from their shares; more than `most` counts as 1."""
    chance, below = rng.random(), 0.0
    for number in range(len(shares), 1, -1):
        below += shares[number - 1]
        if chance < below:
            return number if number <= most else 1
    return 1


def _draw_lines_and_seconds(
    rng: np.random.Generator, grammar: Grammar, *, num_lines: int | None, seconds: float | None
) -> tuple[int, float]:
    drawn_lines = _count(rng, grammar.lines, most=3 if seconds is None else int(seconds))
    lines = num_lines or drawn_lines
    fixed = LINE_SECONDS[lines - 1] if 1 <= lines <= len(LINE_SECONDS) else None
    drawn = fixed or float(_pick(rng, grammar.seconds))
    return lines, float(seconds or drawn)


def _check(*, seconds: float, fps: int, num_lines: int) -> None:
    if not 1 <= num_lines <= len(LINE_SECONDS):
        raise UsageError(f"a script has one to three lines, got num_lines={num_lines}")
    if not 1 <= seconds <= 10 or seconds < num_lines:
        raise UsageError(f"{seconds} seconds cannot hold {num_lines} lines; take 1 to 10 seconds, at least one a line")
    frames = seconds * fps
    if abs(frames - round(frames)) > 1e-6 or round(frames) % 4:
        raise UsageError(f"{seconds} seconds at {fps} frames/s are {frames} frames; take a multiple of 4")


def _draw_shots(
    rng: np.random.Generator, grammar: Grammar, *, seconds: float, fps: int, num_lines: int
) -> tuple[Shot, ...]:
    if num_lines == 1:
        return (_draw_shot(rng, grammar, times=(0.0, seconds)),)
    if num_lines == 3:
        return _draw_three(rng, grammar, seconds=seconds, fps=fps)
    middle = float(rng.choice(cut_frames(seconds, fps))) / fps
    if rng.random() < 0.5:
        return (_draw_shot(rng, grammar, times=(0.0, middle, seconds)),)
    return (_draw_shot(rng, grammar, times=(0.0, middle)), _draw_shot(rng, grammar, times=(middle, seconds)))


def _draw_three(rng: np.random.Generator, grammar: Grammar, *, seconds: float, fps: int) -> tuple[Shot, ...]:
    frames = cut_frames(seconds, fps)
    pairs = [(a, b) for a in frames for b in frames if b - a >= fps]
    if not pairs:
        raise UsageError(f"{seconds} seconds at {fps} frames/s cannot be cut into three lines; take another rate")
    times = [0.0, *(frame / fps for frame in pairs[rng.integers(len(pairs))]), seconds]
    shots, start = [], 0
    for num_beats in _pick(rng, _SPLITS_OF_THREE):
        shots.append(_draw_shot(rng, grammar, times=tuple(times[start : start + num_beats + 1])))
        start += num_beats
    return tuple(shots)


def cut_frames(seconds: float, fps: int) -> list[int]:
    """List where a second line may begin: between two groups of four frames, at least a second from both ends.

    Args:
        seconds: duration of the script.
        fps: frames per second.

    Returns:
        Frame numbers.
    """
    return [frame for frame in range(4, round(seconds * fps), 4) if fps <= frame <= seconds * fps - fps]


def _draw_shot(rng: np.random.Generator, grammar: Grammar, *, times: tuple[float, ...]) -> Shot:
    floor = str(rng.choice(FLOORS))
    num_things = _count(rng, grammar.things, most=3)
    things = draw_things(rng, floor=floor, num_things=num_things, grammar=grammar)
    beats = [_draw_first_beat(rng, grammar, things, times)]
    for start, end in pairwise(times[1:]):
        options = next_beats(things, tuple(beats), grammar.motions)
        if not options:  # a third beat is not always possible
            return _draw_shot(rng, grammar, times=times)
        kind, thing, direction, target = options[rng.choice(len(options))]
        beats.append(
            Beat(kind=kind, thing=thing, direction=direction, target=target, from_seconds=start, to_seconds=end)
        )
    shot = Shot(
        floor=floor,
        light=_pick(rng, grammar.lights),
        camera=_pick(rng, grammar.cameras),
        things=things,
        beats=tuple(beats),
        from_seconds=times[0],
        to_seconds=times[-1],
    )
    return _embellish(rng, grammar, shot)


def _embellish(rng: np.random.Generator, grammar: Grammar, shot: Shot) -> Shot:
    """Add what depends on the beats: paint, a relation, and no pan that would hide a direction."""
    if grammar.paint_share > 0 and any(beat.kind == "roll" for beat in shot.beats):
        rollers = {beat.thing for beat in shot.beats if beat.kind == "roll"}
        things = tuple(
            replace(thing, paints=k in rollers and thing.shape == "ball" and rng.random() < grammar.paint_share)
            for k, thing in enumerate(shot.things)
        )
        shot = replace(shot, things=things)
    if grammar.relation_share > 0 and can_relate(shot) and rng.random() < grammar.relation_share:
        shot = replace(shot, relation=str(rng.choice(RELATIONS, p=(0.35, 0.35, 0.15, 0.15))))
    return shot if can_film(shot, shot.camera) else replace(shot, camera="still")


def can_relate(shot: Shot) -> bool:
    """Whether it can be said all the time where the first thing stands with respect to the second.

    Args:
        shot: any.

    Returns:
        True for a shot of one beat with at least two things, of which the first stays in its place.
    """
    return len(shot.things) > 1 and len(shot.beats) == 1 and shot.beats[0].kind in STAYING_MOTIONS


def can_film(shot: Shot, camera: str) -> bool:
    """Whether a camera leaves the directions of a shot to be seen.

    Args:
        shot: what happens.
        camera: one of `CAMERAS`.

    Returns:
        False for a pan over what comes towards the viewer or hits something, for an orbit around two in a line, and for
        pulling back from a hit that is not all, since what is small by then crosses too little.
    """
    if camera == "pull_back":
        return len(shot.beats) == 1 or all(beat.kind != "collide" for beat in shot.beats)
    if camera == "orbit":
        return shot.relation not in ("in_front_of", "behind")
    return camera != "pan" or not any(beat.direction == "towards" or beat.kind == "collide" for beat in shot.beats)


def draw_things(
    rng: np.random.Generator, *, floor: str, num_things: int, grammar: Grammar = FIRST
) -> tuple[Thing, ...]:
    """Draw things of different colours that stand out from the floor.

    Args:
        rng: source of the draw.
        floor: one of `FLOORS`.
        num_things: how many.
        grammar: names the materials.

    Returns:
        The things; three are somewhat smaller, so that they find room.
    """
    allowed = [colour for colour in COLOURS if colour not in CLASHES[floor]]
    colours = rng.choice(allowed, size=num_things, replace=False)
    things = tuple(
        Thing(
            shape=str(rng.choice(SHAPES)),
            colour=str(colour),
            size=round(float(rng.uniform(*_THING_METRES[num_things])), 3),
        )
        for colour in colours
    )
    if len(grammar.materials) == 1:
        return tuple(replace(thing, material=grammar.materials[0][0]) for thing in things)
    drawn = [(thing, _pick(rng, grammar.materials)) for thing in things]
    return tuple(
        replace(thing, material="matte" if thing.shape == "box" and material == "glossy" else material)
        for thing, material in drawn
    )


def _draw_first_beat(
    rng: np.random.Generator, grammar: Grammar, things: tuple[Thing, ...], times: tuple[float, ...]
) -> Beat:
    num_things = len(things)
    if num_things > 1 and rng.random() < grammar.collide_share:
        kind = "collide"
    else:
        kind = _draw_move(rng, grammar, things[0], is_alone=len(times) == 2)
    return Beat(
        kind=kind,
        thing=0,
        direction=_draw_direction(rng, kind, things),
        target=1 if kind == "collide" else None,
        from_seconds=times[0],
        to_seconds=times[1],
    )


def _draw_move(rng: np.random.Generator, grammar: Grammar, thing: Thing, *, is_alone: bool) -> str:
    can = {"topple": thing.can_topple, "spin": thing.shows_spin, "swing": is_alone}
    moves = [(kind, weight) for kind, weight in grammar.moves if can.get(kind, True)]
    weights = np.array([weight for _, weight in moves])
    total = weights.sum()
    kind = moves[rng.choice(len(moves), p=weights if total == 1.0 else weights / total)][0]
    return travel_of(thing) if kind == "travel" else kind


def _draw_direction(rng: np.random.Generator, kind: str, things: tuple[Thing, ...]) -> str | None:
    if kind in ("fall", "bounce", "swing", "spin"):
        return None
    if kind == "topple":
        return str(rng.choice(("left", "right")))
    can_come = kind != "collide" or can_be_hit(things[1], "towards")
    share_towards = 0.0 if not can_come else 0.16 if kind == "collide" else 0.26
    return str(rng.choice(DIRECTIONS, p=((1 - share_towards) / 2, (1 - share_towards) / 2, share_towards)))
