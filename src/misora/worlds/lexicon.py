"""The words of the playroom: tables of synonyms and of sentences, from which captions choose.

Placeholders: S the acting thing, T the other thing or things, V verb, W way, H hit, R rest, N near, F floor, G verb of
moving, Q relation.
"""

from __future__ import annotations

SHAPE = {
    "ball": ("ball", "ball", "sphere"),
    "box": ("box", "box", "cube", "block"),
    "cylinder": ("cylinder", "cylinder", "drum"),
    "capsule": ("capsule", "capsule", "pill"),
    "egg": ("egg",),
}
TALL_BOX = ("box", "box", "block")
COLOUR = {"purple": ("purple", "purple", "violet")}
MATERIAL = {"glossy": ("glossy", "glossy", "shiny", "polished"), "checkered": ("checkered", "checkered", "patched")}
FLOOR = {
    "green": ("green floor",),
    "grey": ("grey floor", "grey floor", "gray floor"),
    "wooden": ("wooden floor", "wooden floor", "wood floor"),
    "checkered": ("checkered floor", "checkered floor", "checkerboard floor"),
}
LIGHT = {
    "bright": ("bright light", "bright daylight"),
    "warm": ("warm light", "warm evening light"),
    "dim": ("dim light", "low light"),
    "low": ("low sun with long shadows", "evening sun with long shadows", "late sun and long shadows"),
}
CAMERA_TAG = {
    "still": ("still camera", "fixed camera"),
    "orbit": ("orbiting camera",),
    "pan": ("panning camera", "camera pans"),
    "push_in": ("camera pushes in", "camera moves closer"),
    "pull_back": ("camera pulls back", "camera moves away"),
    "rise": ("rising camera", "camera rises"),
}
CAMERA = {
    "still": ("the camera stays still", "the camera does not move"),
    "orbit": ("the camera orbits around", "the camera circles slowly"),
    "pan": ("the camera pans sideways", "the camera pans across"),
    "push_in": ("the camera pushes in", "the camera moves closer"),
    "pull_back": ("the camera pulls back", "the camera moves away"),
    "rise": ("the camera rises", "the camera moves up"),
}
VERB = {
    "fall": ("falls", "drops", "falls down", "drops down"),
    "bounce": ("bounces", "bounces up and down"),
    "roll": ("rolls", "rolls", "is rolling"),
    "slide": ("slides", "slides", "is sliding", "glides"),
    "topple": ("topples over", "topples over", "tips over", "falls over"),
    "swing": ("swings", "swings", "is swinging"),
    "spin": ("spins", "spins", "is spinning"),
}
WAY = {
    "left": ("left", "to the left"),
    "right": ("right", "to the right"),
    "towards": ("towards the camera", "towards the viewer", "towards us"),
}
TRAIL = ("leaves a {} trail", "leaves a trail of {} paint", "paints a {} line")
RELATION = {
    "left_of": ("to the left of", "left of"),
    "right_of": ("to the right of", "right of"),
    "in_front_of": ("in front of",),
    "behind": ("behind",),
}
HIT = ("hits", "bumps into", "collides with", "runs into")
REST = ("stays still", "stands still", "does not move")
REST_OF_MANY = {"stays still": "stay still", "stands still": "stand still", "does not move": "do not move"}
NEAR = ("near", "beside", "next to")
THEN = ("then", "then", "next,", "after that,")
CUT = ("cut to", "new shot:", "now")
COUNT = {
    1: ("one thing", "one object"),
    2: ("two things", "two objects"),
    3: ("three things", "three objects"),
}
PLAIN_ALONE = {
    "fall": ("{S} {V} onto {F}", "{S} {V} on {F}"),
    "bounce": ("{S} {V} on {F}",),
    "roll": ("{S} {V} {W} across {F}", "{S} {V} {W} on {F}", "{S} {V} {W} over {F}"),
    "slide": ("{S} {V} {W} across {F}", "{S} {V} {W} on {F}", "{S} {V} {W} over {F}"),
    "topple": ("{S} {V} {W} on {F}", "{S} stands on {F} and {V} {W}"),
    "swing": ("{S} {V} on a line over {F}", "{S} hangs on a line and {V} over {F}", "{S} {V} like a pendulum over {F}"),
    "spin": ("{S} {V} in place on {F}", "{S} {V} like a top on {F}", "{S} {V} round and round on {F}"),
}
PLAIN_BESIDE = {
    "fall": ("{S} {V} {N} {T} on {F}", "{S} {V} onto {F} while {T} {R}"),
    "bounce": ("{S} {V} {N} {T} on {F}", "{S} {V} on {F} while {T} {R}"),
    "roll": ("{S} {V} {W} across {F} while {T} {R}", "{S} {V} {W} on {F}, and {T} {R}"),
    "slide": ("{S} {V} {W} across {F} while {T} {R}", "{S} {V} {W} on {F}, and {T} {R}"),
    "topple": ("{S} {V} {W} {N} {T} on {F}", "{S} {V} {W} on {F} while {T} {R}"),
    "swing": ("{S} {V} on a line {N} {T} over {F}", "{S} {V} on a line over {F} while {T} {R}"),
    "spin": ("{S} {V} in place {N} {T} on {F}", "{S} {V} like a top on {F} while {T} {R}"),
}
PLAIN_RELATED = {
    "fall": ("{S} {V} {Q} {T} on {F}", "on {F}, {S} {V} {Q} {T}"),
    "bounce": ("{S} {V} {Q} {T} on {F}", "on {F}, {S} {V} {Q} {T}"),
    "topple": ("{S} standing {Q} {T} {V} {W} on {F}", "on {F}, {S} standing {Q} {T} {V} {W}"),
    "swing": ("{S} {V} on a line {Q} {T} over {F}", "over {F}, {S} {V} on a line {Q} {T}"),
    "spin": ("{S} {V} in place {Q} {T} on {F}", "on {F}, {S} {V} like a top {Q} {T}"),
}
PLAIN_HIT = ("{S} {G} {W} and {H} {T} on {F}", "{S} {H} {T} on {F}, moving {W}", "on {F}, {S} {G} {W} and {H} {T}")
SETTING = ("{C} {B} on {F}: {L}", "we see {L} on {F}", "here {B} {L} on {F}")
LIT = ("all is seen in {}", "the scene lies in {}", "everything stands in {}")
CLOSING = ("nothing else moves", "nothing else happens", "the rest of the floor is empty")

TABLES = (SHAPE, COLOUR, MATERIAL, FLOOR, LIGHT, CAMERA_TAG, CAMERA, VERB, WAY, RELATION, COUNT)
TEMPLATES = (PLAIN_ALONE, PLAIN_BESIDE, PLAIN_RELATED)
SINGLE = (*TRAIL, *HIT, *REST, *REST_OF_MANY.values(), *NEAR, *THEN, *CUT, *PLAIN_HIT, *SETTING, *LIT, *CLOSING)
"""What a caption can hold beside the tables."""

PIECES = {
    "bounces": 2,
    "checkerboard": 3,
    "checkered": 2,
    "collides": 3,
    "glides": 2,
    "panning": 2,
    "pans": 2,
    "patched": 2,
    "topples": 2,
}
"""Into how many pieces a WordPiece vocabulary of 30,522 cuts those words that it does not hold whole."""
