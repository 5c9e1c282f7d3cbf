"""What a playroom clip shows, as plain values: things, beats, shots, and which combinations are held out."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from misora.core.errors import UsageError
from misora.core.seeds import derive

SHAPES = ("ball", "box", "cylinder", "capsule", "egg")
COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "white", "black")
FLOORS = ("green", "grey", "wooden", "checkered")
LIGHTS = ("bright", "warm", "dim", "low")
CAMERAS = ("still", "orbit", "pan", "push_in", "pull_back", "rise")
MATERIALS = ("matte", "glossy", "checkered")
MOTIONS = ("fall", "bounce", "roll", "slide", "collide", "topple", "swing", "spin")
DIRECTIONS = ("left", "right", "towards")
RELATIONS = ("left_of", "right_of", "in_front_of", "behind")

MAX_THINGS = 3
ROLLING_SHAPES = ("ball", "capsule", "egg")
TOPPLING_SHAPES = ("box", "cylinder", "capsule")
STAYING_MOTIONS = ("fall", "bounce", "topple", "swing", "spin")
"""Motions in which a thing keeps its place, so that it can be said where it stands."""
_UNDIRECTED = ("fall", "bounce", "swing", "spin")
CLASHES = {
    "green": ("green",),
    "grey": (),
    "wooden": ("brown", "orange"),
    "checkered": ("black", "white"),
}
_HELD_OUT_SHARE = 10
_MIRRORED = {"left": "right", "right": "left", "left_of": "right_of", "right_of": "left_of"}


def _require(value: str | None, allowed: tuple[str, ...], name: str) -> None:
    if value not in allowed:
        raise UsageError(f"{name} is {value!r}; expected one of {', '.join(allowed)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """A rigid body.

    Attributes:
        shape: one of `SHAPES`.
        colour: one of `COLOURS`.
        size: metres; the diameter of a ball, and the height or length of the others roughly.
        material: one of `MATERIALS`; checkered is patches of two shades of its colour.
        paints: whether it, a ball, leaves a lasting trail of its colour where it rolls.
    """

    shape: str
    colour: str
    size: float
    material: str = "matte"
    paints: bool = False

    def __post_init__(self) -> None:
        _require(self.shape, SHAPES, "Thing.shape")
        _require(self.colour, COLOURS, "Thing.colour")
        _require(self.material, MATERIALS, "Thing.material")
        if self.paints and self.shape != "ball":
            raise UsageError(f"only a ball paints the floor, got a {self.shape}; leave paints False")

    @property
    def can_roll(self) -> bool:
        """Whether it moves over the floor by rolling; otherwise it slides."""
        return self.shape in ROLLING_SHAPES

    @property
    def can_topple(self) -> bool:
        """Whether it can stand upright and fall over."""
        return self.shape in TOPPLING_SHAPES

    @property
    def shows_spin(self) -> bool:
        """Whether a turn about the vertical changes how it looks."""
        return self.material == "checkered" or self.shape in ("box", "capsule", "egg")


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """One motion of one thing, for a while.

    Attributes:
        kind: one of `MOTIONS`.
        thing: index of the acting thing within its shot.
        direction: as seen in the picture; None for fall, bounce, swing and spin; left or right for topple.
        target: index of the thing that is hit; None unless the kind is collide.
        from_seconds: start, on the clock of the clip.
        to_seconds: end, on the clock of the clip.
    """

    kind: str
    thing: int
    direction: str | None
    target: int | None
    from_seconds: float
    to_seconds: float

    def __post_init__(self) -> None:
        _require(self.kind, MOTIONS, "Beat.kind")
        if self.kind in _UNDIRECTED:
            if self.direction is not None:
                raise UsageError(f"a {self.kind} has no direction, got {self.direction!r}; use None")
        else:
            _require(self.direction, DIRECTIONS[:2] if self.kind == "topple" else DIRECTIONS, "Beat.direction")
        if (self.target is not None) != (self.kind == "collide"):
            raise UsageError(f"Beat.target must be given for collide and only for it; kind is {self.kind!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """An uninterrupted view: one floor, one light, one camera, one to three things, one to three beats.

    Attributes:
        floor: one of `FLOORS`.
        light: one of `LIGHTS`; low is an evening sun with long shadows.
        camera: one of `CAMERAS`.
        things: the first one acts first.
        beats: one after the other, without gap.
        from_seconds: start, on the clock of the clip.
        to_seconds: end, on the clock of the clip.
        relation: where the first thing stands with respect to the second, as seen in the picture: one of
            `RELATIONS`; None when it is not told. Only where every beat keeps its thing in place.
    """

    floor: str
    light: str
    camera: str
    things: tuple[Thing, ...]
    beats: tuple[Beat, ...]
    from_seconds: float
    to_seconds: float
    relation: str | None = None

    def __post_init__(self) -> None:
        _require(self.floor, FLOORS, "Shot.floor")
        _require(self.light, LIGHTS, "Shot.light")
        _require(self.camera, CAMERAS, "Shot.camera")
        if not 1 <= len(self.things) <= MAX_THINGS:
            raise UsageError(f"a shot holds one to three things, got {len(self.things)}")
        for beat in self.beats:
            if max(beat.thing, beat.target or 0) >= len(self.things):
                raise UsageError(f"a beat names thing {max(beat.thing, beat.target or 0)} of {len(self.things)}")
        if self.relation is not None:
            _require(self.relation, RELATIONS, "Shot.relation")
            if len(self.things) < 2 or any(beat.kind not in STAYING_MOTIONS for beat in self.beats):
                raise UsageError("Shot.relation needs two things and beats that keep their thing in place; use None")


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """Everything that a clip shows; with the seed it fixes every pixel.

    Attributes:
        seed: draws what the words do not say: places, speeds, jitter of light and camera.
        seconds: duration; `seconds * fps` is a multiple of four frames.
        fps: frames per second.
        width_px: width of the picture.
        height_px: height of the picture.
        shots: one to three, one after the other, without gap; one to three beats in all.
    """

    seed: int
    seconds: float
    fps: int
    width_px: int
    height_px: int
    shots: tuple[Shot, ...]

    @property
    def num_frames(self) -> int:
        """Frames in the whole clip."""
        return round(self.seconds * self.fps)


def script_to_dict(script: Script) -> dict[str, Any]:
    """Turn a script into plain values that JSON can hold.

    Args:
        script: any script.

    Returns:
        Nested dictionaries and lists; `script_from_dict` reads them back.
    """
    return asdict(script)


def script_from_dict(data: dict[str, Any]) -> Script:
    """Read a script back from plain values.

    Args:
        data: what `script_to_dict` wrote, perhaps after a trip through JSON.

    Returns:
        An equal script.
    """
    shots = tuple(
        Shot(
            **{
                **shot,
                "things": tuple(Thing(**thing) for thing in shot["things"]),
                "beats": tuple(Beat(**beat) for beat in shot["beats"]),
            }
        )
        for shot in data["shots"]
    )
    return Script(**{**data, "shots": shots})


def mirror(script: Script) -> Script:
    """Swap left and right in what the script says.

    The mirrored film is the flipped pixels of the original, not a new filming of this script.

    Args:
        script: any script.

    Returns:
        The script whose words describe the flipped picture.
    """
    return replace(
        script,
        shots=tuple(
            replace(
                shot,
                relation=_MIRRORED.get(shot.relation or "", shot.relation),
                beats=tuple(
                    replace(beat, direction=_MIRRORED.get(beat.direction or "", beat.direction)) for beat in shot.beats
                ),
            )
            for shot in script.shots
        ),
    )


def is_combination_held_out(shape: str, colour: str, floor: str, kind: str) -> bool:
    """Whether a combination is kept from training; it names no direction, so mirrors cannot leak it.

    Args:
        shape: of the acting thing.
        colour: of the acting thing.
        floor: of its shot.
        kind: of its beat.

    Returns:
        True for about a tenth of all combinations.
    """
    return derive("playroom held out", shape, colour, floor, kind) % _HELD_OUT_SHARE == 0


def held_out_flags(script: Script) -> tuple[bool, ...]:
    """Say of each beat whether its acting thing is a held-out combination.

    Args:
        script: any script.

    Returns:
        One flag per beat, in order of time.
    """
    return tuple(
        is_combination_held_out(shot.things[beat.thing].shape, shot.things[beat.thing].colour, shot.floor, beat.kind)
        for shot in script.shots
        for beat in shot.beats
    )


def is_held_out(script: Script) -> bool:
    """Whether training must never see this script: any acting thing is a held-out combination.

    Args:
        script: any script.

    Returns:
        True when at least one beat is held out.
    """
    return any(held_out_flags(script))
