"""A short prompt brought to the manner of the captions that the model learnt from; what was said stays as it was said.

The playroom's template only adds: a motion where a thing has none, a floor, light and a camera where none is spoken of. An
endpoint may rephrase, and puts other languages into English.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from misora.core.seeds import numpy_rng
from misora.generate.prompt import MAX_CHARACTERS
from misora.worlds.script import CLASHES, FLOORS, ROLLING_SHAPES

PLAYROOM = "playroom"

_SHAPES = {
    "ball": "ball",
    "sphere": "ball",
    "box": "box",
    "cube": "box",
    "block": "box",
    "cylinder": "cylinder",
    "drum": "cylinder",
    "capsule": "capsule",
    "pill": "capsule",
    "egg": "egg",
}
_MOTION = re.compile(
    r"\b(fall|drop|bounc|roll|slid|glid|mov|stand|stay|hit|bump|collid|run|toppl|tip|swing|spin|push|turn|lie|lies|rest|fly|"
    r"flies|jump|hop|go|goes|come|is|are|was|still|hang|paint|leav|eat|walk)\w*",
)
_FLOOR = re.compile(r"\b(floor|ground|table|on|onto|across|over|grass|carpet|sand|street|wood|wooden|checker\w*)\b")
_LIGHT = re.compile(r"\b(\w*light|lit|dark|dim|bright|warm|night|day|morning|evening|sun\w*|shadows?|lamp|glow\w*)\b")
_CAMERA = re.compile(r"\b(camera|zoom\w*|pans?|panning|orbit\w*|shot|close\w*|view|angle|aerial|dolly|track\w*|cut)\b")
_LIGHT_WORDS = ("bright light", "warm light", "dim light")
_FLOOR_WORDS = {name: f"{name} floor" for name in FLOORS}
_STILL_CAMERA = ("the camera stays still", "the camera does not move")
_TAKES_OWN_WAY = ("fall", "bounce")
_FOREIGN_WORDS = (
    "ein eine einen der das dem den und auf über rollt fällt nach une les des sur qui roule vers una el los las sobre con "
    "rueda hacia gli della sul rotola uma pelo rola naar een het op och på"
)
_FOREIGN = frozenset(_FOREIGN_WORDS.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Expansion:
    """A prompt and what it was made from.

    Attributes:
        prompt: what the model is told.
        raw: what was asked.
        by: `playroom`, or the address of an endpoint without its secrets.
    """

    prompt: str
    raw: str
    by: str


def expand_by_template(prompt: str, seed: int, *, beside: str = "") -> Expansion | None:
    """Add what the playroom's captions say besides, where the prompt leaves it open.

    Args:
        prompt: what was asked.
        seed: draws what is added; the same seed adds the same.
        beside: words that will stand around it, such as a preset's; what they say is not open.

    Returns:
        The longer prompt; None where nothing can be added without guessing: no thing of the playroom is named, more than a
        sentence is said, it is another language, or nothing is left open.
    """
    words = re.findall(r"[a-z]+", prompt.lower())
    things = [word for word in words if word in _SHAPES]
    text = prompt.strip().rstrip(".")
    if not things or looks_foreign(prompt) or re.search(r"[.;:!?\n]", text):
        return None
    lower, rng = text.lower(), numpy_rng(seed, "expansion")
    said = f"{lower} {beside.lower()}"

    def pick(options: Sequence[str]) -> str:
        return options[int(rng.random() * len(options))]

    motion, floor, light, camera = (
        pick(_motions(_SHAPES[things[0]])),
        pick(_floors(words)),
        pick(_LIGHT_WORDS),
        pick(_STILL_CAMERA),
    )
    longer = text
    if not _MOTION.search(lower) and len(things) == 1:
        longer += f" {motion}"
    if not _FLOOR.search(said):
        longer += f" on a {floor}"
    if not _LIGHT.search(said):
        longer += f", in {light}"
    if not _CAMERA.search(said):
        longer += f", {camera}"
    if longer == text or len(longer) > MAX_CHARACTERS:
        return None
    return Expansion(prompt=longer, raw=prompt, by=PLAYROOM)


def looks_foreign(prompt: str) -> bool:
    """Whether a prompt seems to be in another language than English.

    Args:
        prompt: what was asked.

    Returns:
        True for letters of other scripts, or for small words of other languages.
    """
    letters = [letter for letter in unicodedata.normalize("NFKD", prompt) if letter.isalpha()]
    if any(ord(letter) > 127 and "LATIN" not in unicodedata.name(letter, "") for letter in letters):
        return True
    return any(word in _FOREIGN for word in re.findall(r"[^\W\d_]+", prompt.lower()))


def _motions(shape: str) -> list[str]:
    travel = "rolls" if shape in ROLLING_SHAPES else "slides"
    return [*(f"{kind}s" for kind in _TAKES_OWN_WAY), f"{travel} left", f"{travel} right"]


def _floors(words: Sequence[str]) -> list[str]:
    """Floors that what is named stands out from."""
    said = set(words)
    fitting = [name for name in FLOORS if not said & set(CLASHES[name])]
    return [_FLOOR_WORDS[name] for name in fitting or FLOORS]
