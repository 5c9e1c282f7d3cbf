"""The seams suite: what was filmed gives way to what is made; does the step between both look like any other?

Each case is a filmed clip of a held-out script. Four abilities lay it on a canvas with gaps: `extend` and `loop` go on after
its first part, `connect` and `recut` fill what was cut out of it. A seam is smooth where change and acceleration across it
stay within the 95th percentile of the steps of all filmed clips; a case counts where every seam is smooth and the gap moves at
least half as much as the median filmed clip. A cross-fade over the same gap and a hard cut without it are held to the same.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import median

import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from misora.core.errors import MisoraError, UsageError
from misora.core.seeds import derive
from misora.evaluate.joins import Joined, cross_faded, hard_cut, kept_decibels, seams_of, steps_of
from misora.evaluate.minute import motion_of
from misora.evaluate.prompts import grammar_of
from misora.evaluate.report import Score, percent, score
from misora.generate import abilities
from misora.generate.canvas import Canvas, Guidance
from misora.generate.latents import decode
from misora.generate.prepare import finished, prepared
from misora.generate.sample import DEFAULT_STEPS
from misora.generate.studio import Asked, Studio
from misora.generate.windows import sample_any
from misora.model.bundle import Limits, Model
from misora.model.grid import FRAMES_PER_GROUP
from misora.video.clip import Clip
from misora.worlds.draw import draw_script
from misora.worlds.film import Filmer
from misora.worlds.grammar import Grammar
from misora.worlds.script import Script
from misora.worlds.words import captions

ABILITIES = ("extend", "connect", "loop", "recut")
WAYS = ("made", "cross-fade", "hard cut")
MIN_MOTION = 0.5
"""Of the median filmed motion: what a gap must have at the least."""
PERCENTILE = 0.95
_MIN_GROUPS, _USUAL_GROUPS = 5, 6
_MAX_DRAWS = 20
OnVideo = Callable[[int, int], None]
"""Called with the number of videos done and of all videos."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeamSettings:
    """How the suite is run.

    Attributes:
        num_cases: filmed clips, each laid by every ability.
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
        if not 1 <= self.num_cases <= 1000:
            raise UsageError(f"the seams suite takes 1 to 1000 cases, got {self.num_cases}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filmed:
    """One case.

    Attributes:
        clip: what was filmed, in whole groups of frames.
        text: the sentence of it.
    """

    clip: Clip
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WayScore:
    """How one way to bridge the gaps of an ability does.

    Attributes:
        smooth: cases of which every seam is smooth.
        moving: cases whose gap moves enough; none for a hard cut, which has no gap.
        both: cases that are both.
        change: at the worst seam, as a share of the filmed percentile; the median over the cases.
        acceleration: the same.
    """

    smooth: Score
    moving: Score
    both: Score
    change: float
    acceleration: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AbilityReport:
    """What one ability does.

    Attributes:
        ways: scores of what is made, of the cross-fade and of the hard cut.
        kept_db: decibels of pinned frames, decoded and not yet laid over, less those of the autoencoder alone; the median.
        video_seconds: that making a video took, the median.
    """

    ways: dict[str, WayScore]
    kept_db: float
    video_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SeamReport:
    """The whole result.

    Attributes:
        abilities: by name.
        settings: what was run.
    """

    abilities: dict[str, AbilityReport]
    settings: SeamSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bounds:
    """What filmed clips do: percentiles of change and acceleration, and the median motion."""

    steps: Float[Tensor, " 2"]
    motion: float


def film_cases(settings: SeamSettings, limits: Limits, grammar: Grammar) -> tuple[Filmed, ...]:
    """Film the cases: one line and one shot each, in whole groups, at the model's usual size and rate.

    Args:
        settings: how many, of which split, and the seed.
        limits: of the model.
        grammar: of the model.

    Returns:
        The cases.

    Raises:
        UsageError: if the model holds too few frames to cut a clip into five parts.
        MisoraError: if the scripts of a case cannot be filmed.
    """
    fps = round(limits.default_fps)
    groups = min(_USUAL_GROUPS, int(limits.max_seconds * fps / FRAMES_PER_GROUP + 1e-6))
    if groups < _MIN_GROUPS:
        raise UsageError(f"the seams suite cuts clips into {_MIN_GROUPS} groups of frames; this model holds {groups}")
    with Filmer() as filmer:
        return tuple(
            _film(filmer, settings, limits, grammar, index=index, seconds=groups * FRAMES_PER_GROUP / fps)
            for index in range(settings.num_cases)
        )


def _film(
    filmer: Filmer, settings: SeamSettings, limits: Limits, grammar: Grammar, *, index: int, seconds: float
) -> Filmed:
    for attempt in range(_MAX_DRAWS):
        script: Script = draw_script(
            derive("seams suite", settings.seed, index, attempt),
            split=settings.split,
            seconds=seconds,
            fps=round(limits.default_fps),
            size=limits.default_size,
            num_lines=1,
            grammar=grammar,
        )
        try:
            clip = filmer.film(script).clip
        except MisoraError:
            continue
        [line] = captions(script, register="plain", seed=derive("seams suite words", settings.seed, index))
        return Filmed(clip=clip, text=line.text)
    raise MisoraError(f"case {index} of seed {settings.seed} could not be filmed in {_MAX_DRAWS} scripts")


def lay_case(studio: Studio, name: str, filmed: Filmed, settings: SeamSettings, *, index: int) -> tuple[Canvas, Joined]:
    """Lay a case by an ability.

    Args:
        studio: the model.
        name: one of `ABILITIES`.
        filmed: the case.
        settings: guidance and seed.
        index: of the case; names its noise.

    Returns:
        The canvas, and what it joins.
    """
    clip, groups = filmed.clip, filmed.clip.num_frames // FRAMES_PER_GROUP
    edges = [round(groups * part / 5) * FRAMES_PER_GROUP for part in range(6)]
    asked = Asked(guidance=settings.guidance, seed=derive("seams suite noise", settings.seed, index))

    def part(first: int, last: int) -> Clip:
        return Clip.at_rate(clip.frames[first:last], clip.fps)

    def lasting(first: int, last: int) -> float:
        return (last - first) / clip.fps

    if name in ("extend", "loop"):
        known, gap = part(0, edges[3]), lasting(edges[3], edges[5])
        if name == "extend":
            canvas = abilities.extend(studio, known, filmed.text, after=gap, **asked)
        else:
            canvas = abilities.loop(studio, known, filmed.text, gap=gap, **asked)
        parts = (known.frames, known.frames[:FRAMES_PER_GROUP])
        return canvas, Joined(parts=parts, gaps=(edges[5] - edges[3],), is_loop=name == "loop")
    if name == "connect":
        first, second = part(0, edges[2]), part(edges[4], edges[5])
        canvas = abilities.connect(studio, first, second, filmed.text, gap=lasting(edges[2], edges[4]), **asked)
        return canvas, Joined(parts=(first.frames, second.frames), gaps=(edges[4] - edges[2],))
    kept = [part(edges[at], edges[at + 1]) for at in (0, 2, 4)]
    gaps = [edges[at + 1] - edges[at] for at in (1, 3)]
    laid = [kept[0], gaps[0] / clip.fps, kept[1], gaps[1] / clip.fps, kept[2]]
    canvas = abilities.recut(studio, laid, filmed.text, **asked)
    return canvas, Joined(parts=tuple(each.frames for each in kept), gaps=tuple(gaps))


def run_seam_suite(model: Model, *, settings: SeamSettings, on_video: OnVideo | None = None) -> SeamReport:
    """Film the cases, lay and make each by every ability, and look at the seams.

    Args:
        model: that makes the gaps.
        settings: how many, and how.
        on_video: told of the progress.

    Returns:
        Scores by ability.
    """
    studio = Studio(model)
    cases = film_cases(settings, model.limits, grammar_of(model))
    bounds = _bounds([case.clip.frames for case in cases])
    reports = {}
    for turn, name in enumerate(ABILITIES):
        seen: dict[str, list[tuple[Tensor, float | None]]] = {way: [] for way in WAYS}
        kept, taken = [], []
        for index, case in enumerate(cases):
            canvas, joined = lay_case(studio, name, case, settings, index=index)
            begin = time.perf_counter()
            plan = prepared(canvas, model.limits)
            decoded = decode(model, sample_any(model, plan.window, steps=settings.steps), plan.window)
            frames = finished(plan, decoded).frames
            taken.append(time.perf_counter() - begin)
            kept.append(kept_decibels(model.autoencoder, plan.window, decoded.frames))
            ways = (joined.played(frames), cross_faded(joined), hard_cut(joined))
            for way, pictures in zip(WAYS, ways, strict=True):
                seen[way].append(_look(pictures, joined, is_cut=way == "hard cut"))
            if on_video:
                on_video(turn * len(cases) + index + 1, len(ABILITIES) * len(cases))
        scores = {way: _score(seen[way], bounds) for way in WAYS}
        reports[name] = AbilityReport(ways=scores, kept_db=median(kept), video_seconds=median(taken))
    return SeamReport(abilities=reports, settings=settings)


def _bounds(films: Sequence[UInt8[Tensor, "f 3 H W"]]) -> _Bounds:
    steps = torch.cat([steps_of(frames) for frames in films])
    return _Bounds(steps=steps.quantile(PERCENTILE, dim=0), motion=median(motion_of(frames) for frames in films))


def _look(frames: UInt8[Tensor, "f 3 H W"], joined: Joined, *, is_cut: bool) -> tuple[Tensor, float | None]:
    """Change and acceleration of each seam, and the motion of the gap that moves least."""
    seams = joined.cuts if is_cut else seams_of(joined, len(frames))
    motions = [] if is_cut else [motion_of(frames[first - 1 : last + 1]) for first, last in joined.spans]
    return steps_of(frames)[[seam - 1 for seam in seams]], min(motions, default=None)


def _score(seen: Sequence[tuple[Tensor, float | None]], bounds: _Bounds) -> WayScore:
    smooth = [bool((steps <= bounds.steps).all()) for steps, _ in seen]
    moving = [None if motion is None else motion >= MIN_MOTION * bounds.motion for _, motion in seen]
    worst = torch.stack([(steps / bounds.steps).amax(0) for steps, _ in seen]).median(0).values.tolist()
    both = [one and (other is not False) for one, other in zip(smooth, moving, strict=True)]
    return WayScore(
        smooth=score(smooth), moving=score(moving), both=score(both), change=worst[0], acceleration=worst[1]
    )


def as_table(report: SeamReport) -> str:
    """The report as people read it.

    Args:
        report: of `run_seam_suite`.

    Returns:
        A line for each ability and way.
    """
    heads = ("smooth", "moving", "smooth and moving")
    lines = [f"{'':<22}" + "".join(f"{head:<30}" for head in heads) + "change  acceleration, of filmed 95 %"]
    for name, each in report.abilities.items():
        for way, found in each.ways.items():
            shares = "".join(f"{percent(part):<30}" for part in (found.smooth, found.moving, found.both))
            lines.append(f"{f'{name}, {way}':<22}{shares}{found.change:<8.2f}{found.acceleration:.2f}")
        lines.append(
            f"{name}: pinned frames {each.kept_db:+.2f} dB to the autoencoder, {each.video_seconds:.1f} s a video"
        )
    return "\n".join(lines)


def as_dict(report: SeamReport) -> dict[str, object]:
    """The report for machines.

    Args:
        report: of `run_seam_suite`.

    Returns:
        Plain values for JSON.
    """
    return {
        "suite": "seams",
        "settings": asdict(report.settings),
        "abilities": {
            name: {
                "kept_db": each.kept_db,
                "video_seconds": each.video_seconds,
                **{way: _way_as_dict(found) for way, found in each.ways.items()},
            }
            for name, each in report.abilities.items()
        },
    }


def _way_as_dict(found: WayScore) -> dict[str, object]:
    shares = {"smooth": found.smooth, "moving": found.moving, "both": found.both}
    return {
        "change": found.change,
        "acceleration": found.acceleration,
        **{
            name: {"right": each.num_right, "of": each.num_all, "low": each.interval.low, "high": each.interval.high}
            for name, each in shares.items()
        },
    }
