"""A canvas as plain values, its pinned pixels by their hash: what a record keeps, and what names unfinished work."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, UInt8
from torch import Tensor

from misora.core.config import to_dict
from misora.core.errors import RecordError
from misora.generate.canvas import Canvas, Guidance
from misora.generate.control import Control
from misora.generate.pin import Curve, Pin
from misora.video.clip import Clip
from misora.video.line import Line

_MAX_MASK_PIXELS = 1 << 28


@dataclass(frozen=True, slots=True, kw_only=True)
class PinRecord:
    """A pin without its pixels.

    Attributes:
        rgb_sha256: of its frames, as `rgb_sha256` hashes them.
        first_sha256: of its first frame alone, by which it is found within a longer clip.
        num_frames: how many frames.
        size: width and height in pixels.
        at_seconds: where the first stands.
        region: left, top, right and bottom in pixels of the canvas; the whole picture when None.
        keep: how exactly it is kept, or a curve.
        weight: its share among rough pins, or a curve.
        hold: level at which it is held as context.
        is_card: whether it stands beside the clip.
        mask: its mask, packed; None when all its pixels are known.
    """

    rgb_sha256: str
    first_sha256: str
    num_frames: int
    size: tuple[int, int]
    at_seconds: float
    region: tuple[int, int, int, int] | None
    keep: float | Curve
    weight: float | Curve
    hold: float | None
    is_card: bool
    mask: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CanvasRecord:
    """A canvas without the pixels of its pins; field by field that of `Canvas`.

    Attributes:
        seconds: duration.
        fps: frames per second.
        width_px: width.
        height_px: height.
        lines: what is said, and when; without words where they are private.
        negative: what guidance walks away from.
        pins: what is known, by hash.
        controls: what follows the clip.
        guidance: how far conditions are exaggerated.
        seed: names the noise.
        is_still: whether it is one picture.
        lead_frames: made before the first and cut off.
        tail_frames: made after the last and cut off.
    """

    seconds: float
    fps: float
    width_px: int
    height_px: int
    lines: tuple[Line, ...]
    negative: str
    pins: tuple[PinRecord, ...]
    controls: tuple[Control, ...]
    guidance: Guidance
    seed: int
    is_still: bool
    lead_frames: int
    tail_frames: int


def record_canvas(canvas: Canvas) -> CanvasRecord:
    """Put a canvas down.

    Args:
        canvas: what was asked.

    Returns:
        Its values, with pins by hash.
    """
    return CanvasRecord(
        seconds=float(canvas.seconds),
        fps=float(canvas.fps),
        width_px=canvas.width_px,
        height_px=canvas.height_px,
        lines=canvas.lines,
        negative=canvas.negative,
        pins=tuple(map(_record_pin, canvas.pins)),
        controls=canvas.controls,
        guidance=canvas.guidance,
        seed=canvas.seed,
        is_still=canvas.is_still,
        lead_frames=canvas.lead_frames,
        tail_frames=canvas.tail_frames,
    )


def lay_again(record: CanvasRecord, clips: Mapping[str, Clip]) -> Canvas:
    """Lay a canvas from what was put down.

    Args:
        record: of `record_canvas`.
        clips: the pinned frames by their hash.

    Returns:
        The same canvas.

    Raises:
        RecordError: if the frames of a pin are not among them.
    """
    return Canvas(
        seconds=record.seconds,
        fps=record.fps,
        width_px=record.width_px,
        height_px=record.height_px,
        lines=record.lines,
        negative=record.negative,
        pins=tuple(_lay_pin(pin, clips) for pin in record.pins),
        controls=record.controls,
        guidance=record.guidance,
        seed=record.seed,
        is_still=record.is_still,
        lead_frames=record.lead_frames,
        tail_frames=record.tail_frames,
    )


def rgb_sha256(frames: UInt8[Tensor, "f 3 H W"]) -> str:
    """Hash frames: RGB, row by row, one frame after another; neither their number nor their size is a part of it.

    Args:
        frames: RGB 0..255.

    Returns:
        64 hexadecimal digits.
    """
    digest = hashlib.sha256()
    for frame in frames:
        digest.update(frame_bytes(frame))
    return digest.hexdigest()


def frame_bytes(frame: UInt8[Tensor, "3 H W"]) -> bytes:
    """The bytes of a frame as they are hashed: RGB, row by row.

    Args:
        frame: RGB 0..255.

    Returns:
        3 bytes a pixel.
    """
    return frame.permute(1, 2, 0).contiguous().cpu().numpy().tobytes()


def digest_of(value: Any) -> str:
    """Hash plain values in one canonical form.

    Args:
        value: what JSON can hold, or a dataclass of such.

    Returns:
        The SHA-256 of its JSON with sorted keys and without blanks, 64 hexadecimal digits.
    """
    plain = value if isinstance(value, dict) else to_dict(value)
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _record_pin(pin: Pin) -> PinRecord:
    return PinRecord(
        rgb_sha256=rgb_sha256(pin.clip.frames),
        first_sha256=rgb_sha256(pin.clip.frames[:1]),
        num_frames=pin.clip.num_frames,
        size=pin.clip.size,
        at_seconds=float(pin.at_seconds),
        region=pin.region,
        keep=pin.keep,
        weight=pin.weight,
        hold=pin.hold,
        is_card=pin.is_card,
        mask=None if pin.mask is None else _packed(pin.mask),
    )


def _lay_pin(record: PinRecord, clips: Mapping[str, Clip]) -> Pin:
    if record.rgb_sha256 not in clips:
        raise RecordError(
            f"the pin at {record.at_seconds:g} s ({record.num_frames} frames of {record.size[0]}x{record.size[1]}, hash "
            f"{record.rgb_sha256[:12]}) was not found; name the file it came from, or its folder, with --source"
        )
    clip = clips[record.rgb_sha256]
    shape = (clip.num_frames, *clip.size[::-1])
    return Pin(
        clip=clip,
        at_seconds=record.at_seconds,
        region=record.region,
        keep=record.keep,
        weight=record.weight,
        mask=None if record.mask is None else _unpacked(record.mask, shape),
        hold=record.hold,
        is_card=record.is_card,
    )


def _packed(mask: Bool[Tensor, "f H W"]) -> str:
    return base64.b64encode(zlib.compress(np.packbits(mask.cpu().numpy()).tobytes(), 9)).decode()


def _unpacked(text: str, shape: tuple[int, ...]) -> Bool[Tensor, "f H W"]:
    num = int(np.prod(shape))
    try:
        if num > _MAX_MASK_PIXELS:
            raise ValueError("too large")
        unpacking = zlib.decompressobj()
        data = unpacking.decompress(base64.b64decode(text, validate=True), -(-num // 8) + 1)
        if len(data) != -(-num // 8):
            raise ValueError(f"{len(data)} bytes for {num} pixels")
        bits = np.unpackbits(np.frombuffer(data, np.uint8), count=num)
        return torch.from_numpy(bits.reshape(shape).astype(bool))
    except (ValueError, zlib.error) as error:
        raise RecordError(f"the mask of a pin cannot be read ({error}); the record is broken") from error
