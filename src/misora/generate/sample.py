"""The one sampler: canvases in, clean latents out. Every ability is a canvas; none has a path of its own.

The prediction with the text and the one without it are one call: each guided clip stands twice in the pack, and a pack
keeps its clips apart. Clips whose guidance is 1 stand once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from misora.core.errors import UsageError
from misora.core.seeds import generator
from misora.flow.guidance import guided
from misora.flow.levels import token_levels
from misora.flow.loss import velocity_from_clean
from misora.flow.path import interpolate
from misora.flow.schedule import sampling_times, shift_for
from misora.flow.solve import OnStep, Velocity, multistep
from misora.generate.canvas import Canvas
from misora.generate.latents import Known, known_tokens, to_latents
from misora.model.bundle import Model
from misora.model.sequence import Sequence as Layout
from misora.model.sequence import SpokenLine, lay_out
from misora.model.step_cache import StepCache
from misora.video.line import Line

DEFAULT_STEPS = 16
FAST_TOLERANCE = 0.12
"""Of `fast`: how much the first block's answer may change while the others are left out."""
MAX_STEPS = 1000
Speed = Literal["exact", "fast"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """Canvases laid out for the transformer: all of them with their text, then the guided ones again without.

    Attributes:
        layout: of all clips in the pack, the guided ones twice.
        plain: of all canvases once, for the times at which none is guided.
        start: starting level of each token of the canvases.
        is_held: tokens that stay there: context.
        twins: for each token of the second part, the token of the first that it repeats.
        scales: guidance of those tokens.
        down_to: time at which their guidance ends.
    """

    layout: Layout
    plain: Layout
    start: Float[Tensor, " n"]
    is_held: Bool[Tensor, " n"]
    twins: Int[Tensor, " m"]
    scales: Float[Tensor, "m 1"]
    down_to: Float[Tensor, "m 1"]


@torch.no_grad()
def sample(
    model: Model,
    canvases: Sequence[Canvas],
    *,
    steps: int = DEFAULT_STEPS,
    speed: Speed = "exact",
    shift: float | None = None,
    known: Sequence[Known] | None = None,
    on_step: OnStep | None = None,
) -> list[Float[Tensor, "t c h w"]]:
    """Remove the noise of canvases, all in one pack.

    Args:
        model: what removes it.
        canvases: what is asked; each fits the model's limits.
        steps: solver steps; more are slower and closer to the exact path.
        speed: `exact` runs every block in every step; `fast` leaves out those that would hardly change the answer.
        shift: of the times; from the number of unknown tokens of the largest canvas when not given.
        known: what is known of each canvas; what its pins say when not given.
        on_step: called after every step; it may raise to stop.

    Returns:
        Clean latents of each canvas.

    Raises:
        UsageError: if the number of steps is out of range, or a text is too long for the model.
        NumericsError: if a number stops being finite; the message names the step.
    """
    if not 1 <= steps <= MAX_STEPS:
        raise UsageError(f"steps must lie between 1 and {MAX_STEPS}, got {steps}; {DEFAULT_STEPS} is usual")
    if known is None:
        known = [known_tokens(model, canvas) for canvas in canvases]
    noisy = torch.cat([start_noise(canvas, has) for canvas, has in zip(canvases, known, strict=True)])
    pack = lay_out_pack(model, canvases, known)
    times = times_for(known, steps=steps, shift=shift)
    velocity = pack_velocity(model, pack, tolerance=FAST_TOLERANCE if speed == "fast" else 0.0)
    made = multistep(velocity, noisy.to(model.device), times, start=pack.start, on_step=on_step).cpu()
    is_held = pack.is_held.cpu()[:, None]  # what was only looked at comes back without the noise it was shown with
    clean = torch.where(is_held, torch.cat([has.clean for has in known]), made)
    tokens = clean.split([canvas.grid.num_tokens for canvas in canvases])
    return [to_latents(part, canvas.grid) for part, canvas in zip(tokens, canvases, strict=True)]


def times_for(known: Sequence[Known], *, steps: int, shift: float | None = None) -> Float[Tensor, " k"]:
    """Times that canvases visit together: from the highest level at which any of their tokens sets out.

    Args:
        known: what is known of each canvas.
        steps: solver steps.
        shift: of the times; from the number of unknown tokens of the largest canvas when not given.

    Returns:
        `steps + 1` falling times, the last 0.
    """
    made = [torch.where(has.is_held, 0.0, has.start) for has in known]
    if shift is None:
        shift = shift_for(max(int((start > 0).sum()) for start in made))
    begin = max(float(start.max()) for start in made)
    return sampling_times(steps, shift=shift, begin=begin or 1.0)


def start_noise(canvas: Canvas, known: Known) -> Float[Tensor, "n c"]:
    """Noise of a canvas, with what is known mixed in as far as its level allows.

    Args:
        canvas: its seed names the noise, so a canvas gets the same in any pack.
        known: what is pinned.

    Returns:
        Tokens at their starting levels.
    """
    grid, channels = canvas.grid, known.clean.shape[1]
    noise = torch.randn(grid.num_clip_tokens, channels, generator=generator(canvas.seed, "noise"))
    num_beside = grid.num_tokens - grid.num_clip_tokens
    beside = torch.randn(num_beside, channels, generator=generator(canvas.seed, "noise of cards"))
    return interpolate(known.clean, torch.cat((noise, beside)), known.start)


def lay_out_pack(model: Model, canvases: Sequence[Canvas], known: Sequence[Known]) -> Pack:
    """Lay canvases out with their text, then the guided ones again with what guidance walks away from.

    Args:
        model: whose text encoder is used.
        canvases: what is asked.
        known: what is known of each.

    Returns:
        The pack, on the model's device.

    Raises:
        UsageError: if a text is too long for the model.
    """
    start = torch.cat([has.start for has in known])
    places = torch.arange(len(start)).split([canvas.grid.num_tokens for canvas in canvases])
    doubled = [index for index, canvas in enumerate(canvases) if canvas.guidance.lines != 1]
    repeated = [canvases[index] for index in doubled]
    said = [model.describe(canvas.heard_lines) for canvas in canvases]
    unsaid = [_unsaid(model, canvas) for canvas in repeated]
    grids, channels = [canvas.grid for canvas in canvases], model.transformer.size.text_channels
    again = [canvas.grid for canvas in repeated]
    scales = [torch.full((len(places[index]), 1), canvases[index].guidance.lines) for index in doubled]
    down_to = [torch.full((len(places[index]), 1), canvases[index].guidance.down_to) for index in doubled]
    return Pack(
        layout=lay_out([*grids, *again], [*said, *unsaid], text_channels=channels).to(model.device),
        plain=lay_out(grids, said, text_channels=channels).to(model.device),
        start=start.to(model.device),
        is_held=torch.cat([has.is_held for has in known]).to(model.device),
        twins=torch.cat([places[index] for index in doubled] or [places[0][:0]]).to(model.device),
        scales=torch.cat(scales or [torch.ones(0, 1)]).to(model.device),
        down_to=torch.cat(down_to or [torch.ones(0, 1)]).to(model.device),
    )


def pack_velocity(model: Model, pack: Pack, *, tolerance: float = 0.0) -> Velocity:
    """Velocity of a pack's canvases, guided as long as they ask for it; one call of the transformer each.

    Args:
        model: what predicts clean tokens.
        pack: from `lay_out_pack`.
        tolerance: of the step caches, one with guidance and one without; 0 leaves nothing out.

    Returns:
        A function of the canvases' tokens and the global time.
    """
    heard, heard_plain = model.transformer.hear(pack.layout), model.transformer.hear(pack.plain)
    cache, cache_plain = (StepCache(tolerance=tolerance) if tolerance else None for _ in range(2))

    def velocity(tokens: Float[Tensor, "n c"], time: float) -> Float[Tensor, "n c"]:
        return predicted(tokens, time).masked_fill(pack.is_held[:, None], 0.0)

    def predicted(tokens: Float[Tensor, "n c"], time: float) -> Float[Tensor, "n c"]:
        levels = token_levels(torch.full_like(pack.start, time), pack.start, is_held=pack.is_held)
        is_guided = pack.down_to <= time
        if not bool(is_guided.any()):
            clean = model.transformer(pack.plain, tokens, levels, heard=heard_plain, cache=cache_plain)
            return velocity_from_clean(tokens, clean, levels)
        doubled_tokens = torch.cat((tokens, tokens[pack.twins]))
        doubled_levels = torch.cat((levels, levels[pack.twins]))
        clean = model.transformer(pack.layout, doubled_tokens, doubled_levels, heard=heard, cache=cache)
        said, unsaid = clean[: len(tokens)], clean[len(tokens) :]
        scales = torch.where(is_guided, pack.scales, 1.0)
        said = said.index_copy(0, pack.twins, guided(said[pack.twins], unsaid, scales))
        return velocity_from_clean(tokens, said, levels)

    return velocity


def _unsaid(model: Model, canvas: Canvas) -> tuple[SpokenLine, ...]:
    """What guidance walks away from: the negative prompt throughout, or silence."""
    whole = max(canvas.seconds, canvas.num_made_frames / canvas.fps)
    return model.describe((Line(canvas.negative, 0.0, whole),)) if canvas.negative else ()
