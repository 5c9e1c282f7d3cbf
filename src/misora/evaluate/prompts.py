"""What the text suite asks for: held-out scripts of the model's own grammar, in words."""

from __future__ import annotations

from dataclasses import dataclass, replace

from misora.core.errors import UsageError
from misora.core.seeds import derive, numpy_rng
from misora.generate.canvas import Canvas, Guidance
from misora.generate.limits import check_canvas
from misora.generate.sample import DEFAULT_STEPS
from misora.generate.windows import is_long
from misora.model.bundle import Limits, Model
from misora.worlds.draw import draw_script
from misora.worlds.grammar import FIRST, Grammar, grammar_named
from misora.worlds.script import CAMERAS, RELATIONS, Script
from misora.worlds.words import captions

MAX_PROMPTS = 10_000
_LENGTHS = (1.0, 1.5, 2.0)
"""Of scripts with one, two, three lines, in usual lengths of the model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteSettings:
    """How the suite is run.

    Attributes:
        num_prompts: held-out scripts.
        seed: draws scripts, words and noise.
        steps: of the sampler.
        guidance: of the text.
        batch: canvases sampled in one pack.
        varied_share: share of prompts at a size, rate and length drawn from the grammar instead of the model's usual ones.
        num_redone: how many filmed truths are also judged after the autoencoder.
    """

    num_prompts: int = 128
    seed: int = 0
    steps: int = DEFAULT_STEPS
    guidance: float = Guidance().lines
    batch: int = 8
    varied_share: float = 0.25
    num_redone: int = 128

    def __post_init__(self) -> None:
        if not 2 <= self.num_prompts <= MAX_PROMPTS:
            raise UsageError(f"the text suite takes 2 to {MAX_PROMPTS} prompts, got {self.num_prompts}")


def grammar_of(model: Model) -> Grammar:
    """The grammar that a model was trained on.

    Args:
        model: its folder's details name it; a folder that names none is of the first.

    Returns:
        The grammar.

    Raises:
        UsageError: the details name a grammar that is not known here.
    """
    return grammar_named(str(model.details.get("grammar", FIRST.name)))


def prompt_script(settings: SuiteSettings, limits: Limits, grammar: Grammar, *, index: int, attempt: int = 0) -> Script:
    """Draw the script of one prompt: each beat of it is held out, and so is its mirror image.

    Args:
        settings: the seed, and how many prompts vary in size and length.
        limits: the usual size, rate and length of the model, and what it can hold.
        grammar: what the script is drawn from.
        index: of the prompt.
        attempt: another number draws another script, for one that cannot be filmed.

    Returns:
        A script that fits the model.
    """
    rng = numpy_rng("text suite prompt", settings.seed, index)
    lines = 1 + int(rng.choice(len(grammar.lines), p=grammar.lines))
    seconds = _seconds(limits, lines)
    while lines > 1 and seconds is None:
        lines -= 1
        seconds = _seconds(limits, lines)
    seed = (
        derive("text suite", settings.seed, index)
        if not attempt
        else derive("text suite", settings.seed, index, attempt)
    )
    if rng.random() < settings.varied_share:
        varied = draw_script(seed, split="held_out", num_lines=lines, grammar=grammar)
        if _fits(varied, limits):
            return varied
    return draw_script(
        seed,
        split="held_out",
        seconds=seconds,
        fps=round(limits.default_fps),
        size=limits.default_size,
        num_lines=lines,
        grammar=grammar,
    )


def _seconds(limits: Limits, lines: int) -> float | None:
    """The length of a script at the usual rate, in whole groups of frames; None where the model cannot hold it."""
    fps = round(limits.default_fps)
    seconds = max(4 * round(limits.default_seconds * _LENGTHS[lines - 1] * fps / 4) / fps, float(lines))
    return seconds if seconds <= limits.max_seconds or lines == 1 else None


def _fits(script: Script, limits: Limits) -> bool:
    try:
        check_canvas(_canvas(script), limits)
    except UsageError:
        return False
    return not is_long(_canvas(script), limits)


def _canvas(script: Script) -> Canvas:
    return Canvas(
        seconds=script.seconds, fps=float(script.fps), width_px=script.width_px, height_px=script.height_px, lines=()
    )


def canvas_of(script: Script, settings: SuiteSettings, *, index: int, grammar: Grammar = FIRST) -> Canvas:
    """Ask for a script in words.

    Args:
        script: what should be seen.
        settings: guidance and seed.
        index: of the prompt; names its register, its words and its noise.
        grammar: whose registers are used in turn.

    Returns:
        A canvas with a line for each beat.
    """
    seed = derive("text suite words", settings.seed, index)
    return replace(
        _canvas(script),
        lines=captions(script, register=grammar.registers[index % len(grammar.registers)], seed=seed),
        guidance=Guidance(lines=settings.guidance),
        seed=derive("text suite noise", settings.seed, index),
    )


def is_camera_told(script: Script, settings: SuiteSettings, *, index: int, grammar: Grammar) -> bool:
    """Whether the words of a prompt would differ if the camera did something else in any of its shots.

    Args:
        script: of the prompt.
        settings: as for `canvas_of`.
        index: of the prompt.
        grammar: of the prompt.

    Returns:
        True when every shot's camera is told.
    """
    said = _texts(script, settings, index, grammar)
    others = (_with_shot(script, at, camera=CAMERAS[shot.camera == CAMERAS[0]]) for at, shot in enumerate(script.shots))
    return all(_texts(other, settings, index, grammar) != said for other in others)


def is_relation_told(script: Script, settings: SuiteSettings, *, index: int, grammar: Grammar) -> bool:
    """Whether the words of a prompt would differ if things stood otherwise.

    Args:
        script: of the prompt.
        settings: as for `canvas_of`.
        index: of the prompt.
        grammar: of the prompt.

    Returns:
        True when every relation of the script is told; False also where it has none.
    """
    said = _texts(script, settings, index, grammar)
    others = [
        _with_shot(script, at, relation=RELATIONS[shot.relation == RELATIONS[0]])
        for at, shot in enumerate(script.shots)
        if shot.relation is not None
    ]
    return bool(others) and all(_texts(other, settings, index, grammar) != said for other in others)


def _texts(script: Script, settings: SuiteSettings, index: int, grammar: Grammar) -> list[str]:
    return [line.text for line in canvas_of(script, settings, index=index, grammar=grammar).lines]


def _with_shot(script: Script, at: int, **changes: str) -> Script:
    shots = list(script.shots)
    shots[at] = replace(shots[at], **changes)  # type: ignore[arg-type]
    return replace(script, shots=tuple(shots))
