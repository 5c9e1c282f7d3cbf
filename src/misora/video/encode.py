"""Clips into files: H.264 in mp4, streamed frame by frame; GIF and animated WebP; whole files or none."""

import io
import json
import tempfile
from contextlib import ExitStack, suppress
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Literal

import av
from av.video.reformatter import Colorspace, Interpolation, VideoReformatter
from jaxtyping import Float64, UInt8
from torch import Tensor

from misora.core.errors import OutputError, UsageError
from misora.core.files import atomic_path
from misora.video.animation import write_gif, write_webp
from misora.video.clip import Clip

Format = Literal["mp4", "gif", "webp"]
FORMATS: tuple[Format, ...] = ("mp4", "gif", "webp")
METADATA_KEYS = ("title", "artist", "comment", "description", "copyright", "date")

_BT709, _LIMITED_RANGE = 1, 1
_EXACT = Interpolation.BILINEAR | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INP
_MIN_TIMESCALE = 12_000
_UNEVEN_TIMESCALES = (120_000, 90_000, 1_000_000)
_SAME_SECONDS = 1e-9


class VideoWriter:
    """Writes an mp4 while frames arrive, in constant memory; the file appears under its name once it is whole.

    H.264, yuv420p, converted with and tagged as BT.709 in limited range, index at the front.

    Example:
        >>> import tempfile, torch
        >>> path = Path(tempfile.mkdtemp()) / "dark.mp4"
        >>> with VideoWriter(path, size=(96, 64), fps=8) as writer:
        ...     writer.write(torch.zeros(4, 3, 64, 96, dtype=torch.uint8))
        >>> path.exists()
        True
    """

    def __init__(
        self,
        path: Path | str,
        *,
        size: tuple[int, int],
        fps: float | int,
        crf: int = 16,
        preset: str = "medium",
        metadata: dict[str, str] | None = None,
        timescale: int | None = None,
        num_threads: int = 1,
    ) -> None:
        """Check the settings; nothing is written before `with`.

        Args:
            path: the target, replaced if it exists.
            size: (width_px, height_px), both even, since colour is stored at half resolution.
            fps: frames per second: the clock of frames written without times.
            crf: x264's quality, 0 (best) to 51.
            preset: x264's effort, from ultrafast to veryslow.
            metadata: tags, under the keys of `METADATA_KEYS`.
            timescale: clock ticks in a second; None chooses one that `fps` divides.
            num_threads: threads of the encoder; the bits depend on it.

        Raises:
            UsageError: if a size is odd or a setting out of range.
        """
        _check_settings(size, fps=fps, crf=crf, metadata=metadata or {})
        self._path, self._size, self._crf, self._preset = Path(path), size, crf, preset
        self._metadata, self._num_threads = metadata or {}, num_threads
        self._rate = Fraction(fps).limit_denominator(1001)
        self._timescale = timescale or timescale_for(self._rate)
        self._reformatter, self._stack = VideoReformatter(), ExitStack()
        self.num_frames, self._last_tick = 0, -1

    def __enter__(self) -> "VideoWriter":
        self._temporary = self._stack.enter_context(atomic_path(self._path))
        with ExitStack() as undo:
            undo.push(self._stack.__exit__)
            options = {"movflags": "+faststart", "video_track_timescale": str(self._timescale)}
            self._container = av.open(str(self._temporary), "w", format="mp4", options=options)
            self._container.metadata.update(self._metadata)
            self._stream = self._add_stream()
            undo.pop_all()
        return self

    def write(self, frames: UInt8[Tensor, "f 3 H W"], *, pts_seconds: Float64[Tensor, " f"] | None = None) -> None:
        """Append frames.

        Args:
            frames: RGB, of the writer's size.
            pts_seconds: when each is shown, after all before; None continues at `fps`.

        Raises:
            UsageError: if the size differs, or times do not increase by a clock tick.
            OutputError: if the disk is full.
        """
        if (frames.shape[3], frames.shape[2]) != self._size:
            raise UsageError(f"frames are {frames.shape[3]}x{frames.shape[2]}, the video is {self._size}; resize them")
        for index, frame in enumerate(frames):
            seconds = Fraction(self.num_frames) / self._rate if pts_seconds is None else pts_seconds[index].item()
            tick = round(seconds * self._timescale)
            if tick <= self._last_tick:
                raise UsageError(f"frame {self.num_frames} is shown at {float(seconds)} s, not after the one before")
            self._encode(frame, tick)
            self.num_frames, self._last_tick = self.num_frames + 1, tick

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._finish()
            else:
                self._abandon()
        except BaseException as failure:
            self._stack.__exit__(type(failure), failure, failure.__traceback__)
            raise
        self._stack.__exit__(kind, error, trace)

    def _add_stream(self) -> av.VideoStream:
        stream = self._container.add_stream("libx264", rate=self._rate)
        stream.width, stream.height = self._size
        stream.pix_fmt = "yuv420p"
        codec = stream.codec_context
        codec.time_base = Fraction(1, self._timescale)
        codec.thread_count = self._num_threads
        codec.color_primaries = codec.color_trc = codec.colorspace = _BT709
        codec.color_range = _LIMITED_RANGE
        codec.options = {"crf": str(self._crf), "preset": self._preset}
        return stream

    def _encode(self, frame: UInt8[Tensor, "3 H W"], tick: int) -> None:
        converted = self._reformatter.reformat(
            av.VideoFrame.from_ndarray(frame.permute(1, 2, 0).contiguous().numpy(), format="rgb24"),
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=_LIMITED_RANGE,
            interpolation=_EXACT,
            threads=1,
        )
        converted.color_primaries = converted.color_trc = _BT709
        converted.pts, converted.time_base = tick, Fraction(1, self._timescale)
        converted.duration = round(self._timescale / self._rate)
        self._mux(converted)

    def _mux(self, frame: av.VideoFrame | None) -> None:
        try:
            self._container.mux(self._stream.encode(frame))
        except OSError as failure:
            raise OutputError(f"cannot write {self._path}: {failure.strerror}; free some space") from failure

    def _finish(self) -> None:
        if self.num_frames == 0:
            self._abandon()
            raise UsageError(f"no frames were written to {self._path}; write at least one")
        self._mux(None)
        try:
            self._container.close()
        except OSError as failure:
            raise OutputError(f"cannot write {self._path}: {failure.strerror}; free some space") from failure

    def _abandon(self) -> None:
        with suppress(OSError, ValueError):  # the temporary file is removed whatever state it is in
            self._container.close()


def encode(
    clip: Clip,
    *,
    format: Format = "mp4",  # noqa: A002
    crf: int = 16,
    metadata: dict[str, str] | None = None,
) -> bytes:
    """Encode a clip in memory.

    Args:
        clip: its clock starts anew at 0; sizes must be even for mp4.
        format: "mp4", "gif" or "webp".
        crf: quality of mp4, 0 (best) to 51.
        metadata: tags, under the keys of `METADATA_KEYS`.

    Returns:
        The file's bytes.

    Raises:
        UsageError: if a size is odd for mp4 or a setting out of range.
    """
    if format == "mp4":
        with tempfile.TemporaryDirectory() as folder:  # moving the index to the front needs a file
            path = Path(folder) / "clip.mp4"
            _write_mp4(clip, path, crf=crf, metadata=metadata)
            return path.read_bytes()
    if format not in FORMATS:
        raise UsageError(f"cannot write a clip as {format!r}; choose one of {', '.join(FORMATS)}")
    buffer, comment = io.BytesIO(), _comment(metadata)
    if format == "gif":
        write_gif(clip, buffer, comment=comment)
    else:
        write_webp(clip, buffer, comment=comment)
    return buffer.getvalue()


def write_clip(clip: Clip, path: Path | str, *, crf: int = 16, metadata: dict[str, str] | None = None) -> None:
    """Write a clip to a file whose suffix says the format; the file is whole or not there.

    Args:
        clip: its clock starts anew at 0; sizes must be even for mp4.
        path: the target, ending in .mp4, .gif or .webp; replaced if it exists.
        crf: quality of mp4, 0 (best) to 51.
        metadata: tags, under the keys of `METADATA_KEYS`.

    Raises:
        UsageError: if the suffix is another, a size is odd for mp4, or a setting is out of range.
        OutputError: if the file cannot be written.
    """
    suffix = Path(path).suffix.lower().removeprefix(".")
    if suffix == "mp4":
        _write_mp4(clip, Path(path), crf=crf, metadata=metadata)
        return
    if suffix not in FORMATS:
        raise UsageError(f"cannot tell the format of {path} by its suffix; end it in .{', .'.join(FORMATS)}")
    data = encode(clip, format=suffix, metadata=metadata)
    with atomic_path(path) as temporary:
        try:
            temporary.write_bytes(data)
        except OSError as failure:
            raise OutputError(f"cannot write {path}: {failure.strerror}; free some space") from failure


def timescale_for(rate: Fraction) -> int:
    """Clock ticks in a second such that every frame falls on one.

    Args:
        rate: frames per second.

    Returns:
        A multiple of the rate's numerator, fine enough for players.
    """
    return rate.numerator * -(-_MIN_TIMESCALE // rate.numerator)


def _write_mp4(clip: Clip, path: Path, *, crf: int, metadata: dict[str, str] | None) -> None:
    seconds = clip.pts_seconds - clip.pts_seconds[0]
    writer = VideoWriter(
        path, size=clip.size, fps=clip.fps, crf=crf, metadata=metadata, timescale=_timescale_of(clip, seconds)
    )
    with writer:
        writer.write(clip.frames, pts_seconds=seconds)


def _timescale_of(clip: Clip, seconds: Float64[Tensor, " f"]) -> int:
    """The first clock on which every frame falls exactly; the last, to half a microsecond, when none does."""
    scales = (timescale_for(Fraction(clip.fps).limit_denominator(1001)), *_UNEVEN_TIMESCALES)
    for scale in scales:
        if bool(((seconds * scale).round() / scale - seconds).abs().max() < _SAME_SECONDS):
            return scale
    return scales[-1]


def _check_settings(size: tuple[int, int], *, fps: float | int, crf: int, metadata: dict[str, str]) -> None:
    width, height = size
    if width < 2 or height < 2 or width % 2 or height % 2:
        raise UsageError(
            f"mp4 keeps colour at half resolution, so width and height must be even, got {width}x{height}; "
            f"crop to {width - width % 2}x{height - height % 2}, or pad with pad_to_even, or write .webp or .gif"
        )
    if not 0.01 <= fps <= 1000:
        raise UsageError(f"fps must lie between 0.01 and 1000, got {fps}")
    if not 0 <= crf <= 51:
        raise UsageError(f"crf must lie between 0 (best) and 51, got {crf}")
    if unknown := set(metadata) - set(METADATA_KEYS):
        raise UsageError(f"mp4 has no tag {min(unknown)!r}; use {', '.join(METADATA_KEYS)}")


def _comment(metadata: dict[str, str] | None) -> str:
    if not metadata:
        return ""
    return metadata["comment"] if set(metadata) == {"comment"} else json.dumps(metadata, ensure_ascii=False)
