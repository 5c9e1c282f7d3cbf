"""From a decoder's frame to square, opaque, planar RGB pixels.

It imports no torch and no numpy, so that the decoding process starts quickly. swscale writes planar RGB, the layout of
a clip, with accurate rounding: its quick path is darker by more than one level on average.
"""

import struct
from typing import Any

from av.video.reformatter import Colorspace, ColorTrc, Interpolation, VideoReformatter

from misora.core.errors import MediaError
from misora.video.picture import Orientation, Picture, packed

_EXACT = Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT
_HIGH_DYNAMIC_RANGE = {int(ColorTrc.SMPTE2084), int(ColorTrc.ARIB_STD_B67)}
_UNSPECIFIED_MATRIX = 2
_HD_ROWS = 720
_PLANES = {"gbrp": (2, 0, 1), "gbrap": (2, 0, 1)}  # where red, green and blue lie


def to_picture(frame: Any, reformatter: VideoReformatter, *, pts_seconds: float, size: tuple[int, int]) -> Picture:
    """Convert one frame.

    Args:
        frame: out of a decoder.
        reformatter: kept from frame to frame, since setting it up costs more than a small frame.
        pts_seconds: when it is shown.
        size: (width_px, height_px) wanted, from `shown_size`.

    Returns:
        The pixels as stored, before they are turned upright.

    Raises:
        MediaError: if the frame is transparent somewhere or of high dynamic range.
    """
    if frame.color_trc in _HIGH_DYNAMIC_RANGE:
        raise MediaError("the video is of high dynamic range (PQ or HLG); convert it to BT.709 and save it again")
    kind = "gbrap" if carries_alpha(frame.format) else "gbrp"
    width, height = size
    scaling = Interpolation.BILINEAR if size == (frame.width, frame.height) else Interpolation.LANCZOS
    converted = reformatter.reformat(
        frame,
        width=width,
        height=height,
        format=kind,
        src_colorspace=_matrix(frame),
        dst_color_range="JPEG",
        interpolation=scaling | _EXACT,
        threads=1,
    )
    if kind == "gbrap":
        _refuse_transparent(converted)
    planes = [converted.planes[index] for index in _PLANES[kind]]
    return Picture(
        width_px=width,
        height_px=height,
        pts_seconds=pts_seconds,
        planes=(memoryview(planes[0]), memoryview(planes[1]), memoryview(planes[2])),
        strides_bytes=(planes[0].line_size, planes[1].line_size, planes[2].line_size),
    )


def orientation_of(frame: Any) -> Orientation:
    """How a decoded frame is to be turned.

    Args:
        frame: the first one out of the decoder.

    Returns:
        Upright unless the file says otherwise.

    Raises:
        MediaError: if it is to be shown at a skew angle.
    """
    data = frame.side_data.get("DISPLAYMATRIX")
    return Orientation() if data is None else Orientation.from_matrix(struct.unpack("=9i", bytes(data)[:36]))


def carries_alpha(pix_fmt: Any) -> bool:
    """Whether a pixel format has a plane or a byte for transparency, used or not.

    Args:
        pix_fmt: an `av.VideoFormat`.

    Returns:
        True for RGBA and its kin, and for palettes.
    """
    return any(component.is_alpha for component in pix_fmt.components) or pix_fmt.has_palette


def shown_size(frame: Any, stream: Any, *, short_side_px: int | None = None) -> tuple[int, int]:
    """The size of a frame once its pixels are square and it is no larger than wished.

    Args:
        frame: anything with the width and height stored.
        stream: where it comes from; tells the shape of a pixel.
        short_side_px: upper bound of the shorter side; None leaves it.

    Returns:
        (width_px, height_px), still to be turned.
    """
    aspect = stream.sample_aspect_ratio or stream.codec_context.sample_aspect_ratio
    width = frame.width * (float(aspect) if aspect else 1.0)
    shrink = 1.0 if short_side_px is None else min(1.0, short_side_px / min(width, frame.height))
    return max(1, round(width * shrink)), max(1, round(frame.height * shrink))


def _matrix(frame: Any) -> int | None:
    """Files that do not say are taken as players take them: BT.709 from 720 rows on, BT.601 below."""
    if frame.colorspace != _UNSPECIFIED_MATRIX:
        return None
    return int(Colorspace.ITU709 if frame.height >= _HD_ROWS else Colorspace.ITU601)


def _refuse_transparent(frame: Any) -> None:
    plane = frame.planes[3]
    alpha = packed(memoryview(plane), frame.width, height_px=frame.height, stride_bytes=plane.line_size)
    if bytes(alpha).count(b"\xff") != frame.width * frame.height:
        raise MediaError("the video is transparent in places; flatten it over a colour and save it again")
