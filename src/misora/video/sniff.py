"""A file opened, and its kind told by its first bytes; names and declared types are never believed.

The answer is forced upon the demuxer: left to guess, it would also open playlists and scripts that name other files.
"""

import io
from io import BufferedIOBase
from pathlib import Path

from misora.core.errors import MediaError
from misora.video.limits import DecodeLimits

HEAD_BYTES = 192
STILLS = ("png", "jpeg", "bmp")
ANIMATIONS = ("gif", "webp")
LOSSLESS_MAGIC = b"misora\x00\x01"

_MOV_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
_STARTS = (
    (LOSSLESS_MAGIC, "lossless"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"BM", "bmp"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"\x1a\x45\xdf\xa3", "matroska"),
    (b"YUV4MPEG2 ", "yuv4mpegpipe"),
)


def sniff(head: bytes) -> str:
    """Name the kind of a media file.

    Args:
        head: its first `HEAD_BYTES` bytes, or all of a shorter file.

    Returns:
        "lossless", a name in `STILLS` or `ANIMATIONS`, or the demuxer to force: "mov", "matroska", "avi", "mpegts" or
        "yuv4mpegpipe".

    Raises:
        MediaError: if it is empty or none of these.
    """
    if not head:
        raise MediaError("the file is empty")
    for start, kind in _STARTS:
        if head.startswith(start):
            return kind
    if head[4:8] in _MOV_BOXES:
        return "mov"
    if head[:4] == b"RIFF" and head[8:12] in (b"AVI ", b"WEBP"):
        return "avi" if head[8:12] == b"AVI " else "webp"
    if head[:1] == b"G" and head[188:189] == b"G":
        return "mpegts"
    raise MediaError(
        f"not a video or image of a known kind (it starts with {head[:8].hex(' ')}); "
        "give mp4, mov, webm, mkv, avi, ts, y4m, gif, webp, png, jpeg or bmp"
    )


def open_source(source: bytes | Path | str, limits: DecodeLimits) -> BufferedIOBase:
    """Open bytes or a regular file for reading.

    Args:
        source: the file's bytes, or its path.
        limits: the largest file allowed.

    Returns:
        Something to read and seek.

    Raises:
        MediaError: if it is missing, not a regular file, empty, or too large.
    """
    if isinstance(source, bytes):
        num_bytes = len(source)
        file: BufferedIOBase = io.BytesIO(source)
    else:
        path = Path(source)
        if not path.is_file():
            raise MediaError(f"{path} {'is not a file' if path.exists() else 'does not exist'}; give a video file")
        num_bytes = path.stat().st_size
        if num_bytes == 0:
            raise MediaError(f"{path}: the file is empty; give a video file")
        file = path.open("rb")
    if num_bytes > limits.max_file_bytes:
        file.close()
        raise MediaError(f"the file has {num_bytes} bytes, more than the {limits.max_file_bytes} allowed; cut it")
    return file
