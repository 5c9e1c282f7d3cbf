"""Files from outside, looked into, and the answer in words."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from misora.core.errors import MediaError
from misora.trust import inspect as rooms
from misora.trust.inspect import inspect, kind_of, words_of
from misora.trust.tile import MarkKey
from misora.trust.watermark import embed
from misora.video.clip import Clip
from misora.video.encode import write_clip
from misora.video.image import write_image

KEY = MarkKey(bytes(range(32)))


@pytest.fixture(scope="module")
def marked() -> torch.Tensor:
    noise = np.random.default_rng(0).normal(120, 4, (1, 3, 96, 96)).astype(np.uint8)
    return embed(torch.from_numpy(noise.repeat(6, 0)), mark_id=0xAB, key=KEY)


@pytest.mark.parametrize("name", ["clip.mp4", "clip.gif", "still.jpg"])
def test_a_file_is_read_for_its_mark(name: str, marked: torch.Tensor, tmp_path: Path) -> None:
    path = tmp_path / name
    write_image(path, marked[0]) if name == "still.jpg" else write_clip(Clip.at_rate(marked, 8), path)
    assert inspect(path, KEY).mark_id == 0xAB


def test_of_a_long_video_the_middle_is_looked_at(
    marked: torch.Tensor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float | None] = []
    real = rooms.decode_untrusted

    def decode(path: Path, limits: object, *, from_seconds: float | None, to_seconds: float | None) -> Clip:
        asked.extend([from_seconds, to_seconds])
        return real(path, limits, from_seconds=from_seconds, to_seconds=to_seconds)

    monkeypatch.setattr(rooms, "decode_untrusted", decode)
    monkeypatch.setattr(rooms, "_MOST_BYTES", 2 * 3 * 96 * 96)
    write_clip(Clip.at_rate(marked, 8), tmp_path / "long.mp4")
    assert inspect(tmp_path / "long.mp4", KEY).found
    assert asked == pytest.approx([0.25, 0.5])


def test_what_is_no_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.mp4").write_bytes(b"nothing of the kind")
    with pytest.raises(MediaError):
        inspect(tmp_path / "x.mp4", KEY)


def test_the_words_claim_no_proof(marked: torch.Tensor) -> None:
    from misora.trust.detect import detect

    found = detect(Clip.at_rate(marked, 8), KEY)
    assert "id 000000ab" in words_of(found)
    assert "no proof" in words_of(found)
    told = words_of(replace(found, scale=0.7, is_mirrored=True, id_agreement=0.6))
    assert "0.70 of the size" in told
    assert "mirrored" in told
    assert "not read clearly" in told
    assert words_of(replace(found, found=False, p_value=0.4)).startswith("no mark of ours")


def test_the_kind_of_a_file_is_told_before_anything_is_decoded(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"GIF89a")
    assert kind_of(tmp_path / "a.mp4") == "gif"
    (tmp_path / "empty.gif").touch()
    for name in ("", "empty.gif", "missing.gif"):
        with pytest.raises(MediaError):
            kind_of(tmp_path / name)
