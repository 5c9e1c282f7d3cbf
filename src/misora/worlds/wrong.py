"""Scripts with exactly one thing wrong, by which a judge of videos is calibrated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np

from misora.core.errors import UsageError
from misora.core.seeds import numpy_rng
from misora.worlds.beats import can_follow, first_beats, next_beats, travel_of
from misora.worlds.draw import can_film, cut_frames, draw_things
from misora.worlds.grammar import FIRST, Grammar
from misora.worlds.script import CLASHES, COLOURS, FLOORS, RELATIONS, SHAPES, STAYING_MOTIONS, Beat, Script, Shot

ATTRIBUTES = ("colour", "shape", "floor", "motion", "count", "cut_time", "swap", "relation", "camera")
_LEAST_CUT_ERROR_SECONDS = 0.5


def wrong(script: Script, attribute: str, *, seed: int, grammar: Grammar = FIRST) -> Script:
    """Change one attribute of a script; the rest, the jitter of light and camera included, stays.

    A wrong motion is the same motion in another direction half of the time, if it has one. A wrong count adds a
    bystander or takes one away; only where every shot is a collision must the one that is hit go, and its beat with it.

    Args:
        script: what is told.
        attribute: one of `ATTRIBUTES`.
        seed: draws the shot, the thing and the error.
        grammar: names the motions, cameras and numbers of things among which the error is drawn.

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
        errors = _Errors(script, grammar)
        changes: dict[str, Callable[[Shot, np.random.Generator], list[Shot]]] = {
            "colour": _other_colours,
            "shape": errors.shapes,
            "floor": _other_floors,
            "motion": errors.motions,
            "count": errors.counts,
            "swap": errors.swaps,
            "relation": _other_relations,
            "camera": errors.cameras,
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


def _as_option(beat: Beat) -> tuple[str, int, str | None, int | None]:
    return beat.kind, beat.thing, beat.direction, beat.target


def _with_thing(shot: Shot, index: int, *, shape: str | None = None, colour: str | None = None) -> Shot:
    thing = shot.things[index]
    paints = thing.paints and shape in (None, "ball")
    thing = replace(thing, shape=shape or thing.shape, colour=colour or thing.colour, paints=paints)
    return replace(shot, things=(*shot.things[:index], thing, *shot.things[index + 1 :]))


def _other_colours(shot: Shot, rng: np.random.Generator) -> list[Shot]:
    index = int(rng.integers(len(shot.things)))
    taken = {thing.colour for thing in shot.things} | set(CLASHES[shot.floor])
    return [_with_thing(shot, index, colour=colour) for colour in COLOURS if colour not in taken]


def _other_floors(shot: Shot, _: np.random.Generator) -> list[Shot]:
    colours = {thing.colour for thing in shot.things}
    floors = [floor for floor in FLOORS if floor != shot.floor and not colours & set(CLASHES[floor])]
    return [replace(shot, floor=floor) for floor in floors]


def _other_relations(shot: Shot, _: np.random.Generator) -> list[Shot]:
    if shot.relation is None:
        return []
    others = [replace(shot, relation=relation) for relation in RELATIONS if relation != shot.relation]
    return [other for other in others if can_film(other, other.camera)]


class _Errors:
    """Errors that depend on what the grammar knows."""

    def __init__(self, script: Script, grammar: Grammar) -> None:
        told = {beat.kind for shot in script.shots for beat in shot.beats}
        self.kinds = grammar.motions + tuple(sorted(told - set(grammar.motions)))
        self.grammar = grammar

    def _is_possible(self, shot: Shot) -> bool:
        if _as_option(shot.beats[0]) not in first_beats(shot.things, self.kinds):
            return False
        later = range(1, len(shot.beats))
        return all(can_follow(shot.things, shot.beats[:n], shot.beats[n], self.kinds) for n in later)

    def shapes(self, shot: Shot, rng: np.random.Generator) -> list[Shot]:
        for index in rng.permutation(len(shot.things)):
            shapes = [shape for shape in SHAPES if shape != shot.things[index].shape]
            others = [_with_thing(shot, int(index), shape=shape) for shape in shapes]
            if possible := [other for other in others if self._is_possible(other)]:
                return possible
        return []

    def motions(self, shot: Shot, rng: np.random.Generator) -> list[Shot]:
        for index in rng.permutation(len(shot.beats)):
            others = self._beats(shot, int(index))
            turned = [other for other in others if other.beats[index].kind == shot.beats[index].kind]
            changed = [other for other in others if other.beats[index].kind != shot.beats[index].kind]
            if turned and changed:
                return turned if rng.random() < 0.5 else changed
            if others:
                return others
        return []

    def _beats(self, shot: Shot, index: int) -> list[Shot]:
        """The shot with another motion of the same thing in one of its beats, where the other beats still fit."""
        beat, before = shot.beats[index], shot.beats[:index]
        options = next_beats(shot.things, before, self.kinds) if before else first_beats(shot.things, self.kinds)
        others = []
        for kind, thing, direction, target in options:
            if thing == beat.thing and (kind, direction) != (beat.kind, beat.direction):
                changed = replace(beat, kind=kind, direction=direction, target=target)
                relation = shot.relation if kind in STAYING_MOTIONS else None
                others.append(replace(shot, relation=relation, beats=(*before, changed, *shot.beats[index + 1 :])))
        return [other for other in others if self._is_possible(other) and can_film(other, other.camera)]

    def counts(self, shot: Shot, rng: np.random.Generator) -> list[Shot]:
        num_things = len(shot.things)
        others = []
        if num_things == 1 or num_things < len(self.grammar.things):
            taken = {thing.colour for thing in shot.things}
            drawn = draw_things(rng, floor=shot.floor, num_things=num_things + 1, grammar=self.grammar)
            others += [replace(shot, things=(*shot.things, thing)) for thing in drawn if thing.colour not in taken]
        last = num_things - 1
        if last > 0 and all(last not in (beat.thing, beat.target) for beat in shot.beats):
            relation = shot.relation if last > 1 else None
            others.append(replace(shot, relation=relation, things=shot.things[:last]))
        return others

    def swaps(self, shot: Shot, _: np.random.Generator) -> list[Shot]:
        """The other thing hits; where its shape could not go on with the next beat, only the colours change places."""
        if all(beat.target is None for beat in shot.beats):
            return []
        first, second, *rest = shot.things
        exchanged = replace(shot, things=(second, first, *rest))
        exchanged = replace(exchanged, beats=tuple(_as_it_can(exchanged, beat) for beat in exchanged.beats))
        if self._is_possible(exchanged):
            return [exchanged]
        return [_with_thing(_with_thing(shot, 0, colour=second.colour), 1, colour=first.colour)]

    def cameras(self, shot: Shot, _: np.random.Generator) -> list[Shot]:
        known = [camera for camera, share in self.grammar.cameras if share > 0 and camera != shot.camera]
        return [replace(shot, camera=camera) for camera in known if can_film(shot, camera)]


def _without_target(shot: Shot) -> Shot:
    """Leave the first thing alone: it travels instead of hitting, and what another thing did is not told."""
    first = shot.beats[0]
    if first.target is not None:
        first = replace(first, kind=travel_of(shot.things[0]), target=None)
    first = replace(first, to_seconds=shot.to_seconds)
    return replace(shot, relation=None, things=shot.things[:1], beats=(first,))


def _other_cuts(script: Script) -> list[Script]:
    """The cut between two shots of one beat each at another time, at least a second from both ends of the two."""
    found = []
    for index, (first, second) in enumerate(pairwise(script.shots)):
        if len(first.beats) + len(second.beats) > 2:
            continue
        times = [frame / script.fps for frame in cut_frames(script.seconds, script.fps)]
        for time in times:
            is_inside = first.from_seconds + 1 <= time <= second.to_seconds - 1
            if is_inside and abs(time - first.to_seconds) >= _LEAST_CUT_ERROR_SECONDS:
                moved = (_retimed(first, to_seconds=time), _retimed(second, from_seconds=time))
                found.append(replace(script, shots=(*script.shots[:index], *moved, *script.shots[index + 2 :])))
    return found


def _retimed(shot: Shot, *, from_seconds: float | None = None, to_seconds: float | None = None) -> Shot:
    start = shot.from_seconds if from_seconds is None else from_seconds
    end = shot.to_seconds if to_seconds is None else to_seconds
    beat = replace(shot.beats[0], from_seconds=start, to_seconds=end)
    return replace(shot, from_seconds=start, to_seconds=end, beats=(beat,))


def _as_it_can(shot: Shot, beat: Beat) -> Beat:
    if beat.kind not in ("roll", "slide"):
        return beat
    return replace(beat, kind="roll" if shot.things[beat.thing].can_roll else "slide")
