"""Cases of a suite: scripts drawn and filmed for it, and videos made of its canvases, several in one pack."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

from misora.core.errors import MisoraError, UsageError
from misora.core.seeds import derive
from misora.generate.canvas import Canvas
from misora.generate.latents import Known, decode, known_tokens
from misora.generate.prepare import Prepared, finished, prepared
from misora.generate.sample import sample
from misora.model.bundle import Limits, Model
from misora.video.clip import Clip
from misora.worlds.draw import draw_script
from misora.worlds.film import Filmer
from misora.worlds.grammar import Grammar
from misora.worlds.script import Script
from misora.worlds.truth import Truth

MOST_CASES = 1000
_MAX_DRAWS = 500
_BATCH = 8
_Form = tuple[int, int, int, float, int]


def _as_drawn(_: int, script: Script) -> Script | None:
    return script


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which scripts a suite takes.

    Attributes:
        name: of the suite; with the seed it draws the scripts.
        num: how many.
        seed: of the suite.
        split: as for `draw_script`.
        size: width and height in pixels; the model's usual ones when not given.
        num_lines: timed lines in a script.
        taken: what is filmed instead of the script that was drawn for a case; None for one that is not taken.
    """

    name: str
    num: int
    seed: int
    split: str
    size: tuple[int, int] | None = None
    num_lines: int = 1
    taken: Callable[[int, Script], Script | None] = _as_drawn


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A filmed script.

    Attributes:
        script: what is shown.
        clip: the film.
        truth: what happened in it.
    """

    script: Script
    clip: Clip
    truth: Truth


def check_num_cases(num: int, suite: str) -> None:
    """Refuse a number of cases that cannot be.

    Args:
        num: of the cases.
        suite: that takes them.

    Raises:
        UsageError: if it is below 1 or above `MOST_CASES`.
    """
    if not 1 <= num <= MOST_CASES:
        raise UsageError(f"the {suite} suite takes 1 to {MOST_CASES} cases, got {num}")


def film_cases(wanted: Wanted, limits: Limits, grammar: Grammar) -> tuple[Case, ...]:
    """Draw scripts at the model's usual rate and film them; one that cannot be filmed is drawn anew.

    Args:
        wanted: which, and how many.
        limits: of the model.
        grammar: of the model.

    Returns:
        The cases: one line lasts as long as the model's usual clip, two half as long again.

    Raises:
        MisoraError: if no wanted script of a case can be filmed.
    """
    with Filmer() as filmer:
        return tuple(_film(filmer, wanted, limits, grammar, index) for index in range(wanted.num))


def _film(filmer: Filmer, wanted: Wanted, limits: Limits, grammar: Grammar, index: int) -> Case:
    fps = round(limits.default_fps)
    seconds = max(
        float(wanted.num_lines), 4 * round(limits.default_seconds * (1 + wanted.num_lines) / 2 * fps / 4) / fps
    )
    for attempt in range(_MAX_DRAWS):
        drawn = draw_script(
            derive(wanted.name, wanted.seed, index, attempt),
            split=wanted.split,
            seconds=seconds,
            fps=fps,
            size=wanted.size or limits.default_size,
            num_lines=wanted.num_lines,
            grammar=grammar,
        )
        script = wanted.taken(index, drawn)
        if script is None:
            continue
        try:
            take = filmer.film(script)
        except MisoraError:
            continue
        return Case(script=script, clip=take.clip, truth=take.truth)
    raise MisoraError(f"case {index} of seed {wanted.seed} could not be filmed in {_MAX_DRAWS} scripts")


def made_clips(model: Model, canvases: Sequence[Canvas], *, steps: int) -> list[Clip]:
    """Make videos as `studio.generate` does, those of one form and one beginning in one pack.

    Args:
        model: that makes them.
        canvases: what is asked; each fits into one window of the model.
        steps: of the sampler.

    Returns:
        A finished clip for each canvas, in order.
    """
    plans = [prepared(canvas, model.limits) for canvas in canvases]
    known = [known_tokens(model, plan.window) for plan in plans]
    forms = [_form(plan, has) for plan, has in zip(plans, known, strict=True)]
    clips: dict[int, Clip] = {}
    for _, group in groupby(sorted(range(len(plans)), key=forms.__getitem__), key=forms.__getitem__):
        same = list(group)
        for some in (same[first : first + _BATCH] for first in range(0, len(same), _BATCH)):
            windows = [plans[index].window for index in some]
            made = sample(model, windows, steps=steps, known=[known[index] for index in some])
            for index, latents in zip(some, made, strict=True):
                clips[index] = finished(plans[index], decode(model, latents, plans[index].window))
    return [clips[index] for index in range(len(canvases))]


def _form(plan: Prepared, known: Known) -> _Form:
    """What decides the times that a canvas visits: those that agree in it are made alike alone and together."""
    start = known.start.where(~known.is_held, 0.0)
    return (plan.window.num_made_frames, *plan.window.size, float(start.max()), int((start > 0).sum()))
