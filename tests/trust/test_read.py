"""Manifests read out of files that anybody may have made."""

import io
import socket
from pathlib import Path

import pytest

from misora.core.errors import MediaError
from misora.core.seeds import numpy_rng
from misora.trust.home import Home
from misora.trust.keys import known_roots
from misora.trust.read import read


def test_every_format_is_read_and_clean(signed: dict[str, Path], kept_home: Home) -> None:
    for path in signed.values():
        with path.open("rb") as file:
            found = read(file, known_roots(kept_home)[0])
        assert found.is_trusted
        assert (found.failures, found.loose, found.changed, found.trouble) == ((), (), (), ""), path.suffix
        assert found.assertion("org.misora.generation")["model"] == "tiny"
        assert found.assertion("no.such.label") == {}


def test_a_file_without_a_manifest_has_none(frames) -> None:
    from misora.video.clip import Clip
    from misora.video.encode import encode

    found = read(io.BytesIO(encode(Clip.at_rate(frames, 8))), b"")
    assert (found.mime, found.manifest, found.trouble) == ("video/mp4", {}, "")
    assert read(io.BytesIO(b"YUV4MPEG2 W2 H2 F1:1\n"), b"").mime == ""
    with pytest.raises(MediaError, match="not a video or image"):
        read(io.BytesIO(b"words"), b"")


def test_a_damaged_box_of_the_manifest_is_told(signed: dict[str, Path], kept_home: Home) -> None:
    data = bytearray(signed[".mp4"].read_bytes())
    data[data.index(b"uuid") + 5] ^= 1
    assert "pieces of a manifest" in read(io.BytesIO(bytes(data)), known_roots(kept_home)[0]).trouble


def test_a_hostile_note_makes_no_crash(signed: dict[str, Path]) -> None:
    """The layout note of another signer may say anything."""
    from misora.trust import read as room

    for parts in ([{}], [{"name": 3, "size": -1, "pieces": 7}], [{"size": "x", "pieces": [1]}], [{"pieces": {}}] * 9):
        with signed[".mp4"].open("rb") as file:
            assert list(room._loose(file, "video/mp4", None, parts, []))


def test_broken_files_are_told_without_network(
    signed: dict[str, Path], kept_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "socket", None)
    rng, anchors = numpy_rng(3, "read"), known_roots(kept_home)[0]
    for path in signed.values():
        data = path.read_bytes()
        for _ in range(6):
            start, size = int(rng.integers(40, len(data))), int(rng.integers(1, 400))
            broken = data[:start] + rng.bytes(size) + data[start + size :]
            try:
                found = read(io.BytesIO(broken), anchors)
            except MediaError:
                continue
            assert broken == data or found.failures or found.trouble or found.loose or not found.manifest
