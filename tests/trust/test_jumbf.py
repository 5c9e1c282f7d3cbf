"""Bytes of a manifest that nothing signs."""

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from misora.core.files import sha256_file
from misora.core.seeds import numpy_rng
from misora.trust.claim import Making
from misora.trust.home import Home
from misora.trust.jumbf import has_remains, loose, parent_hashes, unwrapped, wrapped
from misora.trust.keys import known_roots
from misora.trust.read import read
from misora.trust.store import find_file

MIME_TYPES = {
    ".mp4": "video/mp4",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".png": "image/png",
    ".jpg": "image/jpeg",
}


@pytest.fixture(scope="module")
def store(signed: dict[str, Path], kept_home: Home) -> bytes:
    """A manifest store as it was signed."""
    entry = find_file(kept_home, sha256_file(signed[".mp4"]))
    assert entry is not None
    return entry.manifest


@pytest.mark.parametrize("suffix", MIME_TYPES)
@pytest.mark.parametrize("times", [1, 40])
def test_a_store_is_wrapped_as_it_stands_in_a_file(
    suffix: str, times: int, signed: dict[str, Path], kept_home: Home, store: bytes
) -> None:
    whole = store * times
    assert unwrapped(wrapped(whole, MIME_TYPES[suffix]), MIME_TYPES[suffix]) == whole
    entry = find_file(kept_home, sha256_file(signed[suffix]))
    assert entry is not None
    assert wrapped(entry.manifest, MIME_TYPES[suffix]) in signed[suffix].read_bytes()


def test_what_we_sign_is_in_order(store: bytes) -> None:
    assert loose(store) == []


def test_padding_labels_and_sizes_are_held(store: bytes) -> None:
    pad = store.index(b"cpadY" if b"cpadY" in store else b"cpad") + 20
    label = store.index(b"c2pa.signature\0", store.index(b"c2cs")) + 3
    for place, words in ((pad, "padding of the signature"), (label, "other words"), (3, "do not fit")):
        edited = bytearray(store)
        edited[place] ^= 1
        assert any(words in found for found in loose(bytes(edited))), words
    assert loose(store + b"\0\0\0\x08free") == ["bytes stand beside the manifest store"]


def test_no_byte_of_a_manifest_changes_unseen(signed: dict[str, Path], kept_home: Home) -> None:
    data, rng = signed[".png"].read_bytes(), numpy_rng(1, "jumbf")
    entry = find_file(kept_home, sha256_file(signed[".png"]))
    assert entry is not None
    size, anchors = len(wrapped(entry.manifest, "image/png")), known_roots(kept_home)[0]
    for place in rng.choice(size, 120, replace=False):
        edited = bytearray(data)
        edited[33 + int(place)] ^= 1 << int(rng.integers(8))
        found = read(io.BytesIO(bytes(edited)), anchors)
        assert found.failures or found.loose or found.trouble, int(place)


@pytest.mark.parametrize("data", [b"", b"\0" * 64, b"\0\0\0\x08jumb", b"\0\0\0\x10jumb\0\0\0\x08jumd", b"\xff" * 40])
def test_nonsense_is_told_and_no_crash(data: bytes) -> None:
    assert loose(data)
    assert not has_remains(data)


def test_no_byte_of_a_parents_manifest_changes_unseen(
    sign: Callable[..., Path], signed: dict[str, Path], making: Making, kept_home: Home, tmp_path: Path
) -> None:
    parents = (signed[".mp4"], signed[".gif"])
    path = sign(tmp_path / "child.png", kept_home, making=replace(making, parents=parents))
    data, rng, anchors = path.read_bytes(), numpy_rng(2, "jumbf"), known_roots(kept_home)[0]
    untouched = read(io.BytesIO(data), anchors)
    assert (untouched.failures, untouched.loose) == ((), ())
    assert len(parent_hashes(unwrapped(data[33:], "image/png")[: int.from_bytes(data[33:37], "big")])) == 2
    size = int.from_bytes(data[33:37], "big") + 12
    for place in rng.choice(size, 120, replace=False):
        edited = bytearray(data)
        edited[33 + int(place)] ^= 1 << int(rng.integers(8))
        found = read(io.BytesIO(bytes(edited)), anchors)
        assert found.failures or found.history_failures or found.loose or found.trouble, int(place)
