"""The text suite: held-out sentences in, videos out, judged by pixels against what was said.

Beside every score stand what the judge says of filmed truth of the same scripts, of its reconstructions, of the
same videos under exchanged prompts (chance), and how often it accepts truth under a script wrong in that attribute.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from misora.core.errors import UsageError
from misora.core.seeds import derive, numpy_rng
from misora.evaluate.calibrate import asks, spoil
from misora.evaluate.examples import film_scripts
from misora.evaluate.judge import ATTRIBUTES, Judge, Verdict
from misora.evaluate.report import Score, percent, score, shuffled
from misora.generate.canvas import Canvas, Guidance
from misora.generate.latents import decode
from misora.generate.sample import DEFAULT_STEPS, sample
from misora.model.bundle import Model
from misora.video.clip import Clip
from misora.worlds.draw import draw_script
from misora.worlds.script import Script
from misora.worlds.words import REGISTERS, captions

MAX_PROMPTS = 10_000
OnBatch = Callable[[int, int], None]
"""Called with the number of prompts done and of all prompts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteSettings:
    """How the suite is run.

    Attributes:
        num_prompts: held-out scripts.
        seed: draws scripts, words and noise.
        steps: of the sampler.
        guidance: of the text.
        batch: canvases sampled in one pack.
        two_line_share: share of scripts with two timed lines; half of them are cuts.
    """

    num_prompts: int = 128
    seed: int = 0
    steps: int = DEFAULT_STEPS
    guidance: float = Guidance().lines
    batch: int = 8
    two_line_share: float = 0.25

    def __post_init__(self) -> None:
        if not 2 <= self.num_prompts <= MAX_PROMPTS:
            raise UsageError(f"the text suite takes 2 to {MAX_PROMPTS} prompts, got {self.num_prompts}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What is known about one attribute.

    Attributes:
        generated: videos of the model.
        truth: filmed truth of the same scripts.
        reconstruction: that truth after the autoencoder.
        chance: the videos under exchanged prompts.
        false_accepts: truth under a script that is wrong in this attribute; None for "all".
    """

    generated: Score
    truth: Score
    reconstruction: Score
    chance: Score
    false_accepts: Score | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TextReport:
    """The whole result.

    Attributes:
        rows: by attribute, and "all".
        settings: what was run.
        one_line: scores of the scripts with a single line, which a short prompt is like.
    """

    rows: dict[str, Row]
    settings: SuiteSettings
    one_line: dict[str, Score]


def held_out_scripts(settings: SuiteSettings, model: Model) -> tuple[Script, ...]:
    """Draw the scripts: one line at the model's default length, or two lines with half as much again.

    Args:
        settings: how many, and the seed.
        model: its limits say the default size, rate and length.

    Returns:
        Scripts whose acting things were never filmed for training.
    """
    limits = model.limits
    rng = numpy_rng("text suite lines", settings.seed)
    scripts = []
    for index in range(settings.num_prompts):
        is_double = bool(rng.random() < settings.two_line_share)
        scripts.append(
            draw_script(
                derive("text suite", settings.seed, index),
                split="held_out",
                seconds=limits.default_seconds * (1.5 if is_double else 1.0),
                fps=round(limits.default_fps),
                size=limits.default_size,
                num_lines=2 if is_double else 1,
            )
        )
    return tuple(scripts)


def canvas_of(script: Script, settings: SuiteSettings, *, index: int) -> Canvas:
    """Ask for a script in words.

    Args:
        script: what should be seen.
        settings: guidance and seed.
        index: of the prompt; names its register, its words and its noise.

    Returns:
        A canvas with a line for each beat.
    """
    seed = derive("text suite words", settings.seed, index)
    return Canvas(
        seconds=script.seconds,
        fps=float(script.fps),
        width_px=script.width_px,
        height_px=script.height_px,
        lines=captions(script, register=REGISTERS[index % len(REGISTERS)], seed=seed),
        guidance=Guidance(lines=settings.guidance),
        seed=derive("text suite noise", settings.seed, index),
    )


def generated_clips(
    model: Model, canvases: Sequence[Canvas], *, settings: SuiteSettings, on_batch: OnBatch | None = None
) -> list[Clip]:
    """Make all videos, some at a time, clips of one length together.

    Args:
        model: that makes them.
        canvases: what is asked.
        settings: steps and batch.
        on_batch: told of the progress.

    Returns:
        A clip for each canvas, in order.
    """
    clips: dict[int, Clip] = {}
    for chosen in _batches([canvas.num_frames for canvas in canvases], settings.batch):
        latents = sample(model, [canvases[index] for index in chosen], steps=settings.steps)
        for index, each in zip(chosen, latents, strict=True):
            clips[index] = decode(model, each, canvases[index])
        if on_batch:
            on_batch(len(clips), len(canvases))
    return [clips[index] for index in range(len(canvases))]


def _batches(lengths: Sequence[int], size: int) -> Iterator[list[int]]:
    order = sorted(range(len(lengths)), key=lambda index: lengths[index])
    for _, group in groupby(order, key=lambda index: lengths[index]):
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
) -> TextReport:
    """Make videos of held-out sentences, and judge them beside all that could explain their score.

    Args:
        model: that makes the videos.
        judge: that looks at them.
        settings: how many, and how.
        workers: processes that film the truth.
        on_batch: told of the progress of generation.

    Returns:
        Scores by attribute.
    """
    scripts = held_out_scripts(settings, model)
    filmed = film_scripts(scripts, maps=False, workers=workers)
    truths = [(each.script, each.clip) for each in filmed if each is not None]
    canvases = [canvas_of(script, settings, index=index) for index, script in enumerate(scripts)]
    clips = generated_clips(model, canvases, settings=settings, on_batch=on_batch)
    seen = [judge.observe(clip) for clip in clips]
    made = [judge.compare(each, script) for each, script in zip(seen, scripts, strict=True)]
    exchanged = [judge.compare(seen[i], scripts[j]) for i, j in _exchanges(scripts, seed=settings.seed)]
    true = [judge.judge(clip, script) for script, clip in truths]
    redone = [judge.judge(reconstructed(model, clip), script) for script, clip in truths]
    false = false_accepts(judge, truths, seed=settings.seed)
    rows = {
        name: Row(
            generated=_score(made, name),
            truth=_score(true, name),
            reconstruction=_score(redone, name),
            chance=_score(exchanged, name),
            false_accepts=false.get(name),
        )
        for name in (*ATTRIBUTES, "all")
    }
    single = [verdict for verdict, script in zip(made, scripts, strict=True) if len(captions_of(script)) == 1]
    return TextReport(
        rows=rows, settings=settings, one_line={name: _score(single, name) for name in (*ATTRIBUTES, "all")}
    )


def captions_of(script: Script) -> tuple[object, ...]:
    """The beats of a script, each of which is told in one line."""
    return tuple(beat for shot in script.shots for beat in shot.beats)


def false_accepts(judge: Judge, truths: Sequence[tuple[Script, Clip]], *, seed: int) -> dict[str, Score]:
    """How often truth is accepted under a script that is wrong in one attribute.

    Args:
        judge: the judge.
        truths: scripts with their filmed clips.
        seed: of what is made wrong.

    Returns:
        A score for each of `ATTRIBUTES`; right means accepted, so lower is better.
    """
    seen = [(script, judge.observe(clip)) for script, clip in truths]
    scores = {}
    for name in ATTRIBUTES:
        asking = [(script, each) for script, each in seen if asks(script, name)]
        spoilt = [(spoil(script, name, derive(seed, index)), each) for index, (script, each) in enumerate(asking)]
        claims = [judge.compare(each, other).claims[name] for other, each in spoilt if other is not None]
        scores[name] = score(claims)
    return scores


def _exchanges(scripts: Sequence[Script], *, seed: int) -> Iterator[tuple[int, int]]:
    """Pairs of a video and another's script, among scripts with as many lines and shots."""

    def form(index: int) -> tuple[int, int]:
        return len(scripts[index].shots), len(captions_of(scripts[index]))

    for key, group in groupby(sorted(range(len(scripts)), key=form), key=form):
        same = list(group)
        if len(same) < 2:
            continue
        partners = shuffled(len(same), seed=derive("exchange", seed, *key))
        yield from ((same[i], same[j]) for i, j in enumerate(partners))


def _score(verdicts: Sequence[Verdict], name: str) -> Score:
    return score([verdict.is_accepted if name == "all" else verdict.claims[name] for verdict in verdicts])


def as_table(report: TextReport) -> str:
    """The report as people read it.

    Args:
        report: of `run_text_suite`.

    Returns:
        A line for each attribute.
    """
    lines = [f"{'attribute':<10} {'model':<32} {'truth':>7} {'redone':>7} {'chance':>7} {'false accepts':>14}"]
    for name, row in report.rows.items():
        false = "" if row.false_accepts is None else _share(row.false_accepts)
        parts = [f"{_share(each):>7}" for each in (row.truth, row.reconstruction, row.chance)]
        lines.append(f"{name:<10} {percent(row.generated):<32} {' '.join(parts)} {false:>14}")
    return "\n".join(lines)


def _share(measured: Score) -> str:
    return f"{100 * measured.value:.1f} %" if measured.num_all else "–"


def as_dict(report: TextReport) -> dict[str, object]:
    """The report for machines.

    Args:
        report: of `run_text_suite`.

    Returns:
        Plain values for JSON; shares are None where nothing was asked.
    """
    return {
        "suite": "text",
        "num_prompts": report.settings.num_prompts,
        "seed": report.settings.seed,
        "steps": report.settings.steps,
        "guidance": report.settings.guidance,
        "attributes": {name: row_as_dict(row) for name, row in report.rows.items()},
        "one_line": {name: _score_as_dict(each) for name, each in report.one_line.items()},
    }


def row_as_dict(row: Row) -> dict[str, object]:
    """One attribute for machines.

    Args:
        row: of a report.

    Returns:
        Plain values for JSON.
    """
    parts = {name: getattr(row, name) for name in ("generated", "truth", "reconstruction", "chance", "false_accepts")}
    return {name: None if each is None else _score_as_dict(each) for name, each in parts.items()}


def _score_as_dict(measured: Score) -> dict[str, object]:
    return {
        "value": measured.value if measured.num_all else None,
        "low": measured.interval.low,
        "high": measured.interval.high,
        "right": measured.num_right,
        "of": measured.num_all,
    }
