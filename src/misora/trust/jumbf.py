"""The bytes of a manifest that its own signature does not hold: checked to be exactly what they must be.

A manifest is a tree of JUMBF boxes (ISO/IEC 19566-5). The signature covers the claim, the claim the assertions; but labels
of the boxes around them, the padding of the signature and the wrapping in an mp4, PNG, JPEG, WebP or GIF are covered by
nothing, and readers overlook what stands there. None of it is free to vary, so any other byte is told.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping

from misora.trust.layout import C2PA_UUID

_TYPE_TAIL = bytes.fromhex("00110010800000aa00389b71")
_LABELS = {b"c2as": b"c2pa.assertions", b"c2cl": b"c2pa.claim.v2", b"c2cs": b"c2pa.signature"}
_REMAINS = (b"jumdc2pa", b"c2pa.assertions", b"c2pa.signature")
_LABELLED, _SALTED = 0x03, 0x13
_OUR_GENERATOR = b"dnamefmisora"  # the claim's generator in CBOR, which the signature holds
_Box = tuple[bytes, int, int]
_JPEG_SEGMENT_BYTES = 64_000
_GIF_BLOCK_BYTES = 255


def loose(store: bytes) -> list[str]:
    """Find bytes of a manifest store that nothing signs and that are not what they must be.

    Args:
        store: the manifest store; its last manifest is the active one.

    Returns:
        What was found, in words; empty if all is in order.
    """
    try:
        return list(_store(store))
    except _NotInOrderError as error:
        return [str(error)]


def parent_hashes(store: bytes) -> list[str]:
    """Hash every manifest of a store but the active one, so that a child can hold its parents' manifests to the byte.

    Args:
        store: the manifest store; its last manifest is the active one.

    Returns:
        SHA-256 of each, sorted; empty where the store cannot be walked.
    """
    try:
        [(kind, start, end)] = _whole(store, 0, len(store), "the manifest store")
        manifests = list(_children(store, kind, start, end))[1:-1]
    except _NotInOrderError:
        return []
    return sorted(hashlib.sha256(store[start - 8 : end]).hexdigest() for _, start, end in manifests)


def wrapped(store: bytes, mime: str) -> bytes:
    """Wrap a manifest store as it stands in a file.

    Args:
        store: the manifest store.
        mime: type of the file.

    Returns:
        The bytes between those that are hashed.
    """
    return _WRAPPINGS[mime](store)


def unwrapped(region: bytes, mime: str) -> bytes:
    """Take a manifest store out of its wrapping, believing the wrapping.

    Args:
        region: the bytes between those that are hashed.
        mime: type of the file.

    Returns:
        The manifest store; nonsense if the wrapping is, so compare `wrapped` of it.
    """
    if mime == "video/mp4":
        return region[45:]
    if mime == "image/png":
        return region[8:-4]
    if mime == "image/webp":
        return region[8 : 8 + int.from_bytes(region[4:8], "little")]
    if mime == "image/jpeg":
        return b"".join(_jpeg_payloads(region))
    return b"".join(_gif_payloads(region))


def has_remains(data: bytes) -> bool:
    """Whether bytes hold pieces of a manifest, though a reader found none."""
    return any(piece in data for piece in _REMAINS)


class _NotInOrderError(Exception):
    """Where the walk stopped."""


def _store(store: bytes) -> Iterator[str]:
    [(kind, start, end)] = _whole(store, 0, len(store), "the manifest store")
    children = list(_children(store, kind, start, end))
    if not children:
        raise _NotInOrderError("the manifest store is empty")
    yield from _described(store, children[0], b"c2pa", b"c2pa", "the manifest store")
    *parents, active = children[1:] or [children[0]]
    for parent in parents:
        if _OUR_GENERATOR in store[parent[1] : parent[2]]:  # another maker's may have another form
            yield from _manifest(store, parent, "the manifest of a parent")
    yield from _manifest(store, active, "the active manifest")


def _manifest(store: bytes, box: _Box, name: str) -> Iterator[str]:
    manifest = list(_children(store, *box))
    if not manifest:
        raise _NotInOrderError(f"{name} is empty")
    yield from _described(store, manifest[0], b"c2ma", None, name)
    wanted = dict(_LABELS)
    for kind, start, end in manifest[1:]:
        parts = list(_children(store, kind, start, end))
        kind_of_part = _kind(store, parts[0]) if parts else b""
        if kind_of_part not in wanted:
            yield f"a box {kind_of_part!r} stands in {name} beside those of the claim"
            continue
        label = wanted.pop(kind_of_part)
        yield from _described(store, parts[0], kind_of_part, label, f"the box {label.decode()}")
        if kind_of_part == b"c2as":
            yield from _assertions(store, parts[1:])
        elif len(parts) != 2 or parts[1][0] != b"cbor":
            yield f"the box {label.decode()} holds more than its content"
        elif kind_of_part == b"c2cs":
            yield from _signature(store[parts[1][1] : parts[1][2]])


def _assertions(store: bytes, boxes: list[_Box]) -> Iterator[str]:
    for kind, start, end in boxes:
        parts = list(_children(store, kind, start, end))
        if not parts or parts[0][0] != b"jumd" or store[parts[0][1] + 16] not in (_LABELLED, _SALTED):
            yield "an assertion is described in an unknown way"


def _signature(cose: bytes) -> Iterator[str]:
    """COSE_Sign1: tag 18, four items; the protected header is signed, the other may hold zeros alone."""
    try:
        place = _skip(cose, 0, b"\xd2\x84")
        _, place = _bytes(cose, place)
        place = _skip(cose, place, b"\xa1\x63pad")
        pad, place = _bytes(cose, place)
        place = _skip(cose, place, b"\xf6")
        signature, place = _bytes(cose, place)
    except (IndexError, ValueError):
        yield "the signature's header is not of the form that we write"
        return
    if any(pad):
        yield "the padding of the signature is not empty: something was written into it"
    if place != len(cose) or len(signature) != 64:
        yield "bytes follow the signature"


def _skip(data: bytes, place: int, expected: bytes) -> int:
    if data[place : place + len(expected)] != expected:
        raise ValueError("another item")
    return place + len(expected)


def _bytes(data: bytes, place: int) -> tuple[bytes, int]:
    """A byte string in the shortest form of CBOR."""
    head = data[place]
    if 0x40 <= head < 0x58:
        size, start = head - 0x40, place + 1
    elif head in (0x58, 0x59, 0x5A):
        width = 1 << (head - 0x58)
        size, start = int.from_bytes(data[place + 1 : place + 1 + width], "big"), place + 1 + width
    else:
        raise ValueError("no byte string")
    if start + size > len(data):
        raise ValueError("cut short")
    return data[start : start + size], start + size


def _described(store: bytes, box: _Box, kind: bytes, label: bytes | None, name: str) -> Iterator[str]:
    what, start, end = box
    body = store[start:end]
    expected = kind + _TYPE_TAIL + bytes([_LABELLED])
    is_labelled = body[17:] == (label or b"") + b"\0" if label else body[17:].startswith(b"urn:c2pa:")
    if what != b"jumd" or body[:17] != expected or not is_labelled or body.find(b"\0", 17) != len(body) - 1:
        yield f"{name} is described in other words than ours"


def _kind(store: bytes, box: _Box) -> bytes:
    return store[box[1] : box[1] + 4]


def _whole(store: bytes, start: int, end: int, name: str) -> list[_Box]:
    found = list(_walk(store, start, end))
    if len(found) != 1:
        raise _NotInOrderError(f"bytes stand beside {name}")
    return found


def _children(store: bytes, kind: bytes, start: int, end: int) -> Iterator[_Box]:
    if kind != b"jumb":
        raise _NotInOrderError(f"a box {kind!r} stands where a part of the manifest should")
    return _walk(store, start, end)


def _walk(store: bytes, start: int, end: int) -> Iterator[_Box]:
    while start < end:
        size = int.from_bytes(store[start : start + 4], "big")
        if size < 8 or start + size > end:
            raise _NotInOrderError("the boxes of the manifest do not fit into one another")
        yield store[start + 4 : start + 8], start + 8, start + size
        start += size


def _mp4(store: bytes) -> bytes:
    body = b"uuid" + C2PA_UUID + bytes(4) + b"manifest\0" + bytes(8) + store
    return (len(body) + 4).to_bytes(4, "big") + body


def _png(store: bytes) -> bytes:
    from zlib import crc32

    return len(store).to_bytes(4, "big") + b"caBX" + store + crc32(b"caBX" + store).to_bytes(4, "big")


def _webp(store: bytes) -> bytes:
    return b"C2PA" + len(store).to_bytes(4, "little") + store


def _jpeg(store: bytes) -> bytes:
    segments = []
    for number, start in enumerate(range(0, len(store), _JPEG_SEGMENT_BYTES), start=1):
        head = b"JP\x02\x11" + number.to_bytes(4, "big") + (store[:8] if number > 1 else b"")
        payload = head + store[start : start + _JPEG_SEGMENT_BYTES]
        segments.append(b"\xff\xeb" + (len(payload) + 2).to_bytes(2, "big") + payload)
    return b"".join(segments)


def _gif(store: bytes) -> bytes:
    blocks = [store[start : start + _GIF_BLOCK_BYTES] for start in range(0, len(store), _GIF_BLOCK_BYTES)]
    return b"\x21\xff\x0bC2PA_GIF\x01\0\0" + b"".join(bytes([len(block)]) + block for block in blocks) + b"\0"


def _jpeg_payloads(region: bytes) -> Iterator[bytes]:
    place, number = 0, 1
    while place + 12 <= len(region):
        size = int.from_bytes(region[place + 2 : place + 4], "big") + 2
        yield region[place + (12 if number == 1 else 20) : place + size]
        place, number = place + size, number + 1


def _gif_payloads(region: bytes) -> Iterator[bytes]:
    place = 14
    while place < len(region) and region[place]:
        yield region[place + 1 : place + 1 + region[place]]
        place += 1 + region[place]


_WRAPPINGS: Mapping[str, Callable[[bytes], bytes]] = {
    "video/mp4": _mp4,
    "image/png": _png,
    "image/webp": _webp,
    "image/jpeg": _jpeg,
    "image/gif": _gif,
}
