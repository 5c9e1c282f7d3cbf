"""Scripts with exactly one thing wrong, by which a judge of videos is calibrated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from misora.core.errors import UsageError
from misora.core.seeds import numpy_rng
from misora.worlds.draw import can_follow, cut_frames, draw_things, first_beats, next_beats
from misora.worlds.script import CLASHES, COLOURS, FLOORS, SHAPES, Beat, Script, Shot

ATTRIBUTES = ("colour", "shape", "floor", "motion", "count", "cut_time", "swap")
_LEAST_CUT_ERROR_SECONDS = 0.5


def wrong(script: Script, attribute: str, *, seed: int) -> Script:
    """Change one attribute of a script; the rest, the jitter of light and camera included, stays.

    A wrong motion is the same motion in another direction half of the time, if it has one. A wrong count adds a
    bystander or takes one away; only where every shot is a collision must the one that is hit go, and its beat with it.

    Args:
        script: what is told.
        attribute: one of `ATTRIBUTES`.
        seed: draws the shot, the thing and the error.

    Returns:
        A script that can be filmed and that contradicts the given one in this attribute.

    Raises:
        UsageError: an unknown attribute, or one of which the script says nothing.
    """
    if attribute not in ATTRIBUTES:
        raise UsageError(f"attribute is {attribute!r}; expected one of {', '.join(ATTRIBUTES)}")
    rng = numpy_rng(seed, "wrong", attribute)
    if attribute == "cut_time":
        options = _other_cuts(script)
    else:
        changes: dict[str, Callable[[Shot, np.random.Generator], list[Shot]]] = {
            "colour": _other_colours,
            "shape": _other_shapes,
            "floor": _other_floors,
            "motion": _other_motions,
            "count": _other_counts,
            "swap": _swaps,
        }
        found = [(index, changes[attribute](shot, rng)) for index, shot in enumerate(script.shots)]
        options = _one_shot_of(script, found, rng)
        if not options and attribute == "count":
            options = [_with_shot(script, index, _without_target(shot)) for index, shot in enumerate(script.shots)]
    if not options:
        raise UsageError(f"this script has no {attribute} that could be wrong; ask for another attribute")
    return options[int(rng.integers(len(options)))]


def _with_shot(script: Script, index: int, shot: Shot) -> Script:
    return replace(script, shots=(*script.shots[:index], shot, *script.shots[index + 1 :]))


def _one_shot_of(script: Script, found: list[tuple[int, list[Shot]]], rng: np.random.Generator) -> list[Script]:
    """All errors of one shot, so that a shot with many possible errors is not preferred."""
    possible = [(index, shots) for index, shots in found if shots]
    if not possible:
        return []
    index, shots = possible[int(rng.integers(len(possible)))]
    return [_with_shot(script, index, shot) for shot in shots]


def _is_possible(shot: Shot) -> bool:
    first = shot.beats[0]
    is_start = _as_option(first) in first_beats(shot.things)
    return is_start and all(can_follow(shot.things, first, beat) for beat in shot.beats[1:])


def _as_option(beat: Beat) -> tuple[str, int, str | None, int | None]:
    return beat.kind, beat.thing, beat.direction, beat.target


def _with_thing(shot: Shot, index: int, *, shape: str | None = None, colour: str | None = None) -> Shot:
    thing = shot.things[index]
    thing = replace(thing, shape=shape or thing.shape, colour=colour or thing.colour)
    return replace(shot, things=(*shot.things[:index], thing, *shot.things[index + 1 :]))


def _other_colours(shot: Shot, rng: np.random.Generator) -> list[Shot]:
    index = int(rng.integers(len(shot.things)))
    taken = {thing.colour for thing in shot.things} | set(CLASHES[shot.floor])
    return [_with_thing(shot, index, colour=colour) for colour in COLOURS if colour not in taken]


def _other_shapes(shot: Shot, rng: np.random.Generator) -> list[Shot]:
    for index in rng.permutation(len(shot.things)):
        shapes = [shape for shape in SHAPES if shape != shot.things[index].shape]
        others = [_with_thing(shot, int(index), shape=shape) for shape in shapes]
        if possible := [other for other in others if _is_possible(other)]:
            return possible
    return []


def _other_floors(shot: Shot, _: np.random.Generator) -> list[Shot]:
    colours = {thing.colour for thing in shot.things}
    floors = [floor for floor in FLOORS if floor != shot.floor and not colours & set(CLASHES[floor])]
    return [replace(shot, floor=floor) for floor in floors]


def _other_motions(shot: Shot, rng: np.random.Generator) -> list[Shot]:
    for index in rng.permutation(len(shot.beats)):
        others = _other_beats(shot, int(index))
        turned = [other for other in others if other.beats[index].kind == shot.beats[index].kind]
        changed = [other for other in others if other.beats[index].kind != shot.beats[index].kind]
        if turned and changed:
            return turned if rng.random() < 0.5 else changed
        if others:
            return others
    return []


def _other_beats(shot: Shot, index: int) -> list[Shot]:
    """The shot with another motion of the same thing in one of its beats, where the other beat still fits."""
    beat = shot.beats[index]
    options = first_beats(shot.things) if index == 0 else next_beats(shot.things, shot.beats[0])
    others = []
    for kind, thing, direction, target in options:
        if thing == beat.thing and (kind, direction) != (beat.kind, beat.direction):
            changed = replace(beat, kind=kind, direction=direction, target=target)
            others.append(replace(shot, beats=(*shot.beats[:index], changed, *shot.beats[index + 1 :])))
    return [other for other in others if _is_possible(other)]


def _other_counts(shot: Shot, rng: np.random.Generator) -> list[Shot]:
    if len(shot.things) == 1:
        taken = shot.things[0].colour
        added = [thing for thing in draw_things(rng, floor=shot.floor, num_things=2) if thing.colour != taken]
        return [replace(shot, things=(shot.things[0], thing)) for thing in added]
    if all(beat.thing == 0 and beat.target is None for beat in shot.beats):
        return [replace(shot, things=shot.things[:1])]
    return []


def _without_target(shot: Shot) -> Shot:
    """Leave the first thing alone: it travels instead of hitting, and what another thing did is not told."""
    travel = "roll" if shot.things[0].can_roll else "slide"
    first = shot.beats[0]
    if first.target is not None:
        first = replace(first, kind=travel, target=None)
    return replace(shot, things=shot.things[:1], beats=(replace(first, to_seconds=shot.to_seconds),))


def _other_cuts(script: Script) -> list[Script]:
    if len(script.shots) != 2:
        return []
    first, second = script.shots
    told = first.to_seconds
    times = [frame / script.fps for frame in cut_frames(script.seconds, script.fps)]
    return [
        replace(
            script,
            shots=(
                _retimed(first, to_seconds=time),
                _retimed(second, from_seconds=time),
            ),
        )
        for time in times
        if abs(time - told) >= _LEAST_CUT_ERROR_SECONDS
    ]


def _retimed(shot: Shot, *, from_seconds: float | None = None, to_seconds: float | None = None) -> Shot:
    start = shot.from_seconds if from_seconds is None else from_seconds
    end = shot.to_seconds if to_seconds is None else to_seconds
    beat = replace(shot.beats[0], from_seconds=start, to_seconds=end)
    return replace(shot, from_seconds=start, to_seconds=end, beats=(beat,))


def _swaps(shot: Shot, _: np.random.Generator) -> list[Shot]:
    """The other thing hits; where its shape could not go on with the second beat, only the colours change places."""
    if all(beat.target is None for beat in shot.beats):
        return []
    first, second = shot.things
    exchanged = replace(shot, things=(second, first))
    beats = [_as_it_can(exchanged, beat) for beat in shot.beats]
    exchanged = replace(exchanged, beats=tuple(beats))
    if _is_possible(exchanged):
        return [exchanged]
    return [_with_thing(_with_thing(shot, 0, colour=second.colour), 1, colour=first.colour)]


def _as_it_can(shot: Shot, beat: Beat) -> Beat:
    if beat.kind not in ("roll", "slide"):
        return beat
    return replace(beat, kind="roll" if shot.things[beat.thing].can_roll else "slide")
