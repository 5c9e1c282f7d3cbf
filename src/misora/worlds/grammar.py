"""What may be drawn and how often: the grammar of scripts as a value, with two presets."""

from __future__ import annotations

import math
from dataclasses import dataclass

from misora.core.errors import UsageError
from misora.worlds.script import CAMERAS, LIGHTS, MATERIALS, MAX_THINGS, MOTIONS

MOVES = ("fall", "bounce", "travel", "topple", "swing", "spin")
"""What a first beat may be beside a collision; travel is to roll or to slide, as the shape decides."""
Shares = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """What scripts are drawn from; shares of one kind add up to 1.

    Attributes:
        name: by which commands and corpora know it.
        sizes: width, height in pixels and share.
        seconds: duration and share of a script of one line.
        rates: frames per second and share.
        lines: share of scripts with one, two, three lines.
        things: share of shots with one, two, three things.
        cameras: kind and share.
        lights: kind and share.
        materials: kind and share; a box that would be glossy is matte, since no highlight shows on it.
        moves: kind and weight of a first beat that is no collision; what a thing cannot do is left out.
        collide_share: of the first beats of shots with at least two things.
        paint_share: of the rolling balls that paint the floor.
        relation_share: of the shots where a relation can hold and is told.
        registers: of captions that are stored with a clip.
    """

    name: str
    sizes: tuple[tuple[int, int, float], ...]
    seconds: tuple[tuple[float, float], ...]
    rates: tuple[tuple[int, float], ...]
    lines: tuple[float, ...]
    things: tuple[float, ...]
    cameras: Shares
    lights: Shares
    materials: Shares
    moves: Shares
    collide_share: float
    paint_share: float
    relation_share: float
    registers: tuple[str, ...]

    def __post_init__(self) -> None:
        shares = {
            "sizes": [share for *_, share in self.sizes],
            "seconds": [share for _, share in self.seconds],
            "rates": [share for _, share in self.rates],
            "lines": self.lines,
            "things": self.things,
            **{name: [s for _, s in getattr(self, name)] for name in ("cameras", "lights", "materials", "moves")},
        }
        for name, values in shares.items():
            if min(values) < 0 or not math.isclose(sum(values), 1.0, abs_tol=1e-6):
                raise UsageError(f"Grammar.{name}: shares must add up to 1, got {sum(values):g}; scale them")
        known = {"cameras": CAMERAS, "lights": LIGHTS, "materials": MATERIALS, "moves": MOVES}
        for name, allowed in known.items():
            if unknown := {kind for kind, _ in getattr(self, name)} - set(allowed):
                raise UsageError(f"Grammar.{name} names {min(unknown)!r}; expected some of {', '.join(allowed)}")
        if len(self.things) > MAX_THINGS or len(self.lines) > len(LINE_SECONDS):
            raise UsageError(f"a shot holds at most {MAX_THINGS} things and a script {len(LINE_SECONDS)} lines")

    @property
    def motions(self) -> tuple[str, ...]:
        """Kinds of beats that this grammar knows, in the order of `MOTIONS`."""
        moves = {kind for kind, share in self.moves if share > 0}
        kinds = moves | ({"roll", "slide"} if "travel" in moves else set())
        return tuple(kind for kind in MOTIONS if kind in kinds or (kind == "collide" and self.collide_share > 0))


LINE_SECONDS = (None, 3.0, 4.0)
"""Duration of a script by its number of lines; that of one line is drawn."""

FIRST = Grammar(
    name="first",
    sizes=((96, 96, 0.6), (128, 96, 0.2), (96, 128, 0.2)),
    seconds=((1.0, 0.135), (2.0, 0.8), (3.0, 0.065)),
    rates=((8, 0.85), (12, 0.15)),
    lines=(0.75, 0.25),
    things=(0.6, 0.4),
    cameras=(("still", 0.6), ("orbit", 0.2), ("push_in", 0.2)),
    lights=(("bright", 0.5), ("warm", 0.25), ("dim", 0.25)),
    materials=(("matte", 1.0),),
    moves=(("fall", 0.27), ("bounce", 0.27), ("travel", 0.46)),
    collide_share=0.5,
    paint_share=0.0,
    relation_share=0.0,
    registers=("tags", "plain", "story"),
)
"""The first playroom: five motions, three cameras, at most two things and two lines."""

WIDE = Grammar(
    name="wide",
    sizes=(
        (96, 96, 0.4),
        (128, 96, 0.18),
        (96, 128, 0.18),
        (128, 128, 0.08),
        (160, 96, 0.08),
        (96, 160, 0.08),
    ),
    seconds=((1.0, 0.12), (2.0, 0.72), (3.0, 0.11), (4.0, 0.05)),
    rates=((12, 0.7), (8, 0.3)),
    lines=(0.74, 0.18, 0.08),
    things=(0.5, 0.38, 0.12),
    cameras=(("still", 0.5), ("orbit", 0.1), ("pan", 0.1), ("push_in", 0.1), ("pull_back", 0.1), ("rise", 0.1)),
    lights=(("bright", 0.4), ("warm", 0.2), ("dim", 0.2), ("low", 0.2)),
    materials=(("matte", 0.55), ("glossy", 0.25), ("checkered", 0.2)),
    moves=(("fall", 0.15), ("bounce", 0.15), ("travel", 0.25), ("topple", 0.18), ("swing", 0.12), ("spin", 0.15)),
    collide_share=0.4,
    paint_share=1 / 6,
    relation_share=0.5,
    registers=("tags", "plain", "story", "paragraph"),
)
"""The wider playroom: everything that `script` names."""

GRAMMARS = {grammar.name: grammar for grammar in (FIRST, WIDE)}


def grammar_named(name: str) -> Grammar:
    """Find a preset.

    Args:
        name: `first` or `wide`.

    Returns:
        The grammar.

    Raises:
        UsageError: an unknown name.
    """
    if name not in GRAMMARS:
        raise UsageError(f"unknown grammar {name!r}; expected one of {', '.join(GRAMMARS)}")
    return GRAMMARS[name]
