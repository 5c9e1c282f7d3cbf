"""Reframe and inpaint: the border in the picture between what was filmed and what is made around or within it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, UInt8
from torch import Tensor

from misora.core.seeds import derive, numpy_rng
from misora.evaluate.cases import Case, film_cases, made_clips
from misora.evaluate.judge import Judge
from misora.evaluate.part import NOT_TAUGHT, ControlSettings, Part, middle
from misora.evaluate.prompts import grammar_of
from misora.evaluate.report import score
from misora.evaluate.text_suite import reconstructed
from misora.generate import abilities
from misora.generate.canvas import Canvas
from misora.generate.studio import Studio
from misora.model.bundle import Model
from misora.model.grid import CELL_PX
from misora.video.clip import Clip
from misora.worlds.words import captions

PERCENTILE = 0.95
"""Of the same borders in all filmed clips: what a smooth border stays within."""
_CLAIMS = ("floor", "colour", "count")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Laid:
    """A case on its canvas: what is asked, and which pixels are known."""

    canvas: Canvas
    is_known: Bool[Tensor, "H W"]


def reframe_borders(model: Model, judge: Judge, settings: ControlSettings) -> Part:
    """Film wide clips, keep their middle, and let the model paint what lies beyond it.

    Args:
        model: that makes the videos.
        judge: that looks at them.
        settings: how many, and how.

    Returns:
        As `_borders`; nothing where the model cannot draw a picture that wide.
    """
    width, height = model.limits.default_size
    wide = (width + 2 * CELL_PX, height)
    tokens = round(model.limits.default_seconds * model.limits.default_fps / 4) * wide[0] * wide[1] // CELL_PX**2
    if wide[0] > model.limits.max_side_px or tokens > model.limits.max_tokens:
        return NOT_TAUGHT

    def lay(studio: Studio, case: Case, text: str, index: int) -> _Laid:
        is_known = torch.zeros(wide[1], wide[0], dtype=torch.bool)
        is_known[:, CELL_PX:-CELL_PX] = True
        source = Clip.at_rate(case.clip.frames[..., CELL_PX:-CELL_PX].contiguous(), case.clip.fps)
        canvas = abilities.reframe(studio, source, text, **settings.asked("reframe", index, size=wide))
        return _Laid(canvas=canvas, is_known=is_known)

    return _borders(model, judge, settings, name="reframe", size=wide, lay=lay)


def inpaint_borders(model: Model, judge: Judge, settings: ControlSettings) -> Part:
    """Film clips, cut a box of half their sides out of them, and let the model fill it.

    Args:
        model: that makes the videos.
        judge: that looks at them.
        settings: how many, and how.

    Returns:
        As `_borders`.
    """
    width, height = model.limits.default_size

    def lay(studio: Studio, case: Case, text: str, index: int) -> _Laid:
        rng = numpy_rng("control suite box", settings.seed, index)
        left, top = (int(rng.integers(1, side - side // 2)) for side in (width, height))
        is_known = torch.ones(height, width, dtype=torch.bool)
        is_known[top : top + height // 2, left : left + width // 2] = False
        kept = is_known.expand(case.clip.num_frames, -1, -1)
        canvas = abilities.inpaint(studio, case.clip, kept, text, **settings.asked("inpaint", index))
        return _Laid(canvas=canvas, is_known=is_known)

    return _borders(model, judge, settings, name="inpaint", size=(width, height), lay=lay)


def _borders(
    model: Model,
    judge: Judge,
    settings: ControlSettings,
    *,
    name: str,
    size: tuple[int, int],
    lay: Callable[[Studio, Case, str, int], _Laid],
) -> Part:
    """Compare the border in finished videos with the same one in the film.

    Beside it stands the film whose unknown part went through the autoencoder; the judge says whether floor, colours and count
    are what the words say.
    """
    studio, cases = Studio(model), film_cases(settings.wanted(name, size=size), model.limits, grammar_of(model))
    laid = []
    for index, case in enumerate(cases):
        [line] = captions(case.script, register="plain", seed=derive("control suite borders", settings.seed, index))
        laid.append(lay(studio, case, line.text, index))
    made = made_clips(model, [each.canvas for each in laid], steps=settings.steps)
    masks = [each.is_known for each in laid]
    filmed = [case.clip.frames for case in cases]
    redone = [
        torch.where(mask, frames, reconstructed(model, case.clip).frames)
        for mask, frames, case in zip(masks, filmed, cases, strict=True)
    ]
    true = _steps(filmed, masks)
    bound = true.quantile(PERCENTILE, dim=0)
    scores, values = {}, {}
    for way, clips in (("", [clip.frames for clip in made]), (", autoencoder", redone), (", truth", filmed)):
        found = _steps(clips, masks)
        scores[f"smooth{way}"] = score((found <= bound).all(1).tolist())
        for number, what in enumerate(("change", "bend")):
            values[f"{what}{way}, of filmed"] = middle((found / true)[:, number].tolist())
    for way, clips in (("", made), (", truth", [case.clip for case in cases])):
        claims = [judge.judge(clip, case.script).claims for clip, case in zip(clips, cases, strict=True)]
        scores |= {f"{each}{way}": score([claim[each] for claim in claims]) for each in _CLAIMS}
    return Part(is_taught="box" in model.limits.taught, scores=scores, values=values)


def _steps(films: Sequence[UInt8[Tensor, "f 3 H W"]], masks: Sequence[Bool[Tensor, "H W"]]) -> Float[Tensor, "n 2"]:
    return torch.stack([border_steps(frames, mask) for frames, mask in zip(films, masks, strict=True)])


def border_steps(frames: UInt8[Tensor, "f 3 H W"], is_known: Bool[Tensor, "H W"]) -> Float[Tensor, "2"]:
    """How much changes from the last known pixel to the first made one, and how much that step differs from those beside it.

    Args:
        frames: RGB, 0..255.
        is_known: which pixels are; some are, and some are not.

    Returns:
        Change and bend: means over frames, colours and the border of the absolute first difference across it, and of the
        second, the larger of the two that hold the step. Of 255.
    """
    found = []
    for pictures, known in ((frames.float(), is_known), (frames.float().mT, is_known.mT)):
        first = pictures[..., 1:] - pictures[..., :-1]
        second = torch.nn.functional.pad((first[..., 1:] - first[..., :-1]).abs(), (1, 1))
        bend = torch.maximum(second[..., 1:], second[..., :-1])
        is_border = known[:, 1:] != known[:, :-1]
        found.append(torch.stack((first.abs()[..., is_border], bend[..., is_border])).flatten(1))
    return torch.cat(found, 1).mean(1)
