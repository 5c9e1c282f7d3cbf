"""Words for programs that know no C2PA: IPTC's `digitalSourceType` in XMP, written into the file before it is signed.

XMP stands where Adobe's specification puts it (XMP Part 3): a text chunk of PNG, an APP1 segment of JPEG, a chunk of WebP, an
extension of GIF, a `uuid` box of mp4.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from zlib import crc32

from misora import __version__
from misora.core.errors import MediaError, OutputError

XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_JPEG_HEAD = b"http://ns.adobe.com/xap/1.0/\0"
_GIF_TRAILER = b"\x01" + bytes(range(255, -1, -1)) + b"\0"
_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    Iptc4xmpExt:DigitalSourceType="{source}" Iptc4xmpExt:AISystemUsed="misora" Iptc4xmpExt:AISystemVersionUsed="{version}"
    xmp:CreatorTool="misora {version}"/>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""


def packet(source_type: str) -> bytes:
    """Write the XMP packet.

    Args:
        source_type: IPTC's digital source type, a URL.

    Returns:
        XML in UTF-8.
    """
    return _PACKET.format(source=source_type, version=__version__).encode()


def disclose(path: Path, mime: str, source_type: str) -> None:
    """Put the disclosure into a file that is not signed yet.

    Args:
        path: the file, changed in place.
        mime: its type.
        source_type: IPTC's digital source type.

    Raises:
        MediaError: if the file is not of its type.
        OutputError: if it cannot be written.
    """
    xmp = packet(source_type)
    try:
        if mime == "video/mp4":
            with path.open("ab") as file:
                file.write(_mp4_box(xmp))
        else:
            path.write_bytes(_INSERTIONS[mime](path.read_bytes(), xmp))
    except OSError as error:
        raise OutputError(f"cannot write {path.name}: {error.strerror}; free some space") from error


def _mp4_box(xmp: bytes) -> bytes:
    return (24 + len(xmp)).to_bytes(4, "big") + b"uuid" + XMP_UUID + xmp


def _png(data: bytes, xmp: bytes) -> bytes:
    _expect(data[12:16] == b"IHDR", "PNG")
    body = b"iTXt" + b"XML:com.adobe.xmp\0\0\0\0\0" + xmp
    chunk = (len(body) - 4).to_bytes(4, "big") + body + crc32(body).to_bytes(4, "big")
    after = 8 + 12 + int.from_bytes(data[8:12], "big")
    return data[:after] + chunk + data[after:]


def _jpeg(data: bytes, xmp: bytes) -> bytes:
    _expect(data[:3] == b"\xff\xd8\xff", "JPEG")
    segment = b"\xff\xe1" + (2 + len(_JPEG_HEAD) + len(xmp)).to_bytes(2, "big") + _JPEG_HEAD + xmp
    after = 2
    while data[after : after + 2] in (b"\xff\xe0", b"\xff\xe1"):  # JFIF and EXIF come first
        after += 2 + int.from_bytes(data[after + 2 : after + 4], "big")
    return data[:after] + segment + data[after:]


def _webp(data: bytes, xmp: bytes) -> bytes:
    _expect(data[:4] == b"RIFF" and data[8:12] == b"WEBP", "WebP")
    body = data[12:]
    if body[:4] != b"VP8X":
        body = _extended(body) + body
    flagged = body[:8] + bytes([body[8] | 0x04]) + body[9:]
    chunk = b"XMP " + len(xmp).to_bytes(4, "little") + xmp + bytes(len(xmp) % 2)
    return b"RIFF" + (4 + len(flagged) + len(chunk)).to_bytes(4, "little") + b"WEBP" + flagged + chunk


def _extended(body: bytes) -> bytes:
    """The header that a WebP needs before it may hold more than a picture."""
    if body[:4] == b"VP8 ":
        width, height = (int.from_bytes(body[place : place + 2], "little") & 0x3FFF for place in (14, 16))
    else:
        _expect(body[:4] == b"VP8L", "WebP")
        bits = int.from_bytes(body[9:13], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    extent = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"VP8X" + (10).to_bytes(4, "little") + bytes(4) + extent


def _gif(data: bytes, xmp: bytes) -> bytes:
    _expect(data[:6] == b"GIF89a" and data[-1:] == b"\x3b", "GIF")
    return data[:-1] + b"\x21\xff\x0bXMP DataXMP" + xmp + _GIF_TRAILER + b"\x3b"


def _expect(is_so: bool, kind: str) -> None:
    if not is_so:
        raise MediaError(f"the encoder wrote no {kind}; nothing was signed")


_INSERTIONS: Mapping[str, Callable[[bytes, bytes], bytes]] = {
    "image/png": _png,
    "image/jpeg": _jpeg,
    "image/webp": _webp,
    "image/gif": _gif,
}
