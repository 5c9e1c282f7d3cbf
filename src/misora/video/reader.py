"""Frames out of a container, one after the other, within limits: the one place that reads video files.

It imports no torch and no numpy, so that the decoding process starts quickly.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedIOBase
from typing import Any

import av
from av.stream import Disposition
from av.video.reformatter import VideoReformatter

from misora.core.errors import MediaError
from misora.video.convert import shown_size, to_picture
from misora.video.limits import DecodeLimits, Wish, check_amount, check_pixels
from misora.video.picture import Picture

_CODECS = (
    "h264,hevc,av1,libdav1d,vp8,vp9,libvpx,libvpx-vp9,mpeg4,mpeg2video,mpeg1video,h263,mjpeg,prores,dnxhd,ffv1,"
    "rawvideo,wrapped_avframe,huffyuv,utvideo,qtrle,png,theora,msmpeg4v2,msmpeg4"
)


_PADDING_PIXELS = 1 << 16


@contextmanager
def opened(file: BufferedIOBase, kind: str, *, limits: DecodeLimits, num_threads: int = 1) -> Iterator[tuple[Any, Any]]:
    """Open a container with its format forced and every other file out of reach.

    Args:
        file: readable and seekable.
        kind: a demuxer named by `sniff`.
        limits: pixels of a frame are checked against the header, and again by the decoder.
        num_threads: threads of the decoder.

    Yields:
        The container and its picture stream.

    Raises:
        MediaError: if it cannot be read, holds no pictures, or exceeds a limit.
    """
    options = {"codec_whitelist": _CODECS, "protocol_whitelist": "none"}
    with _one_error(), av.open(file, "r", format=kind, options=options, io_open=_refuse_other_files) as container:
        stream = _picture_stream(container)
        codec = stream.codec_context
        check_pixels(codec.width, codec.height, limits=limits)
        codec.thread_count = num_threads
        # As an option of av.open this limit would be ignored without a word.
        # Its decoder counts padding too, so it gets room; frames are counted exactly as they come.
        codec.options = {"max_pixels": str(2 * limits.max_pixels + _PADDING_PIXELS)}
        yield container, stream


def decoded(container: Any, stream: Any, *, wish: Wish) -> Iterator[tuple[Any, float]]:
    """Decode the wanted stretch of a stream.

    Args:
        container: from `opened`.
        stream: from `opened`.
        wish: which stretch.

    Yields:
        The decoder's frames with their time in seconds.

    Raises:
        MediaError: if times are missing or do not increase, or if the frame size changes.
    """
    if wish.from_seconds is not None and wish.from_seconds > 0:
        container.seek(int(wish.from_seconds / stream.time_base), stream=stream, backward=True)
    size, previous = None, None
    for frame in container.decode(stream):
        pts_seconds = seconds_of(frame.pts, frame.time_base)
        if wish.from_seconds is not None and pts_seconds < wish.from_seconds:
            continue
        if wish.to_seconds is not None and pts_seconds >= wish.to_seconds:
            return
        size = size or (frame.width, frame.height)
        if size != (frame.width, frame.height):
            raise MediaError(f"the frame size changes from {size} to {(frame.width, frame.height)}; cut the file there")
        if previous is not None and pts_seconds <= previous:
            raise MediaError(f"two frames are shown at {pts_seconds:.3f} s or out of order; remux the file")
        previous = pts_seconds
        yield frame, pts_seconds


def pictures(container: Any, stream: Any, *, wish: Wish, limits: DecodeLimits) -> Iterator[tuple[Any, Picture]]:
    """Decode and convert the wanted frames in order.

    Args:
        container: from `opened`.
        stream: from `opened`.
        wish: which frames, how large.
        limits: frames, seconds and bytes handed back.

    Yields:
        The decoder's frame, and its pixels before they are turned upright.

    Raises:
        MediaError: if the frames exceed a limit or cannot become plain RGB.
    """
    reformatter, first_seconds, num_bytes = VideoReformatter(), 0.0, 0
    for index, (frame, pts_seconds) in enumerate(decoded(container, stream, wish=wish)):
        first_seconds = pts_seconds if index == 0 else first_seconds
        size = shown_size(frame, stream, short_side_px=wish.short_side_px)
        check_pixels(*size, limits=limits)
        num_bytes += 3 * size[0] * size[1]
        check_amount(index + 1, num_bytes, seconds=pts_seconds - first_seconds, limits=limits)
        yield frame, to_picture(frame, reformatter, pts_seconds=pts_seconds, size=size)


def seconds_of(pts: int | None, time_base: Any) -> float:
    """A time stamp in seconds, rounded once.

    Args:
        pts: ticks; None where the file does not say.
        time_base: seconds of a tick, a fraction.

    Returns:
        The nearest float.

    Raises:
        MediaError: if there is no time stamp.
    """
    if pts is None or not time_base:
        raise MediaError("a frame does not say when it is shown; remux the file")
    return pts * time_base.numerator / time_base.denominator


def _picture_stream(container: Any) -> Any:
    for stream in container.streams.video:
        if not stream.disposition & Disposition.attached_pic:
            break
    else:
        raise MediaError("the file holds no video; it may be sound alone")
    if stream.metadata.get("alpha_mode") == "1":
        raise MediaError("the video is transparent (VP8/VP9 alpha); flatten it over a colour and save it again")
    if stream.codec_context is None or stream.codec_context.name not in _CODECS.split(","):
        name = "an unknown codec" if stream.codec_context is None else stream.codec_context.name
        raise MediaError(f"the video is coded with {name}, which is not read here; convert it to H.264")
    return stream


def _refuse_other_files(*_: Any) -> Any:
    raise MediaError("the file asks for another file or address, which is never opened")


@contextmanager
def _one_error() -> Iterator[None]:
    try:
        yield
    except MediaError:
        raise
    except MemoryError as error:
        raise MediaError("decoding needs more memory than it may take; give a smaller clip") from error
    except Exception as error:  # a broken file may raise nearly anything from the bindings of the decoder
        raise MediaError(f"the file is broken or cut short ({type(error).__name__})") from error
