"""The seams suite: what was filmed gives way to what is made; does the step between both look like any other?

Each case is a filmed clip of a held-out script. Four abilities lay it on a canvas with gaps: `extend` and `loop` go on after
its first part, `connect` and `recut` fill what was cut out of it. A seam is smooth where change and acceleration across it
stay within the 95th percentile of the steps of all filmed clips; a case is right where every seam is smooth and every gap moves
at least half as much as the median filmed clip.

How the bar is read. The percentile is of all films together, so a film that is quick throughout fails its own seams, a film in
which nothing moves fails the motion, and a recut has four chances to fail: the film itself, left uncut, is a row of the
report, and what the autoencoder makes of it is another. Cases that their film fails cannot be passed and are left out of
`answerable`, the share that is asked for; the share of all cases stands beside it. One jump in one seam fails a case, however
smooth the others are. A cross-fade over the same gap and a hard cut without it are held to the same, on the same cases; since
a cross-fade changes from frame to frame although nothing in it moves, motion is also counted without fading.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from statistics import median

import torch
from jaxtyping import UInt8
from torch import Tensor

from misora.core.errors import MisoraError, UsageError
from misora.core.seeds import derive
from misora.evaluate.joins import Joined, cross_faded, hard_cut, kept_decibels, seams_of, steps_of, undissolved
from misora.evaluate.minute import motion_of, trimmed
from misora.evaluate.prompts import grammar_of
from misora.evaluate.reconstruction import moving_pixels
from misora.evaluate.seam_report import (
    WAYS,
    AbilityReport,
    Bounds,
    Seen,
    ability_as_dict,
    ability_lines,
    ability_report,
)
from misora.evaluate.text_suite import reconstructed
from misora.generate import abilities
from misora.generate.canvas import Canvas
from misora.generate.latents import decode
from misora.generate.prepare import finished, prepared
from misora.generate.sample import DEFAULT_STEPS, sample
from misora.generate.standing import borders_of
from misora.generate.studio import Asked, Studio
from misora.model.bundle import Limits, Model
from misora.model.grid import FRAMES_PER_GROUP
from misora.video.clip import Clip
from misora.worlds.draw import draw_script
from misora.worlds.film import Filmer
from misora.worlds.grammar import Grammar
from misora.worlds.script import Script
from misora.worlds.words import captions

ABILITIES = ("extend", "connect", "loop", "recut")
PERCENTILE = 0.95
_MIN_GROUPS, _USUAL_GROUPS = 5, 6
_MAX_DRAWS = 20
_BATCH = 8  # canvases sampled in one pack
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
        guidance: of the text; what each ability takes by itself when not given.
    """

    num_cases: int = 64
    seed: int = 0
    split: str = "held_out"
    steps: int = DEFAULT_STEPS
    guidance: float | None = None

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
class SeamReport:
    """The whole result.

    Attributes:
        abilities: by name.
        settings: what was run.
    """

    abilities: dict[str, AbilityReport]
    settings: SeamSettings


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
    return SeamReport(abilities=dict(seam_reports(model, settings=settings, on_video=on_video)), settings=settings)


def seam_reports(
    model: Model, *, settings: SeamSettings, on_video: OnVideo | None = None
) -> Iterator[tuple[str, AbilityReport]]:
    """The same, one ability after another as it is done.

    Args:
        model: that makes the gaps.
        settings: how many, and how.
        on_video: told of the progress.

    Yields:
        The name of an ability, and what it does.
    """
    studio = Studio(model)
    cases = film_cases(settings, model.limits, grammar_of(model))
    bounds = _bounds([case.clip.frames for case in cases])
    redone = [reconstructed(model, case.clip).frames for case in cases]
    for turn, name in enumerate(ABILITIES):
        seen: dict[str, list[Seen]] = {way: [] for way in WAYS}
        kept, taken = [], []
        for first in range(0, len(cases), _BATCH):
            indices = range(first, min(first + _BATCH, len(cases)))
            laid = [lay_case(studio, name, cases[index], settings, index=index) for index in indices]
            made = _made(model, [canvas for canvas, _ in laid], settings)
            for index, (_, joined), one in zip(indices, laid, made, strict=True):
                taken.append(one.seconds)
                kept.append(one.kept_db)
                film = cases[index].clip.frames
                for way, (frames, where) in _all_ways(one.frames, joined, film, redone[index]).items():
                    seen[way].append(_look(frames, where, film=film, is_cut=way == "hard cut"))
            if on_video:
                on_video(turn * len(cases) + indices.stop, len(ABILITIES) * len(cases))
        yield name, ability_report(seen, bounds, kept_db=kept, seconds=taken)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """A finished case: its frames, what became of its pins before they were laid over, and the time it took."""

    frames: UInt8[Tensor, "f 3 H W"]
    kept_db: float
    seconds: float


def _made(model: Model, canvases: Sequence[Canvas], settings: SeamSettings) -> list[_Made]:
    """Make canvases of one shape in one pack, each as `generate` would make it."""
    begin = time.perf_counter()
    plans = [prepared(canvas, model.limits) for canvas in canvases]
    sampled = sample(model, [plan.window for plan in plans], steps=settings.steps)
    share = (time.perf_counter() - begin) / len(plans)
    found = []
    for plan, latents in zip(plans, sampled, strict=True):
        begin = time.perf_counter()
        decoded = decode(model, latents, plan.window)
        borders = borders_of(model.autoencoder, plan.canvas, latents, first_group=plan.first_group)
        frames = finished(plan, decoded, borders).frames
        seconds = share + time.perf_counter() - begin
        kept_db = kept_decibels(model.autoencoder, plan.window, decoded.frames)
        found.append(_Made(frames=frames, kept_db=kept_db, seconds=seconds))
    return found


Shown = tuple[UInt8[Tensor, "f 3 H W"], Joined]
"""Frames that are played, and where they are joined."""


def _all_ways(made: Tensor, joined: Joined, film: Tensor, redone: Tensor) -> dict[str, Shown]:
    """The frames of a case bridged in every way; a film has no way back, so beside a loop its middle counts as the gap."""
    uncut = joined
    if joined.is_loop:
        half = joined.gaps[0]
        uncut = Joined(parts=(film[:half], film[2 * half :]), gaps=joined.gaps)
    half_way = film.clone()
    for first, last in uncut.spans:
        half_way[first:last] = redone[first:last]
    return {
        "made": (joined.played(made), joined),
        "filmed": (film, uncut),
        "autoencoder": (half_way, uncut),
        "cross-fade": (cross_faded(joined), joined),
        "hard cut": (hard_cut(joined), joined),
    }


def _bounds(films: Sequence[UInt8[Tensor, "f 3 H W"]]) -> Bounds:
    steps = torch.cat([steps_of(frames) for frames in films])
    return Bounds(
        steps=steps.quantile(PERCENTILE, dim=0),
        motion=median(motion_of(frames) for frames in films),
        own_motion=median(trimmed(undissolved(frames)) for frames in films),
    )


def _look(frames: UInt8[Tensor, "f 3 H W"], joined: Joined, *, film: UInt8[Tensor, "g 3 H W"], is_cut: bool) -> Seen:
    """Change and acceleration of each seam, the motion of the gap that moves least, and how far it is from the film."""
    seams = joined.cuts if is_cut else seams_of(joined, len(frames))
    steps = steps_of(frames)[[seam - 1 for seam in seams]]
    if is_cut:
        return Seen(steps=steps)
    gaps = [frames[first - 1 : last + 1] for first, last in joined.spans]
    errors, moves = (frames[: len(film)].float() - film.float()).square().mean(1), moving_pixels(film)
    parts = [errors[first:last][moves[first:last]] for first, last in joined.spans]
    error = torch.cat(parts)
    return Seen(
        steps=steps,
        motion=min(map(motion_of, gaps)),
        own_motion=min(trimmed(undissolved(gap)) for gap in gaps),
        error=None if joined.is_loop or not len(error) else float(error.mean()),
    )


def as_table(report: SeamReport) -> str:
    """The report as people read it.

    Args:
        report: of `run_seam_suite`.

    Returns:
        A line for each ability and way.
    """
    heads = ("smooth", "moving", "smooth and moving", "of those whose film is")
    lines = [
        f"{'':<22}" + "".join(f"{head:<30}" for head in heads) + "change  acceleration, of filmed 95 %; motion to film"
    ]
    for name, each in report.abilities.items():
        lines += ability_lines(name, each)
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
        "abilities": {name: ability_as_dict(each) for name, each in report.abilities.items()},
    }
