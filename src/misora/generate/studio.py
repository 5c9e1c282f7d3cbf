"""The studio: a loaded model that turns sentences and canvases into videos."""

from __future__ import annotations

import math
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypedDict, Unpack

import torch
from einops import rearrange

from misora.core.errors import UsageError
from misora.core.machine import fingerprint
from misora.flow import OnStep
from misora.generate.canvas import Canvas, Guidance
from misora.generate.canvas_record import record_canvas
from misora.generate.finish import admitted
from misora.generate.latents import decode
from misora.generate.limits import LONGEST_SECONDS, check_canvas
from misora.generate.painted import composited
from misora.generate.prepare import finished, prepared
from misora.generate.prompt import check_prompt, unknown_words
from misora.generate.record import Record, machine_record
from misora.generate.sample import DEFAULT_STEPS, Speed, sample
from misora.generate.standing import borders_of
from misora.generate.video import Video
from misora.generate.windows import Overlap, overlap_of, sample_any
from misora.model.bundle import DEFAULT_NAME, Limits, Model, load_model
from misora.video.clip import Clip
from misora.video.line import Line

MAX_DRAWN_SEED = 2**31


class Asked(TypedDict, total=False):
    """What may be said about a canvas besides its prompt; see `Studio.canvas`."""

    seconds: float | None
    fps: float | None
    size: tuple[int, int] | None
    negative: str
    guidance: float | None
    seed: int | None
    is_still: bool


@dataclass(frozen=True, slots=True)
class Studio:
    """A model and what one does with it.

    Attributes:
        model: the parts, ready to be called.
    """

    model: Model

    @classmethod
    def load(
        cls, name_or_folder: str | Path = DEFAULT_NAME, *, device: str = "cpu", text_folder: Path | str | None = None
    ) -> Studio:
        """Load a model folder.

        Args:
            name_or_folder: name of a bundled model, or a folder.
            device: where to compute.
            text_folder: where the text encoder's files lie; the usual places when not given.

        Returns:
            The studio.

        Raises:
            UsageError: if there is no such model.
            WeightsError: if a file is missing, changed, corrupt or a pickle.
        """
        return cls(load_model(name_or_folder, device=device, text_folder=text_folder))

    def canvas(
        self,
        prompt: str,
        *,
        seconds: float | None = None,
        fps: float | None = None,
        size: tuple[int, int] | None = None,
        negative: str = "",
        guidance: float | None = None,
        seed: int | None = None,
        is_still: bool = False,
    ) -> Canvas:
        """Lay a sentence on a canvas; what is not said is the model's default.

        Args:
            prompt: what should be seen.
            seconds: duration.
            fps: frames per second.
            size: width and height in pixels.
            negative: what should not be seen.
            guidance: how far the text is exaggerated; 1 is plain.
            seed: names the noise; drawn when not given.
            is_still: whether to make one picture instead of a clip.

        Returns:
            A canvas that fits the model.

        Raises:
            UsageError: if something does not fit; the message says what would.
        """
        check_prompt(prompt)
        canvas = blank(
            self.model.limits,
            prompt,
            seconds=seconds,
            fps=fps,
            size=size,
            negative=negative,
            guidance=guidance,
            seed=seed,
            is_still=is_still,
        )
        check_canvas(canvas, self.model.limits)
        return canvas

    def generate(
        self,
        prompt: str,
        *,
        steps: int = DEFAULT_STEPS,
        speed: Speed = "exact",
        scale: int = 1,
        on_step: OnStep | None = None,
        **asked: Unpack[Asked],
    ) -> Video:
        """Make a video of a sentence; for a canvas of your own, call `generate`.

        Args:
            prompt: what should be seen.
            steps: solver steps.
            speed: `exact`, or `fast` with step caching.
            scale: 1, 2 or 4: enlarge the finished frames.
            on_step: called after every step; it may raise to stop.
            **asked: as in `canvas`: seconds, fps, size, negative, guidance, seed, is_still.

        Returns:
            The finished video.

        Raises:
            UsageError: if something does not fit; the message says what would.
            RefusedError: if policy does not allow the prompt.
            NumericsError: if a number stops being finite while sampling.
        """
        canvas = admitted(self.canvas(prompt, **asked), encoder=self.model.text)
        return generate(self, canvas, steps=steps, speed=speed, on_step=on_step).enlarged(scale)

    def unknown_words(self, text: str) -> tuple[str, ...]:
        """Find words that the model never met in training.

        Args:
            text: a prompt.

        Returns:
            The strange words, lower case, each once.
        """
        return unknown_words(text, self.model.vocabulary)


def blank(
    limits: Limits,
    prompt: str = "",
    *,
    seconds: float | None = None,
    fps: float | None = None,
    size: tuple[int, int] | None = None,
    negative: str = "",
    guidance: float | None = None,
    seed: int | None = None,
    is_still: bool = False,
) -> Canvas:
    """Lay a canvas on which nothing is pinned yet, not held against the limits; abilities begin with it.

    Args:
        limits: of the model, whose defaults stand in for what is not said.
        prompt: what should be seen; empty says nothing.
        seconds: duration.
        fps: frames per second.
        size: width and height in pixels.
        negative: what should not be seen.
        guidance: how far the text is exaggerated; 1 is plain, and usual where nothing is said.
        seed: names the noise; drawn when not given.
        is_still: whether to make one picture instead of a clip.

    Returns:
        The canvas.

    Raises:
        UsageError: if a value makes no sense.
    """
    seconds = limits.default_seconds if seconds is None else seconds
    width, height = size or limits.default_size
    if not seconds > 0:
        raise UsageError(f"seconds must be above 0 and at most {LONGEST_SECONDS:g}, got {seconds:g}")
    if prompt:
        check_prompt(prompt)
    if guidance is None:
        guidance = Guidance().lines if prompt or negative else 1.0
    return Canvas(
        seconds=seconds,
        fps=limits.default_fps if fps is None else fps,
        width_px=width,
        height_px=height,
        lines=(Line(prompt, 0.0, seconds),) if prompt else (),
        negative=negative,
        guidance=Guidance(lines=guidance),
        seed=secrets.randbelow(MAX_DRAWN_SEED) if seed is None else seed,
        is_still=is_still,
    )


def generate(
    studio: Studio,
    canvas: Canvas,
    *,
    steps: int = DEFAULT_STEPS,
    speed: Speed = "exact",
    overlap: Overlap | None = None,
    on_step: OnStep | None = None,
) -> Video:
    """Make a video of a canvas: the main path. `stream.film` writes long ones while they are decoded.

    Args:
        studio: the model to use.
        canvas: what is asked.
        steps: solver steps.
        speed: `exact`, or `fast` with step caching.
        overlap: what neighbouring windows share, where the canvas is longer than the model's window.
        on_step: called after every step; it may raise to stop.

    Returns:
        The finished video.

    Raises:
        UsageError: if the canvas does not fit the model; the message says what would.
        NumericsError: if a number stops being finite while sampling.
    """
    check_canvas(canvas, studio.model.limits)
    plan = prepared(canvas, studio.model.limits)
    latents = sample_any(studio.model, plan.window, steps=steps, speed=speed, overlap=overlap, on_step=on_step)
    borders = borders_of(studio.model.autoencoder, plan.canvas, latents, first_group=plan.first_group)
    clip = finished(plan, decode(studio.model, latents, plan.window), borders)
    used = overlap_of(plan.window, studio.model.limits, overlap)
    return Video(clip=clip, canvas=canvas, record=record_of(studio.model, canvas, steps, speed, overlap=used))


def generate_sheet(
    studio: Studio, canvases: Sequence[Canvas], *, steps: int = DEFAULT_STEPS, speed: Speed = "exact"
) -> Video:
    """Make pictures in one pack and lay them on one sheet, row by row.

    Args:
        studio: the model to use.
        canvases: what is asked; pictures of one size.
        steps: solver steps.
        speed: `exact`, or `fast` with step caching.

    Returns:
        The sheet; its canvas and record are those of the first.

    Raises:
        UsageError: if they are not pictures of one size.
    """
    if not canvases or not all(each.is_still and each.size == canvases[0].size for each in canvases):
        raise UsageError("a sheet takes at least one picture, all of one size")
    made = sample(studio.model, canvases, steps=steps, speed=speed)
    pictures = [
        composited(decode(studio.model, latents, canvas).frames, canvas)
        for latents, canvas in zip(made, canvases, strict=True)
    ]
    columns = math.ceil(math.sqrt(len(pictures)))
    blank_ones = [torch.full_like(pictures[0], 255)] * (-len(pictures) % columns)
    sheet = rearrange(torch.cat([*pictures, *blank_ones]), "(r k) c h w -> 1 c (r h) (k w)", k=columns)
    record = record_of(studio.model, canvases[0], steps, speed)
    size = (sheet.shape[3], sheet.shape[2])
    return Video(clip=Clip.at_rate(sheet.contiguous(), 1.0), canvas=canvases[0], record=replace(record, size=size))


def record_of(model: Model, canvas: Canvas, steps: int, speed: Speed, *, overlap: Overlap | None = None) -> Record:
    """Put down how a canvas is made, here and now.

    Args:
        model: that makes it.
        canvas: what is asked.
        steps: solver steps.
        speed: `exact`, or `fast` with step caching.
        overlap: of its windows; None where it is sampled in one go.

    Returns:
        The record; the hash of its pixels is still empty.
    """
    return Record(
        prompt=canvas.prompt,
        negative=canvas.negative,
        seed=canvas.seed,
        model=model.name,
        model_sha256=model.digest,
        steps=steps,
        speed=speed,
        guidance=canvas.guidance.lines,
        guidance_down_to=canvas.guidance.down_to,
        size=canvas.size,
        seconds=round(canvas.num_frames / canvas.fps, 6),
        fps=canvas.fps,
        overlap=overlap,
        canvas=record_canvas(canvas),
        machine=machine_record(fingerprint()),
    )
