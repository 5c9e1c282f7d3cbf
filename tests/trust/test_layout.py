"""How files lie in their bytes."""

import io
from pathlib import Path

import pytest

from misora.core.errors import MediaError
from misora.trust.layout import Stretch, boxes, changed, note, strange_boxes


def box(name: bytes, body: bytes) -> bytes:
    return (8 + len(body)).to_bytes(4, "big") + name + body


PLAIN = box(b"ftyp", b"isom") + box(b"moov", b"index" * 9) + box(b"free", b"") + box(b"mdat", bytes(range(250)) * 80)


def test_boxes_are_walked_in_every_way_sizes_are_written() -> None:
    large = (1).to_bytes(4, "big") + b"mdat" + (20).to_bytes(8, "big") + b"data"
    rest = (0).to_bytes(4, "big") + b"free" + b"to the end"
    found = boxes(io.BytesIO(box(b"ftyp", b"isom") + large + rest))
    assert [(part.name, part.offset, part.size) for part in found] == [
        ("ftyp", 0, 12),
        ("mdat", 12, 20),
        ("free", 32, 18),
    ]


@pytest.mark.parametrize("data", [b"\0\0\0\x40mdat", b"\0\0\0\x04mdat", b"\0\0\0", b"\0\0\0\x01mdat\0\0\0\0\0\0\0\x08"])
def test_boxes_that_do_not_fit_are_refused(data: bytes) -> None:
    with pytest.raises(MediaError, match="does not end within the file"):
        boxes(io.BytesIO(data))


def test_endless_boxes_are_refused() -> None:
    with pytest.raises(MediaError, match="more than 4096 boxes"):
        boxes(io.BytesIO(box(b"free", b"") * 5000))


def test_a_changed_piece_is_told_by_its_bytes() -> None:
    noted = note(io.BytesIO(PLAIN), "video/mp4")
    assert changed(io.BytesIO(PLAIN), "video/mp4", noted, None)[0].name == "moov", "what is left is the index"
    place = len(PLAIN) - 30
    edited = bytearray(PLAIN)
    edited[place] ^= 1
    [stretch] = changed(io.BytesIO(bytes(edited)), "video/mp4", noted, None)
    assert stretch.name == "mdat"
    assert stretch.offset <= place < stretch.offset + stretch.size
    assert stretch.size < 2000


@pytest.mark.parametrize(
    ("edited", "name"),
    [
        (PLAIN + box(b"free", b"hidden"), "free"),
        (box(b"ftyp", b"avc1") + PLAIN[12:], "ftyp"),
        (PLAIN[:12] + box(b"skip", b"") + PLAIN[12:], "skip"),
        (PLAIN[:12] + PLAIN[12:].replace(box(b"free", b""), b""), "mdat"),
    ],
)
def test_boxes_that_were_not_noted_are_strange(edited: bytes, name: str) -> None:
    noted = note(io.BytesIO(PLAIN), "video/mp4")
    assert strange_boxes(io.BytesIO(PLAIN), noted) == []
    assert strange_boxes(io.BytesIO(edited), noted)[0].name == name


def test_a_second_manifest_is_strange(signed: dict[str, Path]) -> None:
    data = signed[".mp4"].read_bytes()
    parts = boxes(io.BytesIO(data))
    [manifest] = [part for part in parts if part.name == "c2pa"]
    twice = data + data[manifest.offset : manifest.offset + manifest.size]
    noted = [{"name": part.name, "size": part.size} for part in parts if part.name != "c2pa"]
    assert strange_boxes(io.BytesIO(twice), noted)[-1] == Stretch(name="c2pa", offset=len(data), size=manifest.size)


def test_other_files_are_noted_without_their_manifest() -> None:
    data = bytes(range(256)) * 20
    noted = note(io.BytesIO(data), "image/png")
    with_manifest = data[:33] + b"m" * 100 + data[33:]
    region = Stretch(name="c2pa", offset=33, size=100)
    assert changed(io.BytesIO(with_manifest), "image/png", noted, region) == []
    edited = bytearray(with_manifest)
    edited[4000] ^= 1
    [stretch] = changed(io.BytesIO(bytes(edited)), "image/png", noted, region)
    assert stretch.offset <= 4000 < stretch.offset + stretch.size
    [surplus] = changed(io.BytesIO(with_manifest + b"more"), "image/png", noted, region)
    assert (surplus.offset, surplus.size) == (len(with_manifest), 4)
    [missing] = changed(io.BytesIO(with_manifest[:-600]), "image/png", noted, region)
    assert missing.offset + missing.size >= len(with_manifest) - 600
