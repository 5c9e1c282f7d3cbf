"""Latents of every clip, of its mirror image and of one still, made once by an autoencoder and kept as columns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol, runtime_checkable

import torch
from einops import rearrange, repeat
from jaxtyping import Float, UInt8
from torch import Tensor

from misora.core.errors import NumericsError, UsageError
from misora.corpus.index import still_frame
from misora.corpus.progress import Meter, OnProgress, print_progress
from misora.corpus.table import Corpus, CorpusError
from misora.model.grid import FRAMES_PER_GROUP
from misora.video.decode import decode

_PREFIX = "latents_"
_READ = ("id", "video", "num_frames", "width_px", "height_px")


class LatentsError(CorpusError):
    """Latents that are missing, or that another autoencoder made."""


@runtime_checkable
class FrameEncoder(Protocol):
    """Whatever turns closed groups of frames into latent frames."""

    def encode_frames(self, frames: UInt8[Tensor, "g 4 3 H W"]) -> Float[Tensor, "g c h w"]:
        """Encode groups of frames.

        Args:
            frames: RGB, 0..255; sides are multiples of the cell.

        Returns:
            One latent frame a group.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LatentColumns:
    """Names of the columns that one autoencoder fills.

    Attributes:
        clip: of the clip as it is.
        mirror: of the clip mirrored.
        still: of one frame.
    """

    clip: str
    mirror: str
    still: str

    @property
    def names(self) -> tuple[str, str, str]:
        """All three."""
        return self.clip, self.mirror, self.still


def latent_columns(key: str) -> LatentColumns:
    """Name the columns of an autoencoder.

    Args:
        key: names the autoencoder and its weights; letters, digits and underscores.

    Returns:
        The names.

    Raises:
        UsageError: if the key has other characters.
    """
    if not re.fullmatch("[0-9A-Za-z_]+", key):
        raise UsageError(f"a latents key is made of letters, digits and underscores, got {key!r}")
    return LatentColumns(clip=f"{_PREFIX}{key}", mirror=f"{_PREFIX}mirror_{key}", still=f"{_PREFIX}card_{key}")


def latent_keys(corpus: Corpus) -> tuple[str, ...]:
    """List the autoencoders that have encoded a corpus, in part or wholly.

    Args:
        corpus: the table.

    Returns:
        Their keys.
    """
    prefix = f"{_PREFIX}card_"
    return tuple(name.removeprefix(prefix) for name in corpus.columns if name.startswith(prefix))


def require_latents(corpus: Corpus, key: str) -> LatentColumns:
    """Refuse a corpus that the autoencoder in hand has not encoded wholly.

    Args:
        corpus: the table.
        key: of the autoencoder in hand.

    Returns:
        The names of its columns.

    Raises:
        LatentsError: if latents are missing or another autoencoder made them.
    """
    columns = latent_columns(key)
    if key not in latent_keys(corpus):
        found = ", ".join(map(repr, latent_keys(corpus))) or "none"
        raise LatentsError(
            f"{corpus.path} has no latents of the autoencoder {key!r} in hand (found: {found}); "
            "encode it with misora.corpus.encode.encode_corpus first"
        )
    missing = max(corpus.num_missing(name) for name in columns.names)
    if missing:
        raise LatentsError(
            f"{missing} of the {corpus.num_rows} clips of {corpus.path} have no latents of {key!r} yet; "
            "call encode_corpus again to finish"
        )
    return columns


def encode_corpus(
    corpus: Corpus,
    autoencoder: FrameEncoder,
    *,
    key: str,
    batch_groups: int = 96,
    on_progress: OnProgress = print_progress,
) -> int:
    """Encode every clip that has no latents yet; a second call goes on where the first stopped.

    Rows that were written together are finished together, so a stop loses at most one fragment of work.

    Args:
        corpus: the table.
        autoencoder: encodes groups of frames.
        key: names the autoencoder and its weights.
        batch_groups: groups encoded at once, about; a single clip may exceed it.
        on_progress: told every ten seconds.

    Returns:
        How many clips were encoded by this call.

    Raises:
        NumericsError: if the autoencoder yields numbers that float16 cannot hold.
    """
    columns = latent_columns(key)
    corpus.add_empty_columns(columns.names)
    num_missing = corpus.num_missing(columns.still)
    done = corpus.num_rows - num_missing
    meter = Meter("clips", num_done=done, num_all=corpus.num_rows, on_progress=on_progress)
    num_encoded = 0
    for fragment in corpus.fragments_missing(columns.still):
        rows = corpus.read_fragment(fragment, _READ)
        values = _encode_rows(rows, autoencoder, columns, batch_groups, meter)
        corpus.fill_fragment(fragment, rows["_rowid"], values)
        num_encoded += len(rows["id"])
    return num_encoded


def _encode_rows(
    rows: dict[str, list], autoencoder: FrameEncoder, columns: LatentColumns, batch_groups: int, meter: Meter
) -> dict[str, list[bytes | None]]:
    values: dict[str, list[bytes | None]] = {name: [None] * len(rows["id"]) for name in columns.names}
    for places in _batches_of_one_size(rows, batch_groups):
        clips = [_groups_of(rows["video"][place]) for place in places]
        stills = [
            _still_of(clip, still_frame(rows["id"][place], rows["num_frames"][place]))
            for place, clip in zip(places, clips, strict=True)
        ]
        pixels = torch.cat([*clips, *(clip.flip(-1) for clip in clips), *stills])
        with torch.inference_mode():
            latents = autoencoder.encode_frames(pixels)
        sizes = [len(clip) for clip in clips]
        parts = latents.to(torch.float16).cpu().split([*sizes, *sizes, *[1] * len(clips)])
        for number, part in enumerate(parts):
            if not bool(torch.isfinite(part).all()):
                raise NumericsError(f"clip {rows['id'][places[number % len(places)]]} has latents beyond float16")
            name = columns.names[number // len(places)]
            values[name][places[number % len(places)]] = part.contiguous().numpy().tobytes()
        meter.add(len(places))
    return values


def _batches_of_one_size(rows: dict[str, list], batch_groups: int) -> Iterator[list[int]]:
    def size(place: int) -> tuple[int, int]:
        return rows["height_px"][place], rows["width_px"][place]

    for _, same in groupby(sorted(range(len(rows["id"])), key=size), key=size):
        batch: list[int] = []
        num_groups = 0
        for place in same:
            batch.append(place)
            num_groups += 2 * -(-rows["num_frames"][place] // FRAMES_PER_GROUP) + 1
            if num_groups >= batch_groups:
                yield batch
                batch, num_groups = [], 0
        if batch:
            yield batch


def _groups_of(video: bytes) -> UInt8[Tensor, "g 4 3 H W"]:
    frames = decode(video).frames
    surplus = -frames.shape[0] % FRAMES_PER_GROUP
    frames = torch.cat([frames, frames[-1:].expand(surplus, -1, -1, -1)])  # an overhanging group repeats the last frame
    return rearrange(frames, "(g four) c h w -> g four c h w", four=FRAMES_PER_GROUP)


def _still_of(groups: UInt8[Tensor, "g 4 3 H W"], frame: int) -> UInt8[Tensor, "1 4 3 H W"]:
    group, within = divmod(frame, FRAMES_PER_GROUP)
    return repeat(groups[group, within], "c h w -> 1 four c h w", four=FRAMES_PER_GROUP)
