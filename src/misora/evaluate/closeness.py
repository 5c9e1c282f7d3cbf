"""How close a video comes to a script, as a number between 0 and 1: the judge's claims before they are rounded to yes or no."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from statistics import mean

import numpy as np
import torch

from misora.evaluate.judge import Judge, assign
from misora.evaluate.motion import DOINGS, doing_of
from misora.evaluate.observation import Observation, Scene
from misora.evaluate.tracks import Track
from misora.worlds.script import COLOURS, FLOORS, SHAPES, Script, Shot, Thing

GRADED = ("floor", "colour", "shape", "motion", "count")
"""Attributes that are graded; every script says something about each of them."""


def closeness(graded: Mapping[str, float], names: Iterable[str] = GRADED) -> float:
    """How close a video is in some attributes.

    Args:
        graded: of `grades`.
        names: some of `GRADED`.

    Returns:
        The mean of their grades, in [0, 1].
    """
    return mean(graded[name] for name in names)


def grades(judge: Judge, seen: Observation, script: Script) -> dict[str, float]:
    """Grade each attribute.

    Args:
        judge: whose networks are asked for motions.
        seen: the video.
        script: of one shot.

    Returns:
        For each of `GRADED` a number in [0, 1]: the probability of the told floor; the share of frames in which a told colour
        is seen; the probability of the told shape where that thing is seen; the probability of what is told to happen; 1 over
        1 plus the number of things too many or too few. Means over things and beats.
    """
    [shot] = script.shots
    [scene] = seen.scenes(())
    assigned = assign(scene.tracks, shot.things)
    return {
        "floor": float(torch.log_softmax(seen.floor, 1).mean(0).softmax(0)[FLOORS.index(shot.floor)]),
        "colour": mean(_presence(seen, thing) for thing in shot.things),
        "shape": mean(_shaped(track, thing) for track, thing in zip(assigned, shot.things, strict=True)),
        "motion": _moved(judge, scene, assigned, shot),
        "count": 1 / (1 + abs(len(scene.tracks) - len(shot.things))),
    }


def _presence(seen: Observation, thing: Thing) -> float:
    return float(np.mean(seen.blobs.area[:, COLOURS.index(thing.colour)] > 0))


def _shaped(track: Track | None, thing: Thing) -> float:
    return 0.0 if track is None else math.exp(track.shape[SHAPES.index(thing.shape)])


def _moved(judge: Judge, scene: Scene, assigned: tuple[Track | None, ...], shot: Shot) -> float:
    found = []
    for beat in shot.beats:
        logits = judge.doing_logits(scene, assigned, beat)[beat.thing]
        found.append(0.0 if logits is None else float(logits[DOINGS.index(doing_of(beat, beat.thing))].exp()))
    return mean(found)
