"""How a finished file lies in its bytes, written into its own manifest.

C2PA hashes an mp4 but for some boxes (`ftyp`, `free`, `skip`, `mfra`), so anything may be appended in them, and it tells that
a file was changed but not where. So before signing we note every box and the hashes of pieces of it; the reader holds the
file against the note.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BufferedIOBase
from itertools import pairwise
from typing import Any

from misora.core.errors import MediaError

LABEL = "org.misora.layout"
C2PA_UUID = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
_MAX_PIECES, _MIN_PIECE_BYTES = 16, 1024
_HASH_DIGITS = 32
_MAX_BOXES = 4096
_REWRITTEN_HEADS = {"image/webp": 12}  # the size of the whole file stands there
_REWRITTEN = frozenset({"moov"})  # its offsets change when the manifest is put before the pictures


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Some bytes of a file.

    Attributes:
        name: of the box they are, or what they are.
        offset: of the first, from the start of the file.
        size: how many.
    """

    name: str
    offset: int
    size: int

    def __str__(self) -> str:
        return f"bytes {self.offset} to {self.offset + self.size - 1} ({self.name})"


def boxes(file: BufferedIOBase) -> list[Stretch]:
    """Walk the outermost boxes of an mp4.

    Args:
        file: readable and seekable.

    Returns:
        The boxes in order; that of the manifest is called `c2pa`.

    Raises:
        MediaError: if a box does not end where the file does, or there are absurdly many.
    """
    end = file.seek(0, 2)
    found: list[Stretch] = []
    offset = 0
    while offset < end:
        if len(found) == _MAX_BOXES:
            raise MediaError(f"the file has more than {_MAX_BOXES} boxes; it is broken or hostile")
        file.seek(offset)
        head = file.read(32)
        size, start = int.from_bytes(head[:4], "big"), 8
        if size == 1:
            size, start = int.from_bytes(head[8:16], "big"), 16
        elif size == 0:
            size = end - offset
        if len(head) < 8 or size < start or offset + size > end:
            raise MediaError(f"the box at byte {offset} does not end within the file; it is cut short or broken")
        name = head[4:8].decode("latin-1")
        is_manifest = name == "uuid" and head[start : start + 16] == C2PA_UUID
        found.append(Stretch(name="c2pa" if is_manifest else name, offset=offset, size=size))
        offset += size
    return found


def note(file: BufferedIOBase, mime: str) -> list[dict[str, Any]]:
    """Note how a file lies in its bytes, before it is signed.

    Args:
        file: the finished file.
        mime: its type.

    Returns:
        One entry a box of an mp4, one for any other file: name, size, and hashes of its pieces in order.

    Raises:
        MediaError: if it is an mp4 that cannot be walked.
    """
    if mime != "video/mp4":
        [(name, spans)] = _regions(file, mime, None)
        return [{"name": name, "size": sum(length for _, length in spans), "pieces": _hashes(file, spans)}]
    entries = []
    for box in boxes(file):
        entry: dict[str, Any] = {"name": box.name, "size": box.size}
        if box.name not in _REWRITTEN:
            entry["pieces"] = _hashes(file, [(box.offset, box.size)])
        entries.append(entry)
    return entries


def strange_boxes(file: BufferedIOBase, noted: Sequence[Mapping[str, Any]]) -> list[Stretch]:
    """Find boxes of a signed mp4 that its note does not know, or that no longer are what it says.

    Only what C2PA leaves unhashed is compared byte for byte; the rest is held by the signature.

    Args:
        file: the signed file.
        noted: from `note`.

    Returns:
        What is strange; missing boxes count as strange at the end of the file.

    Raises:
        MediaError: if the file cannot be walked.
    """
    strange, expected = [], list(noted)
    num_manifests = 0
    for box in boxes(file):
        if box.name == "c2pa":
            num_manifests += 1
            if num_manifests > 1:
                strange.append(box)
            continue
        entry = expected[0] if expected else None
        if entry is None or (entry.get("name"), entry.get("size")) != (box.name, box.size):
            strange.append(box)
            continue
        expected.pop(0)
        if box.name in _UNHASHED and entry.get("pieces") != _hashes(file, [(box.offset, box.size)]):
            strange.append(box)
    end = file.seek(0, 2)
    return strange + [Stretch(name=f"missing {entry.get('name')}", offset=end, size=0) for entry in expected]


_UNHASHED = frozenset({"ftyp", "free", "skip", "mfra"})


def changed(
    file: BufferedIOBase, mime: str, noted: Sequence[Mapping[str, Any]], manifest: Stretch | None
) -> list[Stretch]:
    """Say which bytes of a signed file are not those that were signed.

    Args:
        file: the file.
        mime: its type.
        noted: from `note`.
        manifest: where the manifest lies in a file that is not an mp4.

    Returns:
        Stretches that differ, neighbours joined; where only the index of an mp4 is left, that one.
    """
    try:
        found = _regions(file, mime, manifest)
    except MediaError:
        end = file.seek(0, 2)
        return [Stretch(name="boxes that do not fit together", offset=0, size=end)]
    differing: list[Stretch] = []
    for position, entry in enumerate(noted):
        size, pieces = int(entry.get("size", 0)), entry.get("pieces")
        region = found[position] if position < len(found) else None
        if region is None or region[0] != entry.get("name"):
            differing.append(Stretch(name=f"{entry.get('name')} is missing", offset=file.seek(0, 2), size=0))
        elif pieces is not None:
            differing += _differing(file, str(entry["name"]), region[1], size, pieces)
    if differing or mime != "video/mp4":
        return differing
    return [Stretch(name=name, offset=spans[0][0], size=spans[0][1]) for name, spans in found if name in _REWRITTEN]


_Spans = list[tuple[int, int]]


def _regions(file: BufferedIOBase, mime: str, manifest: Stretch | None) -> list[tuple[str, _Spans]]:
    """The parts that a note speaks of, as they lie in the signed file: without the manifest."""
    if mime == "video/mp4":
        return [(box.name, [(box.offset, box.size)]) for box in boxes(file) if box.name != "c2pa"]
    end, start = file.seek(0, 2), _REWRITTEN_HEADS.get(mime, 0)
    if manifest is None:
        return [("file", [(start, max(0, end - start))])]
    before, after = max(start, manifest.offset), max(start, manifest.offset + manifest.size)
    return [("file", [(start, before - start), (after, max(0, end - after))])]


def _differing(file: BufferedIOBase, name: str, spans: _Spans, size: int, pieces: Sequence[str]) -> list[Stretch]:
    found, joined = _hashes(file, spans, size), []
    for index, (start, end) in enumerate(_bounds(size)):
        if index < min(len(found), len(pieces)) and found[index] == pieces[index]:
            continue
        offset = _position(spans, start)
        last = joined[-1] if joined else None
        if last is not None and last.offset + last.size == offset:
            joined[-1] = Stretch(name=name, offset=last.offset, size=last.size + end - start)
        else:
            joined.append(Stretch(name=name, offset=offset, size=end - start))
    if not joined and (surplus := sum(length for _, length in spans) - size) > 0:
        joined.append(Stretch(name=f"{name}, surplus", offset=_position(spans, size), size=surplus))
    return joined


def _bounds(size: int) -> Iterator[tuple[int, int]]:
    num_pieces = min(_MAX_PIECES, max(1, size // _MIN_PIECE_BYTES))
    cuts = [size * index // num_pieces for index in range(num_pieces + 1)]
    return ((start, end) for start, end in pairwise(cuts) if end > start)


def _position(spans: _Spans, place: int) -> int:
    for offset, length in spans:
        if place < length:
            return offset + place
        place -= length
    return spans[-1][0] + spans[-1][1]


def _hashes(file: BufferedIOBase, spans: _Spans, size: int | None = None) -> list[str]:
    """Hashes of pieces of the spans laid one after another."""
    total = sum(length for _, length in spans) if size is None else size
    return [_hash(file, spans, start, end) for start, end in _bounds(total)]


def _hash(file: BufferedIOBase, spans: _Spans, start: int, end: int) -> str:
    digest, passed = hashlib.sha256(), 0
    for offset, length in spans:
        low, high = max(start, passed), min(end, passed + length)
        if low < high:
            file.seek(offset + low - passed)
            digest.update(file.read(high - low))
        passed += length
    return digest.hexdigest()[:_HASH_DIGITS]
