"""What a file holds, told without decoding more than its first frame.

It imports no torch and no numpy, so that the decoding process starts quickly.
"""

from dataclasses import dataclass, field
from io import BufferedIOBase
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from misora.core.errors import MediaError
from misora.video.limits import DecodeLimits, Wish, check_amount
from misora.video.sniff import ANIMATIONS, HEAD_BYTES, STILLS, open_source, sniff

_UNEVEN = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What a file holds.

    Attributes:
        width_px: as seen, after turning upright and with square pixels.
        height_px: as seen.
        num_frames: frames shown.
        fps: frames per second, from the median gap; 1 for a still.
        seconds: from the first frame to the end of the last.
        codec: name of the video codec or image format.
        pix_fmt: how pixels are stored.
        rotation_degrees: how far stored frames are turned clockwise to be seen: 0, 90, 180 or 270.
        has_alpha: whether transparency can be stored, used or not.
        is_variable_rate: whether gaps between frames differ by more than the clock's rounding.
        metadata: tags of the file.
    """

    width_px: int
    height_px: int
    num_frames: int
    fps: float
    seconds: float
    codec: str
    pix_fmt: str
    rotation_degrees: int
    has_alpha: bool
    is_variable_rate: bool
    metadata: dict[str, str] = field(default_factory=dict)


def probe(source: bytes | Path | str, *, limits: DecodeLimits | None = None) -> Probe:
    """Look into a trusted clip or image; `sandbox.probe_untrusted` does the same for files from outside.

    Args:
        source: the file's bytes, or its path.
        limits: bounds on bytes, pixels and frames.

    Returns:
        What it holds.

    Raises:
        MediaError: if it cannot be read or exceeds a limit.
    """
    limits = limits or DecodeLimits()
    with open_source(source, limits) as file:
        kind = sniff(file.read(HEAD_BYTES))
        file.seek(0)
        return probe_open(file, kind, limits=limits)


def probe_open(file: BufferedIOBase, kind: str, *, limits: DecodeLimits) -> Probe:
    """Look into an open file.

    Args:
        file: at its start.
        kind: from `sniff`.
        limits: bounds on pixels and frames.

    Returns:
        What it holds.

    Raises:
        MediaError: if it cannot be read or exceeds a limit.
    """
    if kind == "lossless":
        return _probe_lossless(file, limits)
    if kind in STILLS or kind in ANIMATIONS:
        return _probe_image(file, limits)
    return _probe_video(file, kind, limits)


def _probe_video(file: BufferedIOBase, kind: str, limits: DecodeLimits) -> Probe:
    from misora.video.convert import carries_alpha, orientation_of, shown_size
    from misora.video.reader import decoded, opened, seconds_of

    with opened(file, kind, limits=limits) as (container, stream):
        frame, _ = next(decoded(container, stream, wish=Wish()), (None, None))
        if frame is None:
            raise MediaError("the file holds no frames; it is empty or cut short")
        container.seek(0)
        times = sorted(
            seconds_of(packet.pts, packet.time_base)
            for packet in container.demux(stream)
            if packet.size and not packet.is_discard
        )
        orientation = orientation_of(frame)
        width, height = shown_size(frame, stream)
        return Probe(
            width_px=height if orientation.is_transposed else width,
            height_px=width if orientation.is_transposed else height,
            codec=stream.codec_context.codec.canonical_name,
            pix_fmt=frame.format.name,
            rotation_degrees=orientation.rotation_degrees,
            has_alpha=carries_alpha(frame.format),
            metadata=dict(container.metadata),
            **_clock(times, limits),
        )


def _probe_image(file: BufferedIOBase, limits: DecodeLimits) -> Probe:
    from misora.video.animation import STILL_NAMES, animation_times, opened_image

    with opened_image(file, STILL_NAMES, limits=limits) as image:
        turn = {3: 180, 4: 180, 5: 270, 6: 90, 7: 90, 8: 270}.get(image.getexif().get(0x0112, 1), 0)
        width, height = image.size[::-1] if turn in (90, 270) else image.size
        name, mode, has_alpha = str(image.format).lower(), image.mode, image.has_transparency_data
        comment = image.info.get("comment", b"")
        metadata = {"comment": comment.decode("utf-8", "replace")} if comment and isinstance(comment, bytes) else {}
        return Probe(
            width_px=width,
            height_px=height,
            codec=name,
            pix_fmt=mode,
            rotation_degrees=turn,
            has_alpha=has_alpha,
            metadata=metadata,
            **_clock(animation_times(image, limits), limits),
        )


def _probe_lossless(file: BufferedIOBase, limits: DecodeLimits) -> Probe:
    from misora.video.lossless import decode_lossless

    clip = decode_lossless(file.read(), limits)
    return Probe(
        width_px=clip.size[0],
        height_px=clip.size[1],
        codec="misora-lossless",
        pix_fmt="gbrp",
        rotation_degrees=0,
        has_alpha=False,
        **_clock(clip.pts_seconds.tolist(), limits),
    )


def _clock(times: list[float], limits: DecodeLimits) -> dict[str, Any]:
    if not times:
        raise MediaError("the file holds no frames; it is empty or cut short")
    check_amount(len(times), 0, seconds=times[-1] - times[0], limits=limits)
    gaps = [after - before for before, after in pairwise(times)]
    gap = median(gaps) if gaps else 1.0
    if gap <= 0:
        raise MediaError("frames are shown at the same time or out of order; remux the file")
    return {
        "num_frames": len(times),
        "fps": round(1 / gap, 6),
        "seconds": times[-1] - times[0] + gap,
        "is_variable_rate": any(abs(other - gap) > _UNEVEN * gap + 0.0011 for other in gaps),
    }
