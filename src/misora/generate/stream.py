"""From the latents of a canvas to its finished frames and its file, a few groups at a time, whatever the length."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from misora.core.errors import UsageError
from misora.core.files import refuse_existing, write_atomic
from misora.flow.solve import OnStep
from misora.generate.canvas import Canvas
from misora.generate.canvas_record import frame_bytes
from misora.generate.finish import finishing, words_before
from misora.generate.limits import check_canvas
from misora.generate.painted import composited
from misora.generate.prepare import Prepared, cut, prepared
from misora.generate.record import Record, sidecar_of
from misora.generate.sample import DEFAULT_STEPS, Speed
from misora.generate.standing import borders_of, standing
from misora.generate.studio import Studio, record_of
from misora.generate.windows import OnPreview, Overlap, Store, overlap_of, sample_any
from misora.model.bundle import Model
from misora.model.grid import FRAMES_PER_GROUP
from misora.video.encode import VideoWriter
from misora.video.resize import resize_frames

_GROUPS_AT_ONCE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """A sampled canvas whose frames are decoded when they are read, each time anew and to the same bits.

    Attributes:
        model: whose autoencoder decodes.
        plan: what was asked, made ready.
        latents: of the window of the plan.
        record: how it was made.
        scale: how many times each side is enlarged.
        parents: files that went into it; each is verified before this one is signed, and named in its manifest.
    """

    model: Model
    plan: Prepared
    latents: Float[Tensor, "t c h w"]
    record: Record
    scale: int = 1
    parents: tuple[Path, ...] = ()

    def frames(self) -> Iterator[UInt8[Tensor, "f 3 H W"]]:
        """Decode the finished frames, some at a time.

        Yields:
            Frames in order, pins laid over them.
        """
        width, height = self.plan.canvas.size
        for frames in finished_frames(self.model, self.plan, self.latents):
            yield frames if self.scale == 1 else resize_frames(frames, (width * self.scale, height * self.scale))

    def save(
        self, path: Path | str, *, force: bool = False, is_private: bool = False, visible_mark: bool = False
    ) -> Record:
        """Write the mp4, judged, marked and signed, and its sidecar while frames are decoded; each is whole or not there.

        Args:
            path: ending in .mp4.
            force: overwrite what is there.
            is_private: leave the words out of the record.
            visible_mark: draw the visible mark too.

        Returns:
            The record as it was written.

        Raises:
            OutputError: if it exists already, cannot be written or cannot be signed.
            RefusedError: if policy does not allow its words or its frames.
            UsageError: if the suffix is another.
        """
        path = Path(path)
        if path.suffix.lower() != ".mp4":
            raise UsageError(
                f"a long video is written as .mp4 while it is decoded, not as {path.name!r}; end it in .mp4"
            )
        for target in (path, sidecar_of(path)):
            refuse_existing(target, force)
        width, height = (side * self.scale for side in self.plan.canvas.size)
        known = replace(self.record, size=(width, height), scale=self.scale, rgb_sha256=_hash_of(self.frames()))
        known = replace(known, words_before=words_before(self.parents))
        record = known.without_words() if is_private else known
        tags = {"comment": record.to_json()}
        canvas = self.plan.canvas
        with (
            finishing(path, canvas, self.record, parents=self.parents, visible_mark=visible_mark) as seal,
            VideoWriter(seal.path, size=(width, height), fps=canvas.fps, metadata=tags) as writer,
        ):
            for frames in self.frames():
                writer.write(seal.mark(frames))
        write_atomic(sidecar_of(path), f"{record.to_json()}\n".encode())
        return record


def film(
    studio: Studio,
    canvas: Canvas,
    *,
    steps: int = DEFAULT_STEPS,
    speed: Speed = "exact",
    scale: int = 1,
    overlap: Overlap | None = None,
    store: Store | None = None,
    on_step: OnStep | None = None,
    on_preview: OnPreview | None = None,
) -> Film:
    """Sample a canvas of any length, to be decoded and written in memory that does not grow with it.

    Args:
        studio: the model to use.
        canvas: what is asked.
        steps: solver steps of each window.
        speed: `exact`, or `fast` with step caching.
        scale: 1, 2 or 4: enlarge the finished frames.
        overlap: what neighbouring windows share.
        store: keeps finished windows, and gives back those of an earlier run.
        on_step: called after every step, counted over all windows; it may raise to stop.
        on_preview: called after every window.

    Returns:
        What can be saved.

    Raises:
        UsageError: if the canvas does not fit the model; the message says what would.
        NumericsError: if a number stops being finite.
    """
    check_canvas(canvas, studio.model.limits)
    plan = prepared(canvas, studio.model.limits)
    latents = sample_any(
        studio.model,
        plan.window,
        steps=steps,
        speed=speed,
        overlap=overlap,
        store=store,
        on_step=on_step,
        on_preview=on_preview,
    )
    used = overlap_of(plan.window, studio.model.limits, overlap)
    record = record_of(studio.model, canvas, steps, speed, overlap=used)
    return Film(model=studio.model, plan=plan, latents=latents, record=record, scale=scale)


def finished_frames(
    model: Model, plan: Prepared, latents: Float[Tensor, "t c h w"]
) -> Iterator[UInt8[Tensor, "f 3 H W"]]:
    """Decode the window of a plan and lay it into the whole canvas, some groups at a time.

    Args:
        model: whose autoencoder made the latents.
        plan: what was asked, made ready.
        latents: of the plan's window.

    Yields:
        Finished frames in order, with what stands still and exact pins laid over them.
    """
    canvas = plan.canvas
    first = plan.first_group
    inside = range(first, first + len(latents))
    borders = borders_of(model.autoencoder, canvas, latents, first_group=first)
    decoded = model.autoencoder.stream(latents)
    width, height = canvas.size
    for start, stop in _chunks(-(-(canvas.lead_frames + canvas.num_frames) // FRAMES_PER_GROUP)):
        nothing = torch.zeros(FRAMES_PER_GROUP, 3, height, width, dtype=torch.uint8)
        frames = torch.cat([next(decoded) if group in inside else nothing for group in range(start, stop)])
        part = cut(canvas, start * FRAMES_PER_GROUP, stop * FRAMES_PER_GROUP)
        frames = standing(frames, borders, first_frame=start * FRAMES_PER_GROUP)
        yield composited(frames[part.lead_frames :][: part.num_frames], part)


def _chunks(groups: int) -> Iterable[tuple[int, int]]:
    """Some groups at a time; a single one left over joins those before it, for it may have but one frame."""
    starts = [*range(0, max(1, groups - 1), _GROUPS_AT_ONCE)]
    return zip(starts, [*starts[1:], groups], strict=True)


def _hash_of(parts: Iterable[UInt8[Tensor, "f 3 H W"]]) -> str:
    digest = hashlib.sha256()
    for frames in parts:
        for frame in frames:
            digest.update(frame_bytes(frame))
    return digest.hexdigest()
