"""Clips kept bit for bit, small and quick to read: the form of rendered clips in a corpus.

Rendered pixels repeat exactly, within a frame and from frame to frame. Keeping red and blue as differences from green,
and every pixel as the difference from its left neighbour, makes the repeats plain to a dictionary coder (Zstandard),
which reads several times faster than any lossless video codec and, on such clips, is about as small.
`benchmarks/video.py` measures it against them.
"""

import struct
import zlib
from typing import Any

import torch
from jaxtyping import UInt8
from torch import Tensor

from misora.core.errors import MediaError
from misora.video.clip import Clip
from misora.video.limits import DecodeLimits, check_amount, check_pixels
from misora.video.sniff import LOSSLESS_MAGIC

_LEVEL = 9
_HEADER = struct.Struct("<8sIIII")  # magic, frames, height, width, checksum of these and all that follows
_SECONDS_BYTES = 8


def encode_lossless(clip: Clip) -> bytes:
    """Pack a clip so that `decode` gives back every bit of it.

    Args:
        clip: pixels and times.

    Returns:
        A header with a checksum, the times as float64, and the compressed pixels.
    """
    body = clip.pts_seconds.numpy().astype("<f8").tobytes() + _codec().compress(
        _to_differences(clip.frames).numpy().reshape(-1).data, asbytes=True
    )
    frames, _, height, width = clip.frames.shape
    return _HEADER.pack(LOSSLESS_MAGIC, frames, height, width, _checksum((frames, height, width), body)) + body


def decode_lossless(data: bytes, limits: DecodeLimits) -> Clip:
    """Unpack what `encode_lossless` packed.

    Args:
        data: the packed clip.
        limits: checked against the header before anything is allocated.

    Returns:
        The same clip, bit for bit.

    Raises:
        MediaError: if it is cut short, changed, or exceeds a limit.
    """
    if len(data) < _HEADER.size:
        raise MediaError(f"the clip is cut short: {len(data)} bytes, less than its header; encode it again")
    _, frames, height, width, checksum = _HEADER.unpack_from(data)
    body = memoryview(data)[_HEADER.size :]
    times_bytes, pixels_bytes = frames * _SECONDS_BYTES, frames * 3 * height * width
    if len(body) <= times_bytes or _checksum((frames, height, width), body) != checksum:
        raise MediaError("the clip's checksum does not match: it was changed or cut short; encode it again")
    check_pixels(width, height, limits=limits)
    check_amount(frames, pixels_bytes, seconds=0.0, limits=limits)
    times = torch.frombuffer(bytearray(body[:times_bytes]), dtype=torch.float64)
    packed = _codec().decompress(body[times_bytes:], pixels_bytes)
    differences = torch.frombuffer(packed, dtype=torch.uint8).reshape(frames, 3, height, width)
    return Clip(frames=_from_differences(differences), pts_seconds=times)


def _to_differences(frames: UInt8[Tensor, "f 3 H W"]) -> UInt8[Tensor, "f 3 H W"]:
    red, green, blue = frames.unbind(1)
    planes = torch.stack([red - green, green, blue - green], dim=1)  # modulo 256
    planes[..., 1:] -= planes[..., :-1].clone()
    return planes


def _from_differences(differences: UInt8[Tensor, "f 3 H W"]) -> UInt8[Tensor, "f 3 H W"]:
    planes = differences.cumsum(dim=-1, dtype=torch.uint8)
    planes[:, 0] += planes[:, 1]
    planes[:, 2] += planes[:, 1]
    return planes


def _checksum(shape: tuple[int, int, int], body: bytes | memoryview) -> int:
    return zlib.crc32(body, zlib.crc32(struct.pack("<III", *shape)))


def _codec() -> Any:
    import pyarrow

    return pyarrow.Codec("zstd", compression_level=_LEVEL)
