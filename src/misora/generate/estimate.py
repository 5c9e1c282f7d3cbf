"""What a canvas will cost, told before it is made: tokens, memory, and seconds from a rate measured here and now."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import get_args

import torch

from misora.generate.canvas import Canvas
from misora.generate.latents import known_tokens
from misora.generate.limits import check_canvas, fitting_sides
from misora.generate.prepare import prepared
from misora.generate.sample import Speed, lay_out_pack, pack_velocity, sample, start_noise, times_for
from misora.generate.windows import Overlap, is_long, plan_windows, window_canvas
from misora.model.autoencoder import RGB
from misora.model.bundle import Model
from misora.model.grid import FRAMES_PER_GROUP

_SKETCHED_GROUPS = 3
_MEASURED_CALLS = 3
_FLOATS_PER_TOKEN_AND_WIDTH = 24
_BYTES_PER_PIXEL = 40
_WRITING_BYTES = 48 << 20  # what the encoder of mp4 files takes


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """The cost of one canvas.

    Attributes:
        tokens: of the canvas.
        tokens_a_step: that the transformer sees at most in a step; twice as many with guidance.
        steps: solver steps, of all windows of a long canvas together.
        step_seconds: the mean step, from measured steps with and without guidance.
        decode_seconds: from latents to frames, measured on one group.
        memory_bytes: of the whole process at its peak.
    """

    tokens: int
    tokens_a_step: int
    steps: int
    step_seconds: float
    decode_seconds: float
    memory_bytes: int

    @property
    def seconds(self) -> float:
        """Sampling and decoding together; starting the program and writing the file come on top."""
        return self.steps * self.step_seconds + self.decode_seconds


@torch.no_grad()
def estimate(model: Model, canvas: Canvas, *, steps: int, speed: Speed = "exact") -> Estimate:
    """Measure the rate of this machine on the very canvas, and reckon what the whole will cost.

    Args:
        model: what would make it.
        canvas: what is asked.
        steps: solver steps.
        speed: `fast` costs what it costs a small sketch of the canvas, in relation to `exact`.

    Returns:
        The cost; the rate is the median of a few steps after a first one.

    Raises:
        UsageError: if the canvas does not fit the model.
    """
    check_canvas(canvas, model.limits)
    whole = prepared(canvas, model.limits).window
    windows = plan_windows(whole, model.limits, Overlap()) if is_long(whole, model.limits) else ()
    canvas = window_canvas(whole, windows[0]) if windows else whole
    known = known_tokens(model, canvas)
    pack = lay_out_pack(model, [canvas], [known])
    velocity, noisy = pack_velocity(model, pack), start_noise(canvas, known).to(model.device)
    latents = torch.zeros(1, known.clean.shape[1], canvas.grid.rows, canvas.grid.columns)
    times = times_for([known], steps=steps)
    guided = float((times[:-1] >= canvas.guidance.down_to).float().mean())
    step_seconds = guided * _time(lambda: velocity(noisy, 1.0)) + (1 - guided) * _time(lambda: velocity(noisy, 0.0))
    if speed == "fast":
        step_seconds *= _share_of_fast(model, canvas, steps=steps)
    group_seconds = _time(lambda: model.autoencoder.decode_latents(latents))
    return Estimate(
        tokens=whole.grid.num_tokens,
        tokens_a_step=pack.layout.num_tokens,
        steps=steps * max(1, len(windows)),
        step_seconds=step_seconds,
        decode_seconds=group_seconds * whole.grid.groups * (2 if windows else 1),
        memory_bytes=_memory_bytes(model, canvas, pack.layout.num_tokens),
    )


def _share_of_fast(model: Model, canvas: Canvas, *, steps: int) -> float:
    """What `fast` takes of the time of `exact`, measured on the beginning of what is asked, as small as the model goes."""
    side = fitting_sides(model.limits)[0]
    seconds = min(canvas.seconds, _SKETCHED_GROUPS * FRAMES_PER_GROUP / canvas.fps)
    sketch = Canvas(
        seconds=seconds,
        fps=canvas.fps,
        width_px=side,
        height_px=side,
        lines=tuple(line for line in canvas.lines if line.from_seconds < seconds),
        negative=canvas.negative,
        guidance=canvas.guidance,
        seed=canvas.seed,
        is_still=canvas.is_still,
    )
    exact, fast = (_time(partial(sample, model, [sketch], steps=steps, speed=s), calls=1) for s in get_args(Speed))
    return min(1.0, fast / exact)


def _time(call: Callable[[], object], *, calls: int = _MEASURED_CALLS) -> float:
    """Median seconds of a call, after one to warm up."""
    call()
    taken: list[float] = []
    for _ in range(calls):
        begin = time.perf_counter()
        call()
        taken.append(time.perf_counter() - begin)
    return median(taken)


def _memory_bytes(model: Model, canvas: Canvas, tokens_a_step: int) -> int:
    """What the process holds after a step, with room for the finished clip and the larger of a step and a group."""
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    step = tokens_a_step * model.transformer.size.width * _FLOATS_PER_TOKEN_AND_WIDTH * 4
    frame = canvas.width_px * canvas.height_px
    decoded = FRAMES_PER_GROUP * frame * _BYTES_PER_PIXEL  # groups are decoded one by one
    clip = 2 * canvas.num_frames * frame * RGB  # as they come, and laid together
    return held + max(step, decoded) + clip + _WRITING_BYTES
