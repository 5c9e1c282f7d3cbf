"""Captions of a script in three registers, each line saying everything that a viewer could check."""

from __future__ import annotations

import re

import numpy as np

from misora.core.errors import UsageError
from misora.core.seeds import numpy_rng
from misora.video.line import Line
from misora.worlds.script import Beat, Script, Shot

REGISTERS = ("tags", "plain", "story")

_SHAPE = {
    "ball": ("ball", "ball", "sphere"),
    "box": ("box", "box", "cube", "block"),
    "cylinder": ("cylinder", "cylinder", "drum"),
    "capsule": ("capsule", "capsule", "pill"),
    "egg": ("egg",),
}
_COLOUR = {"purple": ("purple", "purple", "violet")}
_FLOOR = {
    "green": ("green floor",),
    "grey": ("grey floor", "grey floor", "gray floor"),
    "wooden": ("wooden floor", "wooden floor", "wood floor"),
    "checkered": ("checkered floor", "checkered floor", "checkerboard floor"),
}
_LIGHT = {
    "bright": ("bright light", "bright daylight"),
    "warm": ("warm light", "warm evening light"),
    "dim": ("dim light", "low light"),
}
_CAMERA_TAG = {
    "still": ("still camera", "fixed camera"),
    "orbit": ("orbiting camera",),
    "push_in": ("camera pushes in", "camera moves closer"),
}
_CAMERA = {
    "still": ("the camera stays still", "the camera does not move"),
    "orbit": ("the camera orbits around", "the camera circles slowly"),
    "push_in": ("the camera pushes in", "the camera moves closer"),
}
_VERB = {
    "fall": ("falls", "drops", "falls down", "drops down"),
    "bounce": ("bounces", "bounces up and down"),
    "roll": ("rolls", "rolls", "is rolling"),
    "slide": ("slides", "slides", "is sliding", "glides"),
}
_WAY = {
    "left": ("left", "to the left"),
    "right": ("right", "to the right"),
    "towards": ("towards the camera", "towards the viewer", "towards us"),
}
_HIT = ("hits", "bumps into", "collides with", "runs into")
_REST = ("stays still", "stands still", "does not move")
_NEAR = ("near", "beside", "next to")
_THEN = ("then", "then", "next,", "after that,")
_CUT = ("cut to", "new shot:", "now")
_COUNT = {1: ("one thing", "one object"), 2: ("two things", "two objects")}

# Placeholders: S the acting thing, T the other thing, V verb, W way, H hit, R rest, N near, F floor, G verb of moving.
_PLAIN_ALONE = {
    "fall": ("{S} {V} onto {F}", "{S} {V} on {F}"),
    "bounce": ("{S} {V} on {F}",),
    "roll": ("{S} {V} {W} across {F}", "{S} {V} {W} on {F}", "{S} {V} {W} over {F}"),
    "slide": ("{S} {V} {W} across {F}", "{S} {V} {W} on {F}", "{S} {V} {W} over {F}"),
}
_PLAIN_BESIDE = {
    "fall": ("{S} {V} {N} {T} on {F}", "{S} {V} onto {F} while {T} {R}"),
    "bounce": ("{S} {V} {N} {T} on {F}", "{S} {V} on {F} while {T} {R}"),
    "roll": ("{S} {V} {W} across {F} while {T} {R}", "{S} {V} {W} on {F}, and {T} {R}"),
    "slide": ("{S} {V} {W} across {F} while {T} {R}", "{S} {V} {W} on {F}, and {T} {R}"),
}
_PLAIN_HIT = ("{S} {G} {W} and {H} {T} on {F}", "{S} {H} {T} on {F}, moving {W}", "on {F}, {S} {G} {W} and {H} {T}")


def captions(script: Script, *, register: str, seed: int) -> tuple[Line, ...]:
    """Tell a script in words, one line a beat; each line stands alone.

    The draws of synonyms do not depend on directions, so the words of a mirrored script differ in left and right only.

    Args:
        script: what happens.
        register: "tags" (a terse list), "plain" (one sentence) or "story" (with light and camera).
        seed: draws synonyms.

    Returns:
        Lines in order of time.

    Raises:
        UsageError: an unknown register.
    """
    if register not in REGISTERS:
        raise UsageError(f"register is {register!r}; expected one of {', '.join(REGISTERS)}")
    tell = {"tags": _tags, "plain": _plain, "story": _story}[register]
    lines = []
    for shot_index, shot in enumerate(script.shots):
        words = _Words(shot, numpy_rng(seed, "words", register, shot_index))
        for beat_index, beat in enumerate(shot.beats):
            text = tell(words, beat, is_cut=shot_index > 0, is_next=beat_index > 0)
            lines.append(Line(text, beat.from_seconds, beat.to_seconds))
    return tuple(lines)


class _Words:
    """The words chosen for one shot, kept from line to line."""

    def __init__(self, shot: Shot, rng: np.random.Generator) -> None:
        self.shot = shot
        self.rng = rng
        self.names = [
            f"{self.pick(_COLOUR.get(thing.colour, (thing.colour,)))} {self.pick(_SHAPE[thing.shape])}"
            for thing in shot.things
        ]
        self.floor = self.pick(_FLOOR[shot.floor])
        self.light = self.pick(_LIGHT[shot.light])

    def pick(self, options: tuple[str, ...]) -> str:
        return options[int(self.rng.random() * len(options))]

    def often(self, share: float) -> bool:
        return bool(self.rng.random() < share)

    def other(self, beat: Beat) -> str | None:
        names = [name for k, name in enumerate(self.names) if k != beat.thing]
        return names[0] if names else None


def _a(name: str) -> str:
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _fill(words: _Words, beat: Beat, template: str, *, is_known: bool) -> str:
    article = (lambda name: f"the {name}") if is_known else _a
    other = words.other(beat)
    goes = "roll" if words.shot.things[beat.thing].can_roll else "slide"
    return template.format(
        S=article(words.names[beat.thing]),
        T=article(other) if other else "",
        V=words.pick(_VERB.get(beat.kind, ("",))),
        W=words.pick(_WAY[beat.direction] if beat.direction in ("left", "right") else _WAY["towards"])
        if beat.direction
        else "",
        H=words.pick(_HIT),
        R=words.pick(_REST),
        N=words.pick(_NEAR),
        F=article(words.floor),
        G=_VERB[goes][0],
    )


def _sentence(words: _Words, beat: Beat, *, is_known: bool) -> str:
    if beat.kind == "collide":
        return _fill(words, beat, words.pick(_PLAIN_HIT), is_known=is_known)
    templates = _PLAIN_ALONE if words.other(beat) is None else _PLAIN_BESIDE
    return _fill(words, beat, words.pick(templates[beat.kind]), is_known=is_known)


def _plain(words: _Words, beat: Beat, *, is_cut: bool, is_next: bool) -> str:
    text = _sentence(words, beat, is_known=is_next)
    text = _opened(words, text, is_cut=is_cut, is_next=is_next)
    if words.often(0.25):
        text += f", in {words.light}"
    if words.often(0.2):
        text += f", {words.pick(_CAMERA[words.shot.camera])}"
    return text


def _opened(words: _Words, text: str, *, is_cut: bool, is_next: bool) -> str:
    if is_next:
        return f"{words.pick(_THEN)} {text}"
    if is_cut:
        opening = words.pick(_CUT)
        return f"{opening} {text}" if opening != "cut to" else f"cut to: {text}"
    return text


def _tags(words: _Words, beat: Beat, *, is_cut: bool, is_next: bool) -> str:
    name, other = words.names[beat.thing], words.other(beat)
    way = words.pick(_WAY[beat.direction]) if beat.direction else ""
    if beat.kind == "collide":
        tags = [f"{name} {words.pick(_HIT)} {other}", f"moving {way}"]
    elif other is not None:
        tags = [f"{name} {_VERB[beat.kind][0]} {way}".strip(), f"{other} {words.pick(_REST)}"]
    else:
        tags = [f"{name} {_VERB[beat.kind][0]} {way}".strip()]
    tags.append(words.floor)
    if words.often(0.3):
        tags.append(words.pick(_COUNT[len(words.names)]))
    if words.often(0.4):
        tags.append(words.light)
    if words.often(0.3):
        tags.append(words.pick(_CAMERA_TAG[words.shot.camera]))
    return ", ".join((["then"] if is_next else ["cut"] if is_cut else []) + tags)


def _story(words: _Words, beat: Beat, *, is_cut: bool, is_next: bool) -> str:
    camera = words.pick(_CAMERA[words.shot.camera])
    sentence = _sentence(words, beat, is_known=is_next)
    if is_next:
        return f"{_capital(words.pick(_THEN))} {sentence}, in {words.light}, while {camera}."
    if words.other(beat) is not None and words.often(0.35):
        known = _sentence(words, beat, is_known=True)
        both = f"{_a(words.names[0])} and {_a(words.names[1])}"
        start = f"There are {words.pick(_COUNT[2])}, {both}, on {_a(words.floor)} in {words.light}"
        text = f"{start}. {_capital(known)}. {_capital(camera)}."
    elif words.often(0.5):
        text = f"In {words.light}, {sentence}. {_capital(camera)}."
    else:
        text = f"{_capital(sentence)} in {words.light}, while {camera}."
    return f"Cut to a new shot. {text}" if is_cut else text


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def words_of(text: str) -> list[str]:
    """Split a caption into words.

    Args:
        text: any caption or prompt.

    Returns:
        Lower-case words without punctuation.
    """
    return re.findall(r"[a-z]+", text.lower())


def _vocabulary() -> frozenset[str]:
    tables = (_SHAPE, _COLOUR, _FLOOR, _LIGHT, _CAMERA_TAG, _CAMERA, _VERB, _WAY, _COUNT, _PLAIN_ALONE, _PLAIN_BESIDE)
    said = [text for table in tables for options in table.values() for text in options]
    said += [*_HIT, *_REST, *_NEAR, *_THEN, *_CUT, *_PLAIN_HIT]
    said += ["red orange yellow green blue pink brown white black", "a an the and on in while moving"]
    said += ["There are", "Cut to a new shot"]
    return frozenset(word for text in said for word in words_of(re.sub(r"\{.\}", " ", text)))


VOCABULARY: frozenset[str] = _vocabulary()
"""Every word that a caption can hold, in lower case."""
