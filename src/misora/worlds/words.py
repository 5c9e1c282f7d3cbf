"""Captions of a script in four registers, each line saying everything that a viewer could check."""

from __future__ import annotations

import re

import numpy as np

from misora.core.errors import UsageError
from misora.core.seeds import numpy_rng
from misora.video.line import Line
from misora.worlds import lexicon
from misora.worlds.beats import travel_of
from misora.worlds.script import Beat, Script, Shot, Thing

REGISTERS = ("tags", "plain", "story", "paragraph")
MAX_TOKENS = 64
"""What a text encoder reads of a line; a telling that would be longer gives way to a shorter one."""
_FEWEST_SENTENCES = 3


def captions(script: Script, *, register: str, seed: int) -> tuple[Line, ...]:
    """Tell a script in words, one line a beat; each line stands alone.

    The draws of synonyms do not depend on directions, so the words of a mirrored script differ in left and right only.

    Args:
        script: what happens.
        register: "tags" (a terse list), "plain" (one sentence), "story" (with light and camera) or "paragraph" (three to
            five sentences on all that is seen).
        seed: draws synonyms.

    Returns:
        Lines in order of time.

    Raises:
        UsageError: an unknown register.
    """
    if register not in REGISTERS:
        raise UsageError(f"register is {register!r}; expected one of {', '.join(REGISTERS)}")
    tell = {"tags": _tags, "plain": _plain, "story": _story, "paragraph": _paragraph}[register]
    lines = []
    for shot_index, shot in enumerate(script.shots):
        words = _Words(shot, numpy_rng(seed, "words", register, shot_index))
        for beat_index, beat in enumerate(shot.beats):
            text = tell(words, beat, is_cut=shot_index > 0, is_next=beat_index > 0)
            if num_tokens(text) > MAX_TOKENS:
                text = _plain(words, beat, is_cut=shot_index > 0, is_next=beat_index > 0)
            lines.append(Line(text, beat.from_seconds, beat.to_seconds))
    return tuple(lines)


def num_tokens(text: str) -> int:
    """Count what a WordPiece encoder of lower-case English reads: pieces of words, marks, and the two ends.

    Args:
        text: a caption.

    Returns:
        Its tokens; right for the words of `captions`, too few for strange ones.
    """
    return 2 + sum(lexicon.PIECES.get(each, 1) for each in re.findall(r"[a-z]+|[^a-z\s]", text.lower()))


class _Words:
    """The words chosen for one shot, kept from line to line."""

    def __init__(self, shot: Shot, rng: np.random.Generator) -> None:
        self.shot = shot
        self.rng = rng
        toppling = {beat.thing for beat in shot.beats if beat.kind == "topple"}
        self.names = [self._name(thing, is_tall=k in toppling) for k, thing in enumerate(shot.things)]
        self.floor = self.pick(lexicon.FLOOR[shot.floor])
        self.light = self.pick(lexicon.LIGHT[shot.light])

    def _name(self, thing: Thing, *, is_tall: bool) -> str:
        colour = self.pick(lexicon.COLOUR.get(thing.colour, (thing.colour,)))
        shape = self.pick(lexicon.TALL_BOX if is_tall and thing.shape == "box" else lexicon.SHAPE[thing.shape])
        material = f"{self.pick(lexicon.MATERIAL[thing.material])} " if thing.material in lexicon.MATERIAL else ""
        return f"{material}{colour} {shape}"

    def pick(self, options: tuple[str, ...]) -> str:
        return options[int(self.rng.random() * len(options))]

    def often(self, share: float) -> bool:
        return bool(self.rng.random() < share)

    def others(self, beat: Beat) -> list[str]:
        """The names of all but the acting thing; what is hit comes first."""
        rest = [k for k in range(len(self.names)) if k != beat.thing]
        return [self.names[k] for k in sorted(rest, key=lambda k: k != beat.target)]


def _a(name: str) -> str:
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _the(name: str) -> str:
    return f"the {name}"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _resting(rest: str, names: list[str]) -> str:
    return lexicon.REST_OF_MANY[rest] if len(names) > 1 else rest


def _fill(words: _Words, beat: Beat, template: str, others: list[str], *, is_known: bool) -> str:
    article = _the if is_known else _a
    relation = words.shot.relation
    verb = words.pick(lexicon.VERB.get(beat.kind, ("",)))
    way = _way(words, beat)
    return template.format(
        S=article(words.names[beat.thing]),
        T=_listed([article(name) for name in others]) if others else "",
        V=verb,
        W=way,
        H=words.pick(lexicon.HIT),
        R=_resting(words.pick(lexicon.REST), others),
        N=words.pick(lexicon.NEAR),
        F=article(words.floor),
        G=lexicon.VERB[travel_of(words.shot.things[beat.thing])][0],
        Q=words.pick(lexicon.RELATION[relation]) if relation else "",
    )


def _way(words: _Words, beat: Beat) -> str:
    """Where to, as seen; of a ball that paints also what it leaves behind."""
    if beat.direction is None:
        return ""
    thing = words.shot.things[beat.thing]
    way = words.pick(lexicon.WAY[beat.direction])
    if beat.kind == "topple":
        way = f"to the {beat.direction}"
    if beat.kind == "roll" and thing.paints:
        way += f" and {words.pick(lexicon.TRAIL).format(_colour(words, beat))}"
    return way


def _colour(words: _Words, beat: Beat) -> str:
    return words.names[beat.thing].split()[-2]


def _sentence(words: _Words, beat: Beat, *, is_known: bool) -> str:
    others = words.others(beat)
    article = _the if is_known else _a
    said = others
    if beat.kind == "collide":
        said, template = others[:1], words.pick(lexicon.PLAIN_HIT)
    elif words.shot.relation is not None and beat.thing == 0:
        said, template = others[:1], words.pick(lexicon.PLAIN_RELATED[beat.kind])
    else:
        template = words.pick((lexicon.PLAIN_BESIDE if others else lexicon.PLAIN_ALONE)[beat.kind])
    text = _fill(words, beat, template, said, is_known=is_known)
    if len(said) < len(others):
        text += f" while {article(others[-1])} {words.pick(lexicon.REST)}"
    return text


def _plain(words: _Words, beat: Beat, *, is_cut: bool, is_next: bool) -> str:
    text = _sentence(words, beat, is_known=is_next)
    text = _opened(words, text, is_cut=is_cut, is_next=is_next)
    if words.often(0.25):
        text += f", in {words.light}"
    if words.often(0.2):
        text += f", {words.pick(lexicon.CAMERA[words.shot.camera])}"
    return text


def _opened(words: _Words, text: str, *, is_cut: bool, is_next: bool) -> str:
    if is_next:
        return f"{words.pick(lexicon.THEN)} {text}"
    if is_cut:
        opening = words.pick(lexicon.CUT)
        return f"{opening} {text}" if opening != "cut to" else f"cut to: {text}"
    return text


def _tags(words: _Words, beat: Beat, *, is_cut: bool, is_next: bool) -> str:
    name, others = words.names[beat.thing], words.others(beat)
    way = words.pick(lexicon.WAY[beat.direction]) if beat.direction else ""
    if beat.kind == "collide":
        tags = [f"{name} {words.pick(lexicon.HIT)} {others[0]}", f"moving {way}"]
        others = others[1:]
    else:
        tags = [f"{name} {lexicon.VERB[beat.kind][0]} {way}".strip()]
    if words.shot.relation is not None and beat.thing == 0:
        tags.append(f"{name} {words.pick(lexicon.RELATION[words.shot.relation])} {others[0]}")
    tags += [f"{other} {words.pick(lexicon.REST)}" for other in others]
    if beat.kind == "roll" and words.shot.things[beat.thing].paints:
        tags.append(f"{_colour(words, beat)} trail")
    tags.append(words.floor)
    if words.often(0.3):
        tags.append(words.pick(lexicon.COUNT[len(words.names)]))
    if words.often(0.4):
        tags.append(words.light)
    if words.often(0.3):
        tags.append(words.pick(lexicon.CAMERA_TAG[words.shot.camera]))
    return ", ".join((["then"] if is_next else ["cut"] if is_cut else []) + tags)


def _story(words: _Words, beat: Beat, *, is_cut: bool, is_next: bool) -> str:
    camera = words.pick(lexicon.CAMERA[words.shot.camera])
    sentence = _sentence(words, beat, is_known=is_next)
    if is_next:
        return f"{_capital(words.pick(lexicon.THEN))} {sentence}, in {words.light}, while {camera}."
    if len(words.names) > 1 and words.often(0.35):
        known = _sentence(words, beat, is_known=True)
        all_things = _listed([_a(name) for name in words.names])
        count = words.pick(lexicon.COUNT[len(words.names)])
        start = f"There are {count}, {all_things}, on {_a(words.floor)} in {words.light}"
        text = f"{start}. {_capital(known)}. {_capital(camera)}."
    elif words.often(0.5):
        text = f"In {words.light}, {sentence}. {_capital(camera)}."
    else:
        text = f"{_capital(sentence)} in {words.light}, while {camera}."
    return f"Cut to a new shot. {text}" if is_cut else text


def _paragraph(words: _Words, beat: Beat, *, is_cut: bool, is_next: bool) -> str:
    """What there is, in which light, what happens, what the camera does, and that no more happens."""
    num_things = len(words.names)
    setting = words.pick(lexicon.SETTING).format(
        C=words.pick(lexicon.COUNT[num_things]),
        B="are" if num_things > 1 else "is",
        F=_a(words.floor),
        L=_listed([_a(name) for name in words.names]),
    )
    happens = _sentence(words, beat, is_known=True)
    lit = words.pick(lexicon.LIT).format(words.light)
    camera = words.pick(lexicon.CAMERA[words.shot.camera])
    closing = words.pick(lexicon.CLOSING)
    if is_next:
        sentences = [f"{words.pick(lexicon.THEN)} {happens}", setting, lit, camera]
    elif is_cut:
        sentences = ["cut to a new shot", setting, lit, happens, camera]
    else:
        sentences = [setting, lit, happens, camera]
        if num_things == 1 and words.often(0.5):
            sentences.append(closing)
    for spare in (lit, camera):
        if num_tokens(_said(sentences)) > MAX_TOKENS and len(sentences) > _FEWEST_SENTENCES:
            sentences.remove(spare)
    return _said(sentences)


def _said(sentences: list[str]) -> str:
    return " ".join(f"{_capital(sentence)}." for sentence in sentences)


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
    tables = (*lexicon.TABLES, *lexicon.TEMPLATES)
    said = [text for table in tables for options in table.values() for text in options]
    said += [*lexicon.SINGLE]
    said += ["red orange yellow green blue pink brown white black", "a an the and on in to while moving is are"]
    said += ["There are", "Cut to a new shot", "trail"]
    return frozenset(word for text in said for word in words_of(re.sub(r"\{.?\}", " ", text)))


VOCABULARY: frozenset[str] = _vocabulary()
"""Every word that a caption can hold, in lower case."""
