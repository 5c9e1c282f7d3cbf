"""Batches from a corpus: pixels for the autoencoder, packed latents for the transformer.

Batch k is a pure function of corpus version, settings, seed and k; threads only make it earlier.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
from einops import rearrange
from jaxtyping import Float, UInt8
from torch import Tensor

from misora.core.errors import UsageError
from misora.core.seeds import numpy_rng
from misora.corpus.controls import controls_of, draw_for
from misora.corpus.encode import LatentColumns, require_latents
from misora.corpus.plan import Plan, Sample, SampleKey
from misora.corpus.row import Caption, captions_from_json
from misora.corpus.table import Corpus, CorpusError
from misora.corpus.texts import TextTable
from misora.model.controls import NO_CONTROLS, Controls
from misora.model.grid import FRAMES_PER_GROUP, Grid
from misora.model.sequence import SpokenLine
from misora.video.decode import decode
from misora.video.line import Line

RUN_GROUPS = 4
"""Groups of one clip that stand together in a pixel batch: consecutive in time, under the same crop."""

STILL_SHARE = 0.08
_RUN_FRAMES = RUN_GROUPS * FRAMES_PER_GROUP

PixelBatch = UInt8[Tensor, "g 4 3 H W"]
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedBatch:
    """Clips of any size, one after another, without padding.

    Attributes:
        step: of the plan.
        latents: tokens of all clips; within a clip in the order groups, rows, columns.
        grids: one a clip; equal ones stand together.
        lines: what is said of each clip, and when.
        controls: what steers each clip; nothing where its row holds no truth.
        keys: which samples these are.
    """

    step: int
    latents: Float[Tensor, "n c"]
    grids: tuple[Grid, ...]
    lines: tuple[tuple[SpokenLine, ...], ...]
    controls: tuple[Controls, ...]
    keys: tuple[SampleKey, ...]


def packed_batches(
    corpus: Corpus, plan: Plan, *, key: str, start_step: int, prefetch: int = 2, text_key: str | None = None
) -> Iterator[PackedBatch]:
    """Load the batches of a plan without end, some ahead in a thread.

    Args:
        corpus: with latents and text features.
        plan: made from the index of this corpus.
        key: of the autoencoder in hand.
        start_step: the first step, from 0.
        prefetch: batches made ahead; 0 makes each when it is asked for.
        text_key: of the text encoder in hand; None takes whatever made the features.

    Returns:
        The batches of `start_step` and all later steps.

    Raises:
        CorpusError: if the corpus is not the one of the plan.
        LatentsError: if latents are missing or another autoencoder made them.
        TextsError: if text features are missing or another encoder made them.
    """
    if plan.index.version != corpus.version:
        raise CorpusError(
            f"the plan was made for corpus version {plan.index.version}, not {corpus.version}; plan again"
        )
    columns = require_latents(corpus, key)
    texts = TextTable.open(corpus, key=text_key)
    return _ahead(lambda step: load_packed(corpus, plan, step, columns=columns, texts=texts), start_step, prefetch, 1)


def load_packed(corpus: Corpus, plan: Plan, step: int, *, columns: LatentColumns, texts: TextTable) -> PackedBatch:
    """Load one batch of a plan.

    Args:
        corpus: with latents.
        plan: made from the index of this corpus.
        step: from 0.
        columns: names of the latents of the autoencoder in hand.
        texts: features of the captions.

    Returns:
        The batch.
    """
    samples = plan.samples(step)
    spoken = _read_lines(corpus, samples)
    features = iter(texts.features([line.text for lines in spoken for line in lines]))
    return PackedBatch(
        step=step,
        latents=torch.cat(_read_latents(corpus, samples, columns)),
        grids=tuple(sample.grid for sample in samples),
        lines=tuple(tuple(_with_features(line, next(features)) for line in lines) for lines in spoken),
        controls=_read_controls(corpus, plan, step),
        keys=tuple(sample.key for sample in samples),
    )


def pixel_batches(
    corpus: Corpus,
    *,
    seed: int,
    start_step: int,
    groups_per_step: int = 96,
    crop_px: int = 96,
    num_threads: int = 1,
    split: str = "train",
) -> Iterator[PixelBatch]:
    """Load closed groups of frames for the autoencoder without end.

    A batch is made of whole runs of `RUN_GROUPS` groups: groups 0..3 are 16 consecutive frames of one clip under one
    crop and one mirroring, groups 4..7 of another. In some runs one frame is repeated throughout, as a still.

    Args:
        corpus: the table.
        seed: another seed gives other batches.
        start_step: the first step, from 0.
        groups_per_step: groups in a batch; a multiple of `RUN_GROUPS`.
        crop_px: side of the square that is cut out; clips with a shorter side are left out.
        num_threads: threads that decode ahead; 0 decodes when a batch is asked for.
        split: whose clips are shown.

    Returns:
        The batches of `start_step` and all later steps, RGB, 0..255.

    Raises:
        UsageError: if `groups_per_step` is not a multiple of the run.
        CorpusError: if no clip is long and large enough.
    """
    if groups_per_step < 1 or groups_per_step % RUN_GROUPS:
        raise UsageError(f"groups_per_step must be a multiple of {RUN_GROUPS}, got {groups_per_step}")
    rows = _rows_with(corpus, split=split, num_frames=_RUN_FRAMES, side_px=crop_px)
    num_runs = groups_per_step // RUN_GROUPS
    name = f"{corpus.version}/{seed}"

    def load(step: int) -> PixelBatch:
        places = [divmod(step * num_runs + number, len(rows)) for number in range(num_runs)]
        orders = {epoch: numpy_rng("pixels", name, epoch).permutation(len(rows)) for epoch, _ in places}
        videos = corpus.read([rows[orders[epoch][place]] for epoch, place in places], ["video"])["video"]
        rng = numpy_rng("crops", name, step)
        return torch.cat([_cut_run(video, rng, crop_px) for video in videos])

    return _ahead(load, start_step, num_ahead=num_threads and num_threads + 1, num_threads=num_threads)


def _ahead(load: Callable[[int], T], start_step: int, num_ahead: int, num_threads: int) -> Iterator[T]:
    """Yield load(start_step), load(start_step + 1), …; the next ones are made in threads meanwhile."""
    if num_ahead == 0:
        while True:
            yield load(start_step)
            start_step += 1
    pool = ThreadPoolExecutor(num_threads, thread_name_prefix="corpus")
    try:
        waiting: deque[Future[T]] = deque(pool.submit(load, start_step + ahead) for ahead in range(num_ahead))
        while True:
            start_step += 1
            ready = waiting.popleft().result()
            waiting.append(pool.submit(load, start_step + num_ahead - 1))
            yield ready
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _rows_with(corpus: Corpus, *, split: str, num_frames: int, side_px: int) -> list[int]:
    names = ("split", "num_frames", "width_px", "height_px")
    rows: list[int] = []
    first = 0
    for batch in corpus.scan(names):
        for row, (of, frames, width_px, height_px) in enumerate(zip(*(batch[x] for x in names), strict=True), first):
            if of == split and frames >= num_frames and min(width_px, height_px) >= side_px:
                rows.append(row)
        first += len(batch["split"])
    if not rows:
        raise CorpusError(
            f"none of the {corpus.num_rows} clips of {corpus.path} belongs to split {split!r} with at least "
            f"{num_frames} frames and {side_px} px a side; choose a smaller crop or add longer clips"
        )
    return rows


def _cut_run(video: bytes, rng: np.random.Generator, crop_px: int) -> UInt8[Tensor, "g 4 3 H W"]:
    frames = decode(video).frames
    num_frames, _, height_px, width_px = frames.shape
    first = int(rng.integers(num_frames - _RUN_FRAMES + 1))
    top, left = int(rng.integers(height_px - crop_px + 1)), int(rng.integers(width_px - crop_px + 1))
    is_mirrored, is_still = bool(rng.random() < 0.5), bool(rng.random() < STILL_SHARE)
    run = frames[first : first + _RUN_FRAMES, :, top : top + crop_px, left : left + crop_px]
    if is_still:
        still = int(rng.integers(_RUN_FRAMES))
        run = run[still : still + 1].expand(_RUN_FRAMES, -1, -1, -1)
    if is_mirrored:
        run = run.flip(-1)
    return rearrange(run, "(g four) c h w -> g four c h w", four=FRAMES_PER_GROUP)


def _read_lines(corpus: Corpus, samples: tuple[Sample, ...]) -> list[tuple[Line, ...]]:
    stored = corpus.read([sample.key.row for sample in samples], ["lines", "fps"])
    rows = zip(samples, stored["lines"], stored["fps"], strict=True)
    return [_lines_of(sample.key, captions_from_json(lines), fps) for sample, lines, fps in rows]


def _lines_of(key: SampleKey, captions: tuple[Caption, ...], fps: float) -> tuple[Line, ...]:
    """Lines of a clip; of a still, the line that covers its frame, moved so that the still is shown at 0 s."""
    wanted = (key.register, key.register_seed, key.is_mirrored)
    lines = next(c.lines for c in captions if (c.register, c.variant, c.is_mirrored) == wanted)
    if not key.is_still:
        return lines
    line = next((line for line in lines if line.covers(key.frame / fps)), lines[0])
    return (Line(line.text, 0.0, line.seconds),)


def _read_controls(corpus: Corpus, plan: Plan, step: int) -> tuple[Controls, ...]:
    samples = plan.samples(step)
    if not plan.settings.has_controls:
        return (NO_CONTROLS,) * len(samples)
    truths = corpus.read([sample.key.row for sample in samples], ["truth"])["truth"]
    return tuple(
        controls_of(truth, sample, draw=draw_for(plan.seed, step, sample.key.row))
        for truth, sample in zip(truths, samples, strict=True)
    )


def _with_features(line: Line, features: Float[Tensor, "l d"]) -> SpokenLine:
    return SpokenLine(features=features, from_seconds=line.from_seconds, to_seconds=line.to_seconds)


def _read_latents(corpus: Corpus, samples: tuple[Sample, ...], columns: LatentColumns) -> list[Float[Tensor, "n c"]]:
    """Read each sample from its column; a column at a time, so that nothing is read in vain."""
    parts: list[list[Tensor]] = [[] for _ in samples]
    for name in columns.names:
        places = [place for place, sample in enumerate(samples) if name in _columns_of(sample.key, columns)]
        blobs = corpus.read([samples[place].key.row for place in places], [name])[name]
        for place, blob in zip(places, blobs, strict=True):
            grid = samples[place].grid
            parts[place].append(_tokens(blob, grid, groups=1 if name == columns.still else grid.groups))
    return [torch.cat(part) for part in parts]


def _columns_of(key: SampleKey, columns: LatentColumns) -> tuple[str, ...]:
    """Where the latents of a sample lie, the clip's before its card's as in `LatentColumns.names`."""
    if key.is_still:
        return (columns.still,)
    clip = columns.mirror if key.is_mirrored else columns.clip
    return (clip, columns.still) if key.has_card else (clip,)


def _tokens(blob: bytes, grid: Grid, *, groups: int) -> Float[Tensor, "n c"]:
    values = np.frombuffer(blob, np.float16).reshape(groups, -1, grid.rows, grid.columns)
    return rearrange(torch.from_numpy(values.astype(np.float32)), "t c h w -> (t h w) c")
