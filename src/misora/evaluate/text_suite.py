"""The text suite: held-out sentences in, videos out, judged by pixels against what was said.

Beside every score stand what the judge says of filmed truth of the same scripts, of its reconstructions, of the
same videos under exchanged prompts (chance), and how often it accepts truth under a script wrong in that attribute.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from misora.core.seeds import derive
from misora.evaluate.calibrate import SPOILABLE, false_accepts
from misora.evaluate.filmed import Filmed, film_prompts
from misora.evaluate.judge import Judge
from misora.evaluate.observation import Observation
from misora.evaluate.prompts import SuiteSettings, canvas_of, grammar_of, is_camera_told, is_relation_told
from misora.evaluate.report import Score, score, shuffled
from misora.evaluate.text_report import GROUPED, Row, TextReport
from misora.evaluate.verdict import ATTRIBUTES, Verdict
from misora.generate.canvas import Canvas
from misora.generate.latents import decode
from misora.generate.sample import sample
from misora.model.bundle import Model
from misora.video.clip import Clip
from misora.worlds.script import MOTIONS, Script

OnBatch = Callable[[int, int], None]
"""Called with the number of prompts done and of all prompts."""
_NUM_SPOILT = 256
"""Truths that are also judged under wrong scripts."""


def generated_clips(
    model: Model, canvases: Sequence[Canvas], *, settings: SuiteSettings, on_batch: OnBatch | None = None
) -> list[Clip]:
    """Make all videos, some at a time, clips of one form together.

    Args:
        model: that makes them.
        canvases: what is asked.
        settings: steps and batch.
        on_batch: told of the progress.

    Returns:
        A clip for each canvas, in order.
    """
    clips: dict[int, Clip] = {}
    _generate(model, canvases, settings=settings, on_batch=on_batch, take=clips.__setitem__)
    return [clips[index] for index in range(len(canvases))]


def _generate(
    model: Model,
    canvases: Sequence[Canvas],
    *,
    settings: SuiteSettings,
    on_batch: OnBatch | None,
    take: Callable[[int, Clip], None],
) -> None:
    done = 0
    for chosen in _batches([(canvas.num_frames, *canvas.size) for canvas in canvases], settings.batch):
        latents = sample(model, [canvases[index] for index in chosen], steps=settings.steps)
        for index, each in zip(chosen, latents, strict=True):
            take(index, decode(model, each, canvases[index]))
        done += len(chosen)
        if on_batch:
            on_batch(done, len(canvases))


def _batches(forms: Sequence[tuple[int, ...]], size: int) -> Iterator[list[int]]:
    order = sorted(range(len(forms)), key=lambda index: forms[index])
    for _, group in groupby(order, key=lambda index: forms[index]):
        same = list(group)
        yield from (same[start : start + size] for start in range(0, len(same), size))


def reconstructed(model: Model, clip: Clip) -> Clip:
    """A clip after the model's autoencoder.

    Args:
        model: whose autoencoder is used.
        clip: of whole groups of frames, sides multiples of 16.

    Returns:
        What is left of it.
    """
    groups = clip.frames.unflatten(0, (-1, 4))
    frames = model.autoencoder.decode_latents(model.autoencoder.encode_frames(groups))
    return Clip(frames=frames.cpu(), pts_seconds=clip.pts_seconds)


def run_text_suite(
    model: Model,
    judge: Judge,
    *,
    settings: SuiteSettings,
    workers: int = 1,
    on_batch: OnBatch | None = None,
    cache: Path | None = None,
) -> TextReport:
    """Make videos of held-out sentences, and judge them beside all that could explain their score.

    Args:
        model: that makes the videos.
        judge: that looks at them.
        settings: how many, and how.
        workers: processes that film the truth.
        on_batch: told of the progress of generation.
        cache: folder in which truth once seen is kept; nothing is kept when not given.

    Returns:
        Scores by attribute.
    """
    grammar = grammar_of(model)
    filmed = film_prompts(settings, model.limits, grammar, judge=judge, workers=workers, cache=cache)
    scripts = [each.script for each in filmed]
    canvases = [canvas_of(script, settings, index=i, grammar=grammar) for i, script in enumerate(scripts)]
    seen: dict[int, Observation] = {}
    _generate(
        model,
        canvases,
        settings=settings,
        on_batch=on_batch,
        take=lambda index, clip: seen.__setitem__(index, judge.observe(clip)),
    )
    told = [
        (
            is_camera_told(script, settings, index=i, grammar=grammar),
            is_relation_told(script, settings, index=i, grammar=grammar),
        )
        for i, script in enumerate(scripts)
    ]

    def compared(index: int, what: Observation) -> Verdict:
        return _as_told(judge.compare(what, scripts[index]), *told[index])

    made = [compared(i, seen[i]) for i in range(len(scripts))]
    true = [compared(i, each.seen) for i, each in enumerate(filmed)]
    chance = [compared(j, seen[i]) for i, j in _exchanges(scripts, seed=settings.seed)]
    redone = [
        compared(i, judge.observe(reconstructed(model, each.clip)))
        for i, each in enumerate(filmed)
        if each.clip is not None
    ]
    spoilt = [(each.script, each.seen) for each in filmed[:_NUM_SPOILT]]
    false = false_accepts(judge, spoilt, seed=settings.seed, grammar=grammar)
    rows = {
        name: Row(
            generated=_score(made, name),
            truth=_score(true, name),
            reconstruction=_score(redone, name),
            chance=_score(chance, name),
            false_accepts=false[name] if name in SPOILABLE else None,
        )
        for name in (*ATTRIBUTES, "all")
    }
    single = [verdict for verdict, script in zip(made, scripts, strict=True) if len(beats_of(script)) == 1]
    return TextReport(
        rows=rows,
        settings=settings,
        grammar=grammar.name,
        one_line={name: _score(single, name) for name in (*ATTRIBUTES, "all")},
        motions=_by_motion(made, true),
        groups=_by_group(filmed, made),
    )


def _as_told(verdict: Verdict, is_camera_told: bool, is_relation_told: bool) -> Verdict:
    """Leave out what the words of the prompt do not say."""
    silent = {"camera": not is_camera_told, "relation": not is_relation_told}
    claims = {name: None if silent.get(name) else claim for name, claim in verdict.claims.items()}
    return replace(verdict, claims=claims)


def beats_of(script: Script) -> tuple[object, ...]:
    """The beats of a script, each of which is told in one line.

    Args:
        script: any.

    Returns:
        All of them, in order of time.
    """
    return tuple(beat for shot in script.shots for beat in shot.beats)


def _by_motion(made: Sequence[Verdict], true: Sequence[Verdict]) -> dict[str, tuple[Score, Score]]:
    def scores(verdicts: Sequence[Verdict], kind: str) -> Score:
        return score([is_shown for verdict in verdicts for each, is_shown in verdict.beats if each == kind])

    both = {kind: (scores(made, kind), scores(true, kind)) for kind in MOTIONS}
    return {kind: pair for kind, pair in both.items() if pair[0].num_all}


def _by_group(filmed: Sequence[Filmed], made: Sequence[Verdict]) -> dict[str, dict[str, dict[str, Score]]]:
    def aspect(script: Script) -> str:
        return {0: "square", 1: "wide", -1: "tall"}[
            (script.width_px > script.height_px) - (script.width_px < script.height_px)
        ]

    kinds: dict[str, Callable[[Script], str]] = {
        "size": lambda script: f"{script.width_px}x{script.height_px}",
        "aspect": aspect,
        "duration": lambda script: f"{script.seconds:g} s",
        "lines": lambda script: str(len(beats_of(script))),
    }
    groups: dict[str, dict[str, dict[str, Score]]] = {}
    for kind, value_of in kinds.items():
        values = [value_of(each.script) for each in filmed]
        groups[kind] = {}
        for value in sorted(set(values)):
            own = [verdict for verdict, of in zip(made, values, strict=True) if of == value]
            groups[kind][value] = {name: _score(own, name) for name in GROUPED}
    return groups


def _exchanges(scripts: Sequence[Script], *, seed: int) -> Iterator[tuple[int, int]]:
    """Pairs of a video and another's script, among scripts of one length with as many lines and shots."""

    def form(index: int) -> tuple[int, int, float]:
        return len(scripts[index].shots), len(beats_of(scripts[index])), scripts[index].seconds

    for key, group in groupby(sorted(range(len(scripts)), key=form), key=form):
        same = list(group)
        if len(same) < 2:
            continue
        partners = shuffled(len(same), seed=derive("exchange", seed, *key[:2], round(1000 * key[2])))
        yield from ((same[i], same[j]) for i, j in enumerate(partners))


def _score(verdicts: Sequence[Verdict], name: str) -> Score:
    return score([verdict.is_accepted if name == "all" else verdict.claims[name] for verdict in verdicts])
