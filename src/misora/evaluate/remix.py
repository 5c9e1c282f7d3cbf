"""The remix suite: the stronger a remix, the farther from its source and the closer to its new prompt?

Each case is a filmed clip of a held-out script and a second script that differs from it in one claim or two (floor, colour,
shape, or both of a thing). The clip is remixed with the words of the second script at five strengths, with the same noise.
Three numbers are read from each video: its **distance** to the source, the mean absolute difference of pixels; its
**closeness** to the second script, the mean of the judge's grades of all that is told (`closeness.grades`); and its **change**,
the mean of the grades of only those claims in which the second script differs.

Distance is ordered where it rises with every strength. Closeness is ordered where it never falls below the highest one so far
by more than the judge's noise, and rises by more than that from the weakest to the strongest; it need not rise where the
weakest is as close already as the film is to its own script, but for that noise. The judge's noise is what it takes off filmed
truth: the 95th percentile, over the films of all cases, of 1 less the closeness of a film to its own script. A remix that stays
as far from its prompt as its source was is no order. Change is held to the same, with the noise of the same claims. A case
counts where distance and closeness are ordered: a remix that gains the new colour and loses the shape comes no closer to its
prompt. That of change stands beside, for it says whether strength decides how far what is new is followed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from statistics import mean

import numpy as np
from jaxtyping import UInt8
from torch import Tensor

from misora.core.errors import UsageError
from misora.core.seeds import derive
from misora.evaluate.cases import Case, Wanted, check_num_cases, film_cases, made_clips
from misora.evaluate.closeness import closeness, grades
from misora.evaluate.judge import Judge
from misora.evaluate.part import middle, score_as_dict
from misora.evaluate.prompts import grammar_of
from misora.evaluate.report import Score, percent, score
from misora.evaluate.text_suite import reconstructed
from misora.generate import abilities
from misora.generate.canvas import Guidance
from misora.generate.sample import DEFAULT_STEPS
from misora.generate.studio import Studio
from misora.model.bundle import Model
from misora.worlds.grammar import Grammar
from misora.worlds.script import Script, is_held_out
from misora.worlds.words import captions
from misora.worlds.wrong import wrong

STRENGTHS = (0.1, 0.3, 0.5, 0.7, 0.9)
CHANGES = (("floor",), ("colour",), ("shape",), ("colour", "shape"), ("floor", "colour"))
"""What the second script says otherwise, case by case in turn."""
PERCENTILE = 0.95
_MAX_DRAWS = 100
OnVideo = Callable[[int, int], None]
"""Called with the number of videos done and of all videos."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemixSettings:
    """How the suite is run.

    Attributes:
        num_cases: filmed clips, each remixed at every strength.
        seed: draws scripts, words and noise.
        split: which scripts: `held_out` to measure, `train` to choose settings.
        steps: of the sampler.
        guidance: of the text.
    """

    num_cases: int = 64
    seed: int = 0
    split: str = "held_out"
    steps: int = DEFAULT_STEPS
    guidance: float = Guidance().lines

    def __post_init__(self) -> None:
        check_num_cases(self.num_cases, "remix")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """What one case gives, from the weakest remix to the strongest.

    Attributes:
        change: what the second script says otherwise.
        distances: mean absolute difference of pixels to the source, of 255.
        closenesses: to the second script, in [0, 1].
        changes: the same of the changed claims alone.
        accepted: whether the judge accepts the changed claims.
        before: closeness of the source to the second script.
        own: closeness of the source to its own script.
        own_change: the same of the claims that the second script changes.
        floor: distance of the source after the autoencoder to itself: what nothing can be nearer than by chance only.
    """

    change: tuple[str, ...]
    distances: tuple[float, ...]
    closenesses: tuple[float, ...]
    changes: tuple[float, ...]
    accepted: tuple[bool, ...]
    before: float
    own: float
    own_change: float
    floor: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RemixReport:
    """The whole result.

    Attributes:
        ladders: of every case.
        settings: what was run.
    """

    ladders: tuple[Ladder, ...]
    settings: RemixSettings

    @property
    def noise(self) -> float:
        """Of the judge on filmed truth, all that is told."""
        return _noise([ladder.own for ladder in self.ladders])

    @property
    def change_noise(self) -> float:
        """Of the judge on filmed truth, the changed claims."""
        return _noise([ladder.own_change for ladder in self.ladders])

    @property
    def orders(self) -> dict[str, Score]:
        """In how many cases strength orders distance, closeness, both, and change; and both by what was changed."""
        ladders = self.ladders
        far = [rises(ladder.distances) for ladder in ladders]
        close = [comes_closer(ladder.closenesses, own=ladder.own, noise=self.noise) for ladder in ladders]
        new = [comes_closer(ladder.changes, own=ladder.own_change, noise=self.change_noise) for ladder in ladders]
        both = [one and other for one, other in zip(far, close, strict=True)]
        kinds = {" and ".join(change): change for change in CHANGES}
        return {
            "distance": score(far),
            "closeness": score(close),
            "both": score(both),
            "change": score(new),
            "distance and change": score([one and other for one, other in zip(far, new, strict=True)]),
            **{
                f"both, other {name}": score(
                    [right for right, ladder in zip(both, self.ladders, strict=True) if ladder.change == kind]
                )
                for name, kind in kinds.items()
            },
        }


def rises(distances: Sequence[float]) -> bool:
    """Whether each is above the one before.

    Args:
        distances: from the weakest remix to the strongest.

    Returns:
        Whether they are in order.
    """
    return all(later > sooner for sooner, later in pairwise(distances))


def comes_closer(closenesses: Sequence[float], *, own: float, noise: float) -> bool:
    """Whether closeness is ordered, as the head of this file says it.

    Args:
        closenesses: from the weakest remix to the strongest.
        own: of the source to its own script.
        noise: of the judge.

    Returns:
        Whether they are in order.
    """
    found = np.array(closenesses)
    never_falls = bool((np.maximum.accumulate(found) - found <= noise).all())
    is_there_already = closenesses[0] >= own - noise
    return never_falls and (is_there_already or closenesses[-1] - closenesses[0] > noise)


def _noise(owns: Sequence[float]) -> float:
    return float(np.quantile([1 - own for own in owns], PERCENTILE))


def second_script(script: Script, change: tuple[str, ...], *, seed: int, split: str, grammar: Grammar) -> Script | None:
    """Say something else of a script.

    Args:
        script: what was filmed.
        change: attributes, as for `wrong`.
        seed: of the error.
        split: `train` gives no held-out combination, so that settings can be chosen without a look at them.
        grammar: of the script.

    Returns:
        The other script; None where nothing else would be possible.
    """
    for attempt in range(_MAX_DRAWS):
        other = script
        try:
            for attribute in change:
                other = wrong(other, attribute, seed=derive("remix suite change", seed, attempt), grammar=grammar)
        except UsageError:
            return None
        if split != "train" or not is_held_out(other):
            return other
    return None


def run_remix_suite(
    model: Model, judge: Judge, *, settings: RemixSettings, on_video: OnVideo | None = None
) -> RemixReport:
    """Film the cases, remix each at every strength, and see how far and how close they come.

    Args:
        model: that remixes.
        judge: that looks.
        settings: how many, and how.
        on_video: told of the progress, after every strength.

    Returns:
        A ladder for each case.
    """
    grammar = grammar_of(model)

    def other(index: int, script: Script) -> Script | None:
        change, seed = CHANGES[index % len(CHANGES)], derive(settings.seed, index)
        return second_script(script, change, seed=seed, split=settings.split, grammar=grammar)

    def taken(index: int, script: Script) -> Script | None:
        return None if other(index, script) is None else script

    wanted = Wanted(name="remix suite", num=settings.num_cases, seed=settings.seed, split=settings.split, taken=taken)
    cases = film_cases(wanted, model.limits, grammar)
    seconds = [other(index, case.script) for index, case in enumerate(cases)]
    told = [script for script in seconds if script is not None]
    rungs = []
    for turn, strength in enumerate(STRENGTHS):
        rungs.append(_remixed(model, judge, cases, told, settings, strength=strength))
        if on_video:
            on_video((turn + 1) * len(cases), len(STRENGTHS) * len(cases))
    ladders = tuple(
        _ladder(model, judge, case, script, index, [rung[index] for rung in rungs])
        for index, (case, script) in enumerate(zip(cases, told, strict=True))
    )
    return RemixReport(ladders=ladders, settings=settings)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rung:
    """What one remix gives; see `Ladder`."""

    distance: float
    closeness: float
    change: float
    is_accepted: bool


def _remixed(
    model: Model,
    judge: Judge,
    cases: Sequence[Case],
    told: Sequence[Script],
    settings: RemixSettings,
    *,
    strength: float,
) -> list[_Rung]:
    """Remix every case at one strength, and look."""
    studio, canvases = Studio(model), []
    for index, (case, script) in enumerate(zip(cases, told, strict=True)):
        [line] = captions(script, register="plain", seed=derive("remix suite words", settings.seed, index))
        seed = derive("remix suite noise", settings.seed, index)
        canvases.append(
            abilities.remix(studio, case.clip, line.text, strength=strength, guidance=settings.guidance, seed=seed)
        )
    rungs = []
    for index, clip in enumerate(made_clips(model, canvases, steps=settings.steps)):
        seen, change = judge.observe(clip), CHANGES[index % len(CHANGES)]
        claims, graded = judge.compare(seen, told[index]).claims, grades(judge, seen, told[index])
        rungs.append(
            _Rung(
                distance=pixel_distance(clip.frames, cases[index].clip.frames),
                closeness=closeness(graded),
                change=closeness(graded, change),
                is_accepted=all(claims[name] is True for name in change),
            )
        )
    return rungs


def _ladder(model: Model, judge: Judge, case: Case, script: Script, index: int, rungs: Sequence[_Rung]) -> Ladder:
    seen, plain, change = judge.observe(case.clip), reconstructed(model, case.clip), CHANGES[index % len(CHANGES)]
    own = grades(judge, seen, case.script)
    return Ladder(
        change=change,
        distances=tuple(rung.distance for rung in rungs),
        closenesses=tuple(rung.closeness for rung in rungs),
        changes=tuple(rung.change for rung in rungs),
        accepted=tuple(rung.is_accepted for rung in rungs),
        before=closeness(grades(judge, seen, script)),
        own=closeness(own),
        own_change=closeness(own, change),
        floor=pixel_distance(plain.frames, case.clip.frames),
    )


def pixel_distance(one: UInt8[Tensor, "f 3 H W"], other: UInt8[Tensor, "f 3 H W"]) -> float:
    """How far one clip is from another.

    Args:
        one: frames.
        other: as many.

    Returns:
        Mean absolute difference over frames, pixels and colours, of 255.
    """
    return (one.float() - other.float()).abs().mean().item()


def as_table(report: RemixReport) -> str:
    """The report as people read it.

    Args:
        report: of `run_remix_suite`.

    Returns:
        A line for each strength, and one for each order.
    """
    ladders = report.ladders
    lines = [f"{'strength':<12}{'distance':<12}{'closeness':<12}{'change':<12}change accepted"]
    lines.append(
        f"{'source':<12}{middle([each.floor for each in ladders]):<12.2f}{mean(each.before for each in ladders):<12.3f}"
    )
    for rung, strength in enumerate(STRENGTHS):
        distance = middle([each.distances[rung] for each in ladders])
        close = mean(each.closenesses[rung] for each in ladders)
        new = mean(each.changes[rung] for each in ladders)
        lines.append(f"{strength:<12g}{distance:<12.2f}{close:<12.3f}{new:<12.3f}{percent(accepted_at(report, rung))}")
    own, own_change = mean(each.own for each in ladders), mean(each.own_change for each in ladders)
    lines.append(f"{'own script':<24}{own:<12.3f}{own_change:.3f}")
    lines.append(f"{'noise of the judge':<24}{report.noise:<12.3f}{report.change_noise:.3f}")
    lines += [f"{f'ordered: {name}':<36}{percent(each)}" for name, each in report.orders.items()]
    return "\n".join(lines)


def accepted_at(report: RemixReport, rung: int) -> Score:
    """In how many cases the judge accepts what was changed.

    Args:
        report: of `run_remix_suite`.
        rung: index into `STRENGTHS`.

    Returns:
        The counts.
    """
    return score([each.accepted[rung] for each in report.ladders])


def as_dict(report: RemixReport) -> dict[str, object]:
    """The report for machines.

    Args:
        report: of `run_remix_suite`.

    Returns:
        Plain values for JSON.
    """
    return {
        "suite": "remix",
        "settings": asdict(report.settings),
        "noise": report.noise,
        "change_noise": report.change_noise,
        "strengths": {
            f"{strength:g}": {
                "distance": middle([each.distances[rung] for each in report.ladders]),
                "closeness": mean(each.closenesses[rung] for each in report.ladders),
                "change": mean(each.changes[rung] for each in report.ladders),
                "accepted": score_as_dict(accepted_at(report, rung)),
            }
            for rung, strength in enumerate(STRENGTHS)
        },
        "orders": {name: score_as_dict(each) for name, each in report.orders.items()},
    }
