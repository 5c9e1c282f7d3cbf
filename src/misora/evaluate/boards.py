"""Storyboards: is each card shown in its own span, as well as in a video of its words alone, and is the cut in time?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from misora.core.seeds import derive
from misora.evaluate.cases import Case, film_cases, made_clips
from misora.evaluate.judge import Judge
from misora.evaluate.part import ControlSettings, Part
from misora.evaluate.prompts import grammar_of
from misora.evaluate.report import Score, score
from misora.evaluate.verdict import Verdict
from misora.generate.abilities import storyboard
from misora.generate.canvas import Canvas
from misora.generate.canvas_file import CanvasFile, CardEntry
from misora.generate.studio import Studio
from misora.model.bundle import Model
from misora.video.clip import Clip
from misora.worlds.script import Script, Shot
from misora.worlds.words import captions

CARD_CLAIMS = ("floor", "colour", "shape", "motion", "count")
_REGISTER = "plain"


def story_cards(model: Model, judge: Judge, settings: ControlSettings) -> Part:
    """Lay scripts of two shots as storyboards of two cards, and judge each span against its own shot.

    The same shots are asked for alone, as one prompt each, and judged in the same way; so are the spans of the filmed truth.

    Args:
        model: that makes the videos.
        judge: that looks at them.
        settings: how many, and how.

    Returns:
        Cards right by attribute and in all, beside single prompts and truth; and cuts less than one latent frame away, the only
        one of its video.
    """
    cases = film_cases(settings.wanted("storyboard", num_lines=2, taken=_cut_in_two), model.limits, grammar_of(model))
    studio = Studio(model)
    boards = [_board(studio, case, settings, index) for index, case in enumerate(cases)]
    made = made_clips(model, boards, steps=settings.steps)
    alone = [alone_script(case.script, shot) for case in cases for shot in case.script.shots]
    singles = [_single(studio, script, settings, index) for index, script in enumerate(alone)]
    ways = {
        "": [part for case, clip in zip(cases, made, strict=True) for part in spans(clip, case.script)],
        ", single prompts": made_clips(model, singles, steps=settings.steps),
        ", truth": [part for case in cases for part in spans(case.clip, case.script)],
    }
    scores: dict[str, Score] = {}
    verdicts = {
        way: [judge.judge(clip, script) for clip, script in zip(clips, alone, strict=True)]
        for way, clips in ways.items()
    }
    for name in (*CARD_CLAIMS, "all"):
        scores |= {f"{name}{way}": _score(each, name) for way, each in verdicts.items()}
    for way, clips in (("", made), (", truth", [case.clip for case in cases])):
        claims = [judge.judge(clip, case.script).claims for clip, case in zip(clips, cases, strict=True)]
        scores[f"cut in time{way}"] = score([each["cut_time"] for each in claims])
    return Part(scores=scores)


def alone_script(script: Script, shot: Shot) -> Script:
    """A script of one of its shots alone, on a clock that begins with it.

    Args:
        script: of several shots.
        shot: one of them.

    Returns:
        The script of that shot.
    """
    start = shot.from_seconds
    beats = tuple(
        replace(beat, from_seconds=beat.from_seconds - start, to_seconds=beat.to_seconds - start) for beat in shot.beats
    )
    lasting = shot.to_seconds - start
    return replace(script, seconds=lasting, shots=(replace(shot, from_seconds=0.0, to_seconds=lasting, beats=beats),))


def spans(clip: Clip, script: Script) -> list[Clip]:
    """Cut a clip where a script tells its shots to begin.

    Args:
        clip: as long as the script.
        script: of any number of shots.

    Returns:
        A clip for each shot, each on a clock of its own.
    """
    edges = [round(shot.from_seconds * clip.fps) for shot in script.shots] + [clip.num_frames]
    return [Clip.at_rate(clip.frames[first:last], clip.fps) for first, last in pairwise(edges)]


def _cut_in_two(_: int, script: Script) -> Script | None:
    return script if len(script.shots) == 2 else None


def _board(studio: Studio, case: Case, settings: ControlSettings, index: int) -> Canvas:
    script = case.script
    lines = captions(script, register=_REGISTER, seed=derive("control suite cards", settings.seed, index))
    cards = tuple(CardEntry(at_seconds=line.from_seconds, text=line.text) for line in lines)
    said = CanvasFile(seconds=script.seconds, fps=case.clip.fps, size=(script.width_px, script.height_px), cards=cards)
    return storyboard(studio, said, **settings.asked("storyboard", index))


def _single(studio: Studio, script: Script, settings: ControlSettings, index: int) -> Canvas:
    [line] = captions(script, register=_REGISTER, seed=derive("control suite singles", settings.seed, index))
    size = (script.width_px, script.height_px)
    asked = settings.asked("single prompts", index, seconds=script.seconds, fps=float(script.fps), size=size)
    return studio.canvas(line.text, **asked)


def _score(verdicts: Sequence[Verdict], name: str) -> Score:
    return score([verdict.is_accepted if name == "all" else verdict.claims[name] for verdict in verdicts])
