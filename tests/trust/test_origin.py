"""What a watermark points to."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.nn.functional import interpolate

from misora.core.files import sha256_file
from misora.core.seeds import generator
from misora.trust import store
from misora.trust.home import Home
from misora.trust.markkey import load_key
from misora.trust.origin import origin_of
from misora.trust.verify import verify
from misora.trust.watermark import embed
from misora.video.clip import Clip
from misora.video.decode import decode
from misora.video.encode import write_clip

Sign = Callable[..., Path]


def scene(name: str) -> Tensor:
    """Frames large enough for the mark."""
    coarse = torch.rand(1, 3, 5, 8, 8, generator=generator(name))
    fine = interpolate(coarse, size=(16, 128, 128), mode="trilinear", align_corners=True)
    return fine[0].permute(1, 0, 2, 3).mul(255).to(torch.uint8).contiguous()


@pytest.fixture(scope="module")
def marked(sign: Sign, kept_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished video."""
    return sign(tmp_path_factory.mktemp("origin") / "a.mp4", kept_home, frames=scene("mine"))


def test_a_copy_without_its_manifest_is_found_by_its_mark(marked: Path, kept_home: Home, tmp_path: Path) -> None:
    write_clip(decode(marked), tmp_path / "copy.mp4", crf=18)
    found = origin_of(tmp_path / "copy.mp4", kept_home)
    assert found.state == "ours"
    assert found.entry is not None
    assert found.entry.title == "a.mp4"
    assert "a hint, no proof" in found.words


def test_a_mark_copied_onto_other_frames_is_told_by_their_looks(marked: Path, kept_home: Home, tmp_path: Path) -> None:
    """The mark of a finished file, estimated or forged, on a clip that this installation never made."""
    entry = store.find_file(kept_home, sha256_file(marked))
    assert entry is not None
    forged = embed(scene("theirs"), mark_id=entry.id, key=load_key(kept_home.mark_key_path))
    write_clip(Clip.at_rate(forged, 8), tmp_path / "forged.mp4")
    found = origin_of(tmp_path / "forged.mp4", kept_home)
    assert found.state == "unlike"
    assert "the mark may be copied" in found.words


def test_a_mark_with_an_id_that_was_never_given_is_told(marked: Path, kept_home: Home, tmp_path: Path) -> None:
    unknown = embed(scene("mine"), mark_id=5, key=load_key(kept_home.mark_key_path))
    write_clip(Clip.at_rate(unknown, 8), tmp_path / "unknown.mp4")
    assert origin_of(tmp_path / "unknown.mp4", kept_home).state == "unknown id"


def test_without_a_mark_a_key_or_frames_it_says_so(home: Home, kept_home: Home, marked: Path, tmp_path: Path) -> None:
    write_clip(Clip.at_rate(scene("mine"), 8), tmp_path / "plain.mp4")
    assert origin_of(tmp_path / "plain.mp4", kept_home).state == "none"
    assert origin_of(marked, home).state == "no key"
    assert not home.folder.exists()
    (tmp_path / "broken.mp4").write_bytes(marked.read_bytes()[:3000])
    assert origin_of(tmp_path / "broken.mp4", kept_home).state == "unreadable"


def test_an_id_whose_entry_is_broken_does_not_count_as_never_given(sign: Sign, home: Home, tmp_path: Path) -> None:
    path = sign(tmp_path / "a.mp4", home, frames=scene("mine"))
    [entry] = (home.folder / "made").rglob("*.json")
    entry.write_bytes(entry.read_bytes()[:-9])
    found = origin_of(path, home)
    assert found.state == "broken entry"
    assert str(entry) in found.words
    assert verify(path, home).broken_entry == str(entry)
