"""A canvas longer than a model's window: overlapping windows, each of which knows what the windows before it have made.

Every window is a canvas of its own for the one sampler: the lines, pins and controls that fall into it, noise of its own, and
the groups it shares with a finished window as what is known, exactly or as held context.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

import torch
from einops import rearrange
from jaxtyping import Float, UInt8
from torch import Tensor

from misora.core.errors import UsageError
from misora.core.seeds import derive
from misora.flow.solve import OnStep, SolverStep
from misora.generate.canvas import Canvas
from misora.generate.latents import Known, known_tokens, to_latents
from misora.generate.prepare import cut, first_known_group, most_groups
from misora.generate.sample import DEFAULT_STEPS, Speed, sample
from misora.model.bundle import Limits, Model
from misora.model.grid import FRAMES_PER_GROUP

OnPreview = Callable[[UInt8[Tensor, "4 3 H W"], float], None]
"""Called after each window with four frames from the middle of what is new, and the second at which they stand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """What a window knows of the one before. The usual values were chosen by looking (docs/log.md).

    Attributes:
        groups: latent frames that both share.
        hold: level of noise at which they are held as context; 0 knows them exactly.
    """

    groups: int = 1
    hold: float = 0.1

    def __post_init__(self) -> None:
        if self.groups < 1:
            raise UsageError(f"windows overlap by at least one group of frames, got {self.groups}")
        if not 0 <= self.hold < 1:
            raise UsageError(f"context is held at a level from 0 to below 1, got {self.hold}; 0 is exact")


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A stretch of a long canvas that is sampled in one go.

    Attributes:
        index: of the window in time; names its noise.
        first: its first group.
        last: the group before which it ends.
    """

    index: int
    first: int
    last: int


@runtime_checkable
class Store(Protocol):
    """Where finished windows are kept."""

    def load(self, index: int) -> Float[Tensor, "t c h w"] | None:
        """Read the latents of a window; None where it is not finished."""
        ...

    def save(self, index: int, latents: Float[Tensor, "t c h w"]) -> None:
        """Keep the latents of a window."""
        ...


def is_long(canvas: Canvas, limits: Limits) -> bool:
    """Whether a canvas is more than a model samples in one go.

    Args:
        canvas: made ready, as by `prepared`.
        limits: of the model.

    Returns:
        True when it is sampled as windows.
    """
    if canvas.is_still:
        return False
    beyond = canvas.num_frames - limits.max_seconds * canvas.fps
    return beyond > 1e-6 or canvas.grid.num_tokens > limits.max_tokens


def plan_windows(canvas: Canvas, limits: Limits, overlap: Overlap, *, anchor: int = 0) -> tuple[Window, ...]:
    """Divide a canvas into windows of one length, evenly laid, in the order in which they are sampled.

    A window is as long as the model's usual clip, which it has learnt best. The first window is the one with the
    anchor; those after it follow in time, then those before it, backwards.

    Args:
        canvas: made ready, as by `prepared`.
        limits: of the model.
        overlap: what neighbours share; the last window may share more.
        anchor: a group that is known beforehand, where the canvas has one.

    Returns:
        The windows.
    """
    groups, most = canvas.grid.groups, most_groups(canvas, limits)
    length = min(most, max(overlap.groups + 1, round(limits.default_seconds * canvas.fps / FRAMES_PER_GROUP)))
    stride = max(1, length - overlap.groups)
    starts = [*range(0, groups - length, stride), max(0, groups - length)]
    windows = [Window(index=i, first=s, last=min(groups, s + length)) for i, s in enumerate(starts)]
    begin = max(window.index for window in windows if window.first <= anchor)
    return (*windows[begin:], *reversed(windows[:begin]))


def sample_windows(
    model: Model,
    canvas: Canvas,
    *,
    steps: int = DEFAULT_STEPS,
    speed: Speed = "exact",
    overlap: Overlap | None = None,
    store: Store | None = None,
    on_step: OnStep | None = None,
    on_preview: OnPreview | None = None,
) -> Float[Tensor, "t c h w"]:
    """Sample a long canvas, window after window; the memory of a step does not grow with its length.

    Args:
        model: what removes the noise.
        canvas: made ready, as by `prepared`.
        steps: solver steps of each window.
        speed: `exact`, or `fast` with step caching.
        overlap: what neighbours share.
        store: keeps finished windows, and gives back those of an earlier run.
        on_step: called after every step, counted over all windows; it may raise to stop.
        on_preview: called after every window.

    Returns:
        Clean latents of the whole canvas.

    Raises:
        UsageError: if the number of steps is out of range, or a text is too long for the model.
        NumericsError: if a number stops being finite.
    """
    overlap = overlap or Overlap()
    windows = plan_windows(canvas, model.limits, overlap, anchor=first_known_group(canvas))
    grid = canvas.grid
    made = torch.zeros(grid.groups, model.transformer.size.latent_channels, grid.rows, grid.columns)
    done = torch.zeros(grid.groups, dtype=torch.bool)
    for number, window in enumerate(windows):
        span = slice(window.first, window.last)
        latents = store.load(window.index) if store else None
        if latents is None:
            part = window_canvas(canvas, window)
            known = _with_done(known_tokens(model, part), made[span], done[span], overlap.hold)
            tell = _counted(on_step, number, len(windows))
            latents = _sampled(model, part, known, steps=steps, speed=speed, on_step=tell)
            if store:
                store.save(window.index, latents)
        new = ~done[span]
        made[span][new], done[span] = latents[new], True
        if on_preview and bool(new.any()):
            _preview(model, canvas, window, new, made, on_preview)
    return made


def sample_any(
    model: Model,
    canvas: Canvas,
    *,
    steps: int = DEFAULT_STEPS,
    speed: Speed = "exact",
    overlap: Overlap | None = None,
    store: Store | None = None,
    on_step: OnStep | None = None,
    on_preview: OnPreview | None = None,
) -> Float[Tensor, "t c h w"]:
    """Sample a canvas of any length: in one go where it fits the model, else as windows.

    Args:
        model: what removes the noise.
        canvas: made ready, as by `prepared`.
        steps: solver steps, of each window.
        speed: `exact`, or `fast` with step caching.
        overlap: what neighbouring windows share.
        store: keeps finished windows.
        on_step: called after every step; it may raise to stop.
        on_preview: called after every window.

    Returns:
        Clean latents of the whole canvas.

    Raises:
        UsageError: if the number of steps is out of range, or a text is too long for the model.
        NumericsError: if a number stops being finite.
    """
    if not is_long(canvas, model.limits):
        [latents] = sample(model, [canvas], steps=steps, speed=speed, on_step=on_step)
        return latents
    return sample_windows(
        model,
        canvas,
        steps=steps,
        speed=speed,
        overlap=overlap,
        store=store,
        on_step=on_step,
        on_preview=on_preview,
    )


def overlap_of(canvas: Canvas, limits: Limits, overlap: Overlap | None) -> Overlap | None:
    """What windows of a canvas share, for its record; None where it is sampled in one go.

    Args:
        canvas: made ready.
        limits: of the model.
        overlap: what was asked; the usual when None.

    Returns:
        The overlap used.
    """
    return (overlap or Overlap()) if is_long(canvas, limits) else None


def window_canvas(canvas: Canvas, window: Window) -> Canvas:
    """What is asked of one window: the lines, pins and controls that fall into it, and noise of its own.

    Args:
        canvas: the whole.
        window: a stretch of it.

    Returns:
        A canvas that fits the model.
    """
    part = cut(canvas, window.first * FRAMES_PER_GROUP, window.last * FRAMES_PER_GROUP)
    return replace(part, seed=derive(canvas.seed, "window", window.index) if window.index else canvas.seed)


def _with_done(known: Known, made: Tensor, done: Tensor, hold: float) -> Known:
    """What pins say, and what finished windows made: exactly, or held as context; exact pins stay as they are."""
    num = made.shape[0] * made.shape[2] * made.shape[3]  # cards come after the clip
    clean, start, is_held = known.clean.clone(), known.start.clone(), known.is_held.clone()
    taken = done.repeat_interleave(num // len(done)) & (start[:num] > 0)
    clean[:num][taken] = rearrange(made, "t c h w -> (t h w) c")[taken]
    start[:num][taken], is_held[:num][taken] = hold, hold > 0
    return Known(clean=clean, start=start, is_held=is_held)


def _sampled(
    model: Model, part: Canvas, known: Known, *, steps: int, speed: Speed, on_step: OnStep | None
) -> Float[Tensor, "t c h w"]:
    if not bool((known.start > 0).any()):
        return to_latents(known.clean, part.grid)
    [latents] = sample(model, [part], steps=steps, speed=speed, known=[known], on_step=on_step)
    return latents


def _counted(on_step: OnStep | None, number: int, num_windows: int) -> OnStep | None:
    """Steps counted over all windows."""
    if on_step is None:
        return None

    def tell(step: SolverStep) -> None:
        on_step(replace(step, number=number * step.num_steps + step.number, num_steps=num_windows * step.num_steps))

    return tell


def _preview(model: Model, canvas: Canvas, window: Window, new: Tensor, made: Tensor, on_preview: OnPreview) -> None:
    groups = window.first + new.nonzero().flatten()
    group = int(groups[len(groups) // 2])
    frame = group * FRAMES_PER_GROUP - canvas.lead_frames
    on_preview(model.autoencoder.decode_latents(made[group : group + 1]), max(0, frame) / canvas.fps)
