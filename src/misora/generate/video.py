"""A finished video: the clip, the canvas it was made from, and how; to save or to look at in a notebook."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path

from misora.core.errors import UsageError
from misora.core.files import refuse_existing, write_atomic
from misora.generate.canvas import Canvas
from misora.generate.canvas_record import rgb_sha256
from misora.generate.finish import finishing, words_before
from misora.generate.record import Record, sidecar_of
from misora.video.clip import Clip
from misora.video.encode import encode, write_clip
from misora.video.image import encode_image, write_image
from misora.video.resize import resize

CLIP_SUFFIXES = (".mp4", ".gif", ".webp")
IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
SCALES = (1, 2, 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Video:
    """A clip with its provenance; a still is a clip of one frame.

    Attributes:
        clip: the pixels with their clock.
        canvas: what was asked.
        record: how it was made.
        parents: files that went into it; each is verified before this one is signed, and named in its manifest.
    """

    clip: Clip
    canvas: Canvas
    record: Record
    parents: tuple[Path, ...] = ()

    @property
    def told(self) -> Record:
        """The record with the hash of the pixels."""
        return replace(self.record, rgb_sha256=rgb_sha256(self.clip.frames))

    def save(
        self, path: Path | str, *, force: bool = False, is_private: bool = False, visible_mark: bool = False
    ) -> Path:
        """Write the video, judged, marked and signed, and its record beside it; each is whole or not there.

        Args:
            path: ending in .mp4, .gif or .webp; a still in .png, .jpg or .webp.
            force: overwrite what is there.
            is_private: leave the words out of the record.
            visible_mark: draw the visible mark too.

        Returns:
            The path.

        Raises:
            OutputError: if it exists already, cannot be written or cannot be signed.
            RefusedError: if policy does not allow its words or its frames.
            UsageError: if the suffix is another.
        """
        target = Path(path)
        _check_suffix(target, self.canvas.is_still)
        for each in (target, sidecar_of(target)):
            refuse_existing(each, force)
        known = replace(self.told, words_before=words_before(self.parents))
        record = known.without_words() if is_private else known
        tags = {"comment": record.to_json()}
        with finishing(target, self.canvas, self.record, parents=self.parents, visible_mark=visible_mark) as seal:
            marked = replace(self.clip, frames=seal.mark(self.clip.frames))
            if self.canvas.is_still:
                write_image(seal.path, marked.frames[0], metadata=tags)
            else:
                write_clip(marked, seal.path, metadata=tags)
        write_atomic(sidecar_of(target), f"{record.to_json()}\n".encode())
        return target

    def enlarged(self, scale: int) -> Video:
        """Resample the finished frames; the record says so.

        Args:
            scale: 1, 2 or 4 times each side.

        Returns:
            The larger video.

        Raises:
            UsageError: if the scale is another.
        """
        if scale not in SCALES:
            raise UsageError(f"scale must be one of {', '.join(map(str, SCALES))}, got {scale}")
        if scale == 1:
            return self
        width, height = (side * scale for side in self.clip.size)
        record = replace(self.record, scale=self.record.scale * scale, size=(width, height))
        return replace(self, clip=resize(self.clip, (width, height)), record=record)

    def _repr_html_(self) -> str:
        """Show the video in a notebook."""
        width, height = self.clip.size
        extent = f'width="{width}" height="{height}" title="{escape(self.canvas.prompt)}"'
        if self.canvas.is_still:
            data = b64encode(encode_image(self.clip.frames[0])).decode()
            return f'<img {extent} src="data:image/png;base64,{data}">'
        data = b64encode(encode(self.clip, format="mp4")).decode()
        return f'<video {extent} controls autoplay loop muted src="data:video/mp4;base64,{data}"></video>'


def _check_suffix(path: Path, is_still: bool) -> None:
    suffixes = IMAGE_SUFFIXES if is_still else CLIP_SUFFIXES
    if path.suffix.lower() not in suffixes:
        kind = "picture" if is_still else "video"
        raise UsageError(f"a {kind} cannot be written as {path.name!r}; end the name in {', '.join(suffixes)}")
