"""Which beats may come first in a shot, and which may follow, so that one impulse brings each about."""

from __future__ import annotations

from misora.worlds.script import DIRECTIONS, Beat, Thing

Option = tuple[str, int, str | None, int | None]
"""Kind, thing, direction and target of a possible beat."""
_SIDES = ("left", "right")
_BACK = {"left": "right", "right": "left"}


def first_beats(things: tuple[Thing, ...], kinds: tuple[str, ...]) -> list[Option]:
    """List what the first thing of a shot may do at first.

    Args:
        things: of the shot.
        kinds: motions that the grammar knows.

    Returns:
        (kind, thing, direction, target) of each possibility.
    """
    first, others = things[0], things[1:]
    options: list[Option] = [("fall", 0, None, None), ("bounce", 0, None, None)]
    options += [(travel_of(first), 0, direction, None) for direction in DIRECTIONS]
    options += [("collide", 0, d, 1) for d in DIRECTIONS for target in others[:1] if can_be_hit(target, d)]
    if first.can_topple:
        options += [("topple", 0, direction, None) for direction in _SIDES]
    options.append(("swing", 0, None, None))
    if first.shows_spin:
        options.append(("spin", 0, None, None))
    return [option for option in options if option[0] in kinds]


def travel_of(thing: Thing) -> str:
    """How a thing moves along the floor.

    Args:
        thing: any.

    Returns:
        "roll" or "slide".
    """
    return "roll" if thing.can_roll else "slide"


def can_be_hit(target: Thing, direction: str) -> bool:
    """Whether a hit can be seen: a tall target would hide what comes from behind it.

    Args:
        target: what is to be hit.
        direction: of the one that hits.

    Returns:
        False for a cylinder hit from behind.
    """
    return direction != "towards" or target.shape != "cylinder"


def can_follow(things: tuple[Thing, ...], done: tuple[Beat, ...], beat: Beat, kinds: tuple[str, ...]) -> bool:
    """Whether a beat may come after others in the same shot.

    Args:
        things: of the shot.
        done: the beats before, in order.
        beat: the one in question.
        kinds: motions that the grammar knows.

    Returns:
        True when `next_beats` lists it.
    """
    return (beat.kind, beat.thing, beat.direction, beat.target) in next_beats(things, done, kinds)


def next_beats(things: tuple[Thing, ...], done: tuple[Beat, ...], kinds: tuple[str, ...]) -> list[Option]:
    """List what may happen next in the same shot, so that it can be pushed there by one impulse.

    Nothing follows a swing: what hangs would go on swinging.

    Args:
        things: of the shot.
        done: the beats before, in order, at least one.
        kinds: motions that the grammar knows.

    Returns:
        (kind, thing, direction, target) of each possibility.
    """
    last = done[-1]
    if last.kind == "swing":
        return []
    options = _by_same(things, last)
    if len(things) > 1:
        for k in (k for k in range(len(things)) if k != last.thing):
            options += _by_other(things, last, k)
    known = [option for option in options if option[0] in kinds]
    return [option for option in known if all(_fits_earlier(option, beat) for beat in done[:-1])]


def _by_same(things: tuple[Thing, ...], last: Beat) -> list[Option]:
    actor = things[last.thing]
    travel = travel_of(actor)
    is_long = actor.shape in ("capsule", "egg")
    if last.kind == "topple":
        return [("spin", last.thing, None, None)]
    options: list[Option] = []
    if last.kind != "bounce":
        options.append(("bounce", last.thing, None, None))
    if last.kind in ("fall", "bounce") or (last.kind == "spin" and not is_long):
        options += [(travel, last.thing, d, None) for d in DIRECTIONS]
    if last.kind in ("fall", "bounce") and len(things) > 1 and last.thing == 0:
        options += [("collide", 0, d, 1) for d in _SIDES]
    if last.kind in ("roll", "slide") or (last.kind == "collide" and not is_long):
        back = {"left": ("right",), "right": ("left",), "towards": () if is_long else _SIDES}
        if last.kind == "collide":
            back["towards"] = ()
        options += [(travel, last.thing, d, None) for d in back[last.direction or ""] for _ in range(2)]
    if last.kind == "fall" and actor.shows_spin:  # after a bounce it may still be in the air
        options.append(("spin", last.thing, None, None))
    return options


def _by_other(things: tuple[Thing, ...], last: Beat, k: int) -> list[Option]:
    options: list[Option] = [("bounce", k, None, None)]
    if last.kind == "collide" and last.target == k:
        return options
    options += [(travel_of(things[k]), k, d, None) for d in _SIDES]
    if things[k].shape in ("box", "cylinder"):
        options += [("topple", k, d, None) for d in _SIDES]
    if things[k].shows_spin:
        options.append(("spin", k, None, None))
    return options


def _fits_earlier(option: Option, earlier: Beat) -> bool:
    """Whether a third beat is possible after the first: what moved along goes back, if it moves along again."""
    kind, thing, direction, _ = option
    if kind == "collide" or thing == earlier.target:
        return False
    if thing != earlier.thing:
        return True
    if earlier.kind in ("topple", "collide"):
        return False
    if kind in ("roll", "slide") and earlier.kind in ("roll", "slide"):
        return _BACK.get(earlier.direction or "") == direction
    return kind != "topple" and (kind != "spin" or earlier.kind not in ("spin", "bounce"))
