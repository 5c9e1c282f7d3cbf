"""Files and bytes of our own making into clips, in this process: the quick path of every loader.

Files from outside go through `misora.video.sandbox` instead.
"""

from io import BufferedIOBase
from pathlib import Path

import numpy as np
import torch
from jaxtyping import UInt8
from torch import Tensor

from misora.core.errors import MediaError
from misora.video.animation import animation_pictures
from misora.video.clip import Clip
from misora.video.convert import orientation_of
from misora.video.limits import DecodeLimits, Wish
from misora.video.lossless import decode_lossless
from misora.video.picture import Orientation, Picture
from misora.video.reader import opened, pictures
from misora.video.sniff import ANIMATIONS, HEAD_BYTES, STILLS, open_source, sniff


def decode(
    source: bytes | Path | str,
    *,
    limits: DecodeLimits | None = None,
    from_seconds: float | int | None = None,
    to_seconds: float | int | None = None,
    short_side_px: int | None = None,
    num_threads: int = 1,
) -> Clip:
    """Decode a trusted clip: mp4, mov, webm, mkv, avi, ts, y4m, GIF, WebP, or the lossless form.

    Args:
        source: the file's bytes, or its path.
        limits: bounds on frames, pixels and bytes; those on memory and time hold in the sandbox alone.
        from_seconds: frames shown before this are skipped, on the source clock; None is the start.
        to_seconds: frames shown from here on are skipped; None is the end.
        short_side_px: frames of videos are shrunk until the shorter side has this many pixels; None keeps them.
        num_threads: threads of the decoder.

    Returns:
        Frames turned upright, with square pixels, 8 bits a channel, on the source clock.

    Raises:
        MediaError: if it cannot be read, is transparent somewhere, or exceeds a limit.
    """
    limits = limits or DecodeLimits()
    wish = Wish(from_seconds=from_seconds, to_seconds=to_seconds, short_side_px=short_side_px)
    with open_source(source, limits) as file:
        kind = sniff(file.read(HEAD_BYTES))
        file.seek(0)
        if kind == "lossless":
            clip = decode_lossless(source if isinstance(source, bytes) else file.read(), limits)
            return clip if wish == Wish() else clip.between(from_seconds or 0.0, to_seconds or float("inf"))
        if kind in STILLS:
            raise MediaError(f"this is an image ({kind}), not a clip; use read_image")
        if kind in ANIMATIONS:
            return _decode_animation(file, wish=wish, limits=limits)
        return _decode_video(file, kind, wish=wish, limits=limits, num_threads=num_threads)


def upright(frames: UInt8[Tensor, "f 3 H W"], orientation: Orientation) -> UInt8[Tensor, "f 3 H2 W2"]:
    """Turn frames as their file asks.

    Args:
        frames: as stored.
        orientation: what the file asks.

    Returns:
        The frames as seen.
    """
    if orientation.is_transposed:
        frames = frames.transpose(2, 3)
    dims = [dim for dim, turned in ((3, orientation.is_mirrored), (2, orientation.is_flipped)) if turned]
    return frames.flip(dims).contiguous() if dims else frames.contiguous()


def _decode_video(file: BufferedIOBase, kind: str, *, wish: Wish, limits: DecodeLimits, num_threads: int) -> Clip:
    with opened(file, kind, limits=limits, num_threads=num_threads) as (container, stream):
        stack = _Stack(num_expected=min(max(stream.frames, 1), limits.max_frames))
        orientation = Orientation()
        for frame, picture in pictures(container, stream, wish=wish, limits=limits):
            if stack.num_frames == 0:
                orientation = orientation_of(frame)
            stack.add(picture)
    return stack.to_clip(orientation)


def _decode_animation(file: BufferedIOBase, *, wish: Wish, limits: DecodeLimits) -> Clip:
    stack = _Stack(num_expected=1)
    for picture in animation_pictures(file, wish=wish, limits=limits):
        stack.add(picture)
    return stack.to_clip(Orientation())


class _Stack:
    """Frames laid one after the other into one array, which grows when the header promised too few."""

    def __init__(self, *, num_expected: int) -> None:
        self.num_frames = 0
        self._num_expected = num_expected
        self._pixels: np.ndarray | None = None
        self._seconds: list[float] = []

    def add(self, picture: Picture) -> None:
        if self._pixels is None:
            # What a header promises is not believed beyond a few frames: they might be huge.
            room = min(self._num_expected, 1024)
            self._pixels = np.empty((room, 3, picture.height_px, picture.width_px), dtype=np.uint8)
        if self.num_frames == len(self._pixels):
            self._pixels = np.concatenate([self._pixels, np.empty_like(self._pixels)])
        for channel, (plane, stride) in enumerate(zip(picture.planes, picture.strides_bytes, strict=True)):
            rows = np.frombuffer(plane, dtype=np.uint8, count=picture.height_px * stride)
            self._pixels[self.num_frames, channel] = rows.reshape(-1, stride)[:, : picture.width_px]
        self._seconds.append(picture.pts_seconds)
        self.num_frames += 1

    def to_clip(self, orientation: Orientation) -> Clip:
        if self._pixels is None:
            raise MediaError("the file holds no frames in that stretch; it is empty, or cut short, or ends earlier")
        frames = torch.from_numpy(self._pixels[: self.num_frames])
        return Clip(frames=upright(frames, orientation), pts_seconds=torch.tensor(self._seconds, dtype=torch.float64))
