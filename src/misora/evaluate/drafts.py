"""From draft to final: do things stand in the finished video where they stood in its draft?"""

from __future__ import annotations

from itertools import permutations

import numpy as np

from misora.core.seeds import derive
from misora.evaluate.cases import film_cases, made_clips
from misora.evaluate.judge import Judge
from misora.evaluate.observation import Observation
from misora.evaluate.part import ControlSettings, Part, middle
from misora.evaluate.prompts import grammar_of
from misora.evaluate.report import score
from misora.evaluate.tracks import Track
from misora.generate import abilities
from misora.generate.canvas import Canvas
from misora.generate.studio import Studio
from misora.model.bundle import Model
from misora.video.clip import Clip
from misora.worlds.words import captions

_MOST_THINGS = 5
NEAR_HEIGHTS = 0.1
"""In frame heights, the mean of frames: what is farther from where its draft has it stands elsewhere."""


def draft_to_final(model: Model, judge: Judge, settings: ControlSettings) -> Part:
    """Make small drafts of sentences, finalise them, and compare where the judge sees things.

    Beside the final stands what would be made of the sentence alone with the same seed, without the draft.

    Args:
        model: that makes the videos.
        judge: that looks at them.
        settings: how many, and how; drafts take the steps of drafts.

    Returns:
        Finals in which every thing of the draft stands near its place, with the same colours, and as many things; and how far
        away things stand, in frame heights.
    """
    studio = Studio(model)
    cases = film_cases(settings.wanted("draft"), model.limits, grammar_of(model))
    straight, texts = [], []
    for index, case in enumerate(cases):
        [line] = captions(case.script, register="plain", seed=derive("control suite drafts", settings.seed, index))
        texts.append(line.text)
        straight.append(studio.canvas(line.text, **settings.asked("draft", index, seconds=case.script.seconds)))
    small = [abilities.draft(studio, canvas) for canvas in straight]
    drafts = made_clips(model, small, steps=min(settings.steps, abilities.DRAFT_STEPS))
    finals = [
        _final(studio, clip, text, settings, index)
        for index, (clip, text) in enumerate(zip(drafts, texts, strict=True))
    ]
    seen = [judge.observe(clip) for clip in drafts]
    ways = {"": made_clips(model, finals, steps=settings.steps)}
    ways[", without draft"] = made_clips(model, straight, steps=settings.steps)
    scores, values = {}, {}
    for way, clips in ways.items():
        found = [judge.observe(clip) for clip in clips]
        apart = [apart_heights(one, other) for one, other in zip(seen, found, strict=True)]
        scores[f"in place{way}"] = score([_is_near(each) for each in apart])
        scores[f"same colours{way}"] = score([_colours(a) == _colours(b) for a, b in zip(seen, found, strict=True)])
        scores[f"same count{way}"] = score(
            [len(_things(a)) == len(_things(b)) for a, b in zip(seen, found, strict=True)]
        )
        values[f"apart{way}, heights"] = middle([value for each in apart for value in each])
    return Part(scores=scores, values=values)


def apart_heights(draft: Observation, final: Observation) -> tuple[float, ...]:
    """How far each thing of a draft stands from the thing of its colour in another video of the same length.

    Args:
        draft: what is seen of the one.
        final: what is seen of the other.

    Returns:
        In frame heights, the mean over frames in which both are seen; NaN for a thing that has no partner. Of several pairings
        of one colour the nearest counts.
    """
    mine, its = _things(draft), _things(final)
    choices: list[Track | None] = [*its, *([None] * len(mine))]
    pairings = (
        [_apart(a, b) for a, b in zip(mine, chosen, strict=True)] for chosen in permutations(choices, len(mine))
    )
    return tuple(min(pairings, key=lambda far: (sum(map(np.isnan, far)), float(np.nansum(far)))))


def _apart(one: Track, other: Track | None) -> float:
    if other is None or one.colour != other.colour:
        return float("nan")
    num = min(len(one.area), len(other.area))
    both = one.is_seen[:num] & other.is_seen[:num]
    far = np.linalg.norm(one.centre[:num] - other.centre[:num], axis=1)[both]
    return float(far.mean()) if len(far) else float("nan")


def _is_near(apart: tuple[float, ...]) -> bool | None:
    """Whether every thing has a partner near its place; None where the draft shows nothing."""
    return all(value <= NEAR_HEIGHTS for value in apart) if apart else None


def _final(studio: Studio, draft: Clip, text: str, settings: ControlSettings, index: int) -> Canvas:
    return abilities.finalise(studio, draft, text, **settings.asked("final", index))


def _things(seen: Observation) -> tuple[Track, ...]:
    [scene] = seen.scenes(())
    return scene.tracks[:_MOST_THINGS]


def _colours(seen: Observation) -> list[int]:
    return sorted(track.colour for track in _things(seen))
