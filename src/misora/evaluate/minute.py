"""The minute suite: long videos of one sentence, looked at ten seconds at a time.

Each stretch is cut into pieces of the model's usual length, and the judge says of each piece whether floor, colour and count
are right; a stretch is right where more than half of its pieces are. Motion is the mean change from frame to frame without the
largest tenth, which jumps where a window begins would fill, as a share of its median over filmed clips of the same scripts.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from statistics import median

from jaxtyping import Float, UInt8
from torch import Tensor

from misora.core.errors import MisoraError, UsageError
from misora.core.seeds import derive
from misora.evaluate.judge import Judge
from misora.evaluate.report import Score, percent, score
from misora.generate.canvas import Canvas, Guidance
from misora.generate.latents import decode
from misora.generate.limits import LONGEST_SECONDS
from misora.generate.sample import DEFAULT_STEPS
from misora.generate.windows import Overlap, sample_any
from misora.model.bundle import Model
from misora.video.clip import Clip
from misora.video.line import Line
from misora.worlds.draw import draw_script
from misora.worlds.film import Filmer
from misora.worlds.script import Script
from misora.worlds.words import captions

STRETCH_SECONDS = 10.0
CLAIMS = ("floor", "colour", "count")
OnVideo = Callable[[int, int], None]
"""Called with the number of videos done and of all videos."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MinuteSettings:
    """How the suite is run.

    Attributes:
        num_prompts: sentences.
        seconds: length of each video.
        seed: draws scripts, words and noise.
        split: which scripts: `held_out` to measure, `train` to choose settings.
        steps: of the sampler, for each window.
        guidance: of the text.
        overlap: what neighbouring windows share.
    """

    num_prompts: int = 4
    seconds: float = LONGEST_SECONDS
    seed: int = 0
    split: str = "held_out"
    steps: int = DEFAULT_STEPS
    guidance: float = Guidance().lines
    overlap: Overlap = field(default_factory=Overlap)

    def __post_init__(self) -> None:
        if not 1 <= self.num_prompts <= 1000:
            raise UsageError(f"the minute suite takes 1 to 1000 prompts, got {self.num_prompts}")
        if not STRETCH_SECONDS <= self.seconds <= LONGEST_SECONDS:
            raise UsageError(
                f"the minute suite takes {STRETCH_SECONDS:g} to {LONGEST_SECONDS:g} s, got {self.seconds:g}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Ten seconds of all videos.

    Attributes:
        to_seconds: where they end.
        claims: by attribute: in how many videos it is right.
        motion: mean change from frame to frame, the median over the videos, as a share of the filmed median.
    """

    to_seconds: float
    claims: dict[str, Score]
    motion: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MinuteReport:
    """The whole result.

    Attributes:
        stretches: in order of time.
        settings: what was run.
        video_seconds: that making a video took, the median.
    """

    stretches: tuple[Stretch, ...]
    settings: MinuteSettings
    video_seconds: float


def minute_scripts(settings: MinuteSettings, model: Model) -> tuple[Script, ...]:
    """Draw the scripts: one line and one shot, of the model's usual length.

    Args:
        settings: how many, of which split, and the seed.
        model: its limits say the default size, rate and length.

    Returns:
        The scripts.
    """
    limits = model.limits
    return tuple(
        draw_script(
            derive("minute suite", settings.seed, index),
            split=settings.split,
            seconds=limits.default_seconds,
            fps=round(limits.default_fps),
            size=limits.default_size,
            num_lines=1,
        )
        for index in range(settings.num_prompts)
    )


def minute_canvas(script: Script, settings: MinuteSettings, *, index: int) -> Canvas:
    """Ask for a script over the whole length: one line speaks throughout.

    Args:
        script: what should be seen.
        settings: length, guidance and seed.
        index: of the prompt; names its words and its noise.

    Returns:
        The canvas.
    """
    [line] = captions(script, register="plain", seed=derive("minute suite words", settings.seed, index))
    return Canvas(
        seconds=settings.seconds,
        fps=float(script.fps),
        width_px=script.width_px,
        height_px=script.height_px,
        lines=(Line(line.text, 0.0, settings.seconds),),
        guidance=Guidance(lines=settings.guidance),
        seed=derive("minute suite noise", settings.seed, index),
    )


def run_minute_suite(
    model: Model, judge: Judge, *, settings: MinuteSettings, on_video: OnVideo | None = None
) -> MinuteReport:
    """Make long videos, and look at every ten seconds of them.

    Args:
        model: that makes the videos.
        judge: that looks at them.
        settings: how many, how long, and how.
        on_video: told of the progress.

    Returns:
        What is right in each stretch.
    """
    scripts = minute_scripts(settings, model)
    filmed = filmed_motion(scripts)
    seen: list[list[dict[str, bool]]] = []
    motions: list[list[float]] = []
    taken: list[float] = []
    for index, script in enumerate(scripts):
        begin = time.perf_counter()
        canvas = minute_canvas(script, settings, index=index)
        latents = sample_any(model, canvas, steps=settings.steps, overlap=settings.overlap)
        clip = decode(model, latents, canvas)
        taken.append(time.perf_counter() - begin)
        seen.append([claims_of(judge, part, script) for part in parts_of(clip, STRETCH_SECONDS)])
        motions.append([motion_of(part.frames) / filmed for part in parts_of(clip, STRETCH_SECONDS)])
        if on_video:
            on_video(index + 1, len(scripts))
    stretches = tuple(
        Stretch(
            to_seconds=(place + 1) * STRETCH_SECONDS,
            claims={name: score([video[place][name] for video in seen]) for name in CLAIMS},
            motion=median(video[place] for video in motions),
        )
        for place in range(len(seen[0]))
    )
    return MinuteReport(stretches=stretches, settings=settings, video_seconds=median(taken))


def filmed_motion(scripts: Sequence[Script]) -> float:
    """Film scripts, and take the median of their motion.

    Args:
        scripts: what to film; one that physics cannot do is passed over.

    Returns:
        As `motion_of`.

    Raises:
        UsageError: if physics can do none of them.
    """
    motions = []
    with Filmer() as filmer:
        for script in scripts:
            with suppress(MisoraError):
                motions.append(motion_of(filmer.film(script).clip.frames))
    if not motions:
        raise UsageError("none of the drawn scripts can be filmed; take more prompts, or another seed")
    return median(motions)


def claims_of(judge: Judge, clip: Clip, script: Script) -> dict[str, bool]:
    """Whether more than half of a clip's pieces show what a script says.

    Args:
        judge: that looks at pieces as long as the script.
        clip: a stretch.
        script: of one shot.

    Returns:
        One flag for each of `CLAIMS`.
    """
    verdicts = [judge.judge(piece, script).claims for piece in parts_of(clip, script.seconds)]
    return {name: 2 * sum(claims[name] is True for claims in verdicts) > len(verdicts) for name in CLAIMS}


def parts_of(clip: Clip, seconds: float) -> Iterator[Clip]:
    """Cut a clip into parts of one length, each on a clock of its own; what is left over is left out.

    Args:
        clip: what is cut.
        seconds: length of a part.

    Yields:
        The parts in order.
    """
    length = max(1, round(seconds * clip.fps))
    for first in range(0, clip.num_frames - length + 1, length):
        yield Clip.at_rate(clip.frames[first : first + length], clip.fps)


def motion_of(frames: UInt8[Tensor, "f 3 H W"]) -> float:
    """Mean change from frame to frame, the largest tenth of the changes left out.

    Args:
        frames: at least two.

    Returns:
        Of 255, over all pixels and colours.
    """
    return trimmed(frames[1:].float() - frames[:-1].float())


def trimmed(changes: Float[Tensor, "e 3 H W"]) -> float:
    """Mean size of changes from frame to frame, the largest tenth left out.

    Args:
        changes: at least one.

    Returns:
        Of 255, over all pixels and colours.
    """
    sizes = changes.abs().mean((1, 2, 3)).sort().values
    return float(sizes[: math.ceil(0.9 * len(sizes))].mean())


def as_table(report: MinuteReport) -> str:
    """The report as people read it.

    Args:
        report: of `run_minute_suite`.

    Returns:
        A line for each stretch.
    """
    lines = [f"{'until':<8}" + "".join(f"{name:<34}" for name in CLAIMS) + "motion to filmed"]
    for stretch in report.stretches:
        shares = "".join(f"{percent(stretch.claims[name]):<34}" for name in CLAIMS)
        lines.append(f"{f'{stretch.to_seconds:g} s':<8}{shares}{stretch.motion:.2f}")
    settings = report.settings
    lines.append(f"{settings.num_prompts} videos of {settings.seconds:g} s, {report.video_seconds:.0f} s each")
    return "\n".join(lines)


def as_dict(report: MinuteReport) -> dict[str, object]:
    """The report for machines.

    Args:
        report: of `run_minute_suite`.

    Returns:
        Plain values for JSON.
    """
    return {
        "suite": "minute",
        "settings": asdict(report.settings),
        "video_seconds": report.video_seconds,
        "stretches": [
            {
                "to_seconds": stretch.to_seconds,
                "motion": stretch.motion,
                **{name: _score_as_dict(stretch.claims[name]) for name in CLAIMS},
            }
            for stretch in report.stretches
        ],
    }


def worst(report: MinuteReport, name: str) -> Score:
    """The stretch in which an attribute is right in the fewest videos.

    Args:
        report: of `run_minute_suite`.
        name: one of `CLAIMS`.

    Returns:
        Its score.
    """
    scores: Sequence[Score] = [stretch.claims[name] for stretch in report.stretches]
    return min(scores, key=lambda each: each.value)


def _score_as_dict(measured: Score) -> dict[str, object]:
    interval = measured.interval
    return {"right": measured.num_right, "of": measured.num_all, "low": interval.low, "high": interval.high}
