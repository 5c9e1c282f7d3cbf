"""Sniffing: the first bytes decide, never the name."""

from pathlib import Path

import pytest

from misora.core.errors import MediaError
from misora.video.limits import DecodeLimits
from misora.video.sniff import open_source, sniff

HEADS = {
    b"\x00\x00\x00\x20ftypisom": "mov",
    b"\x00\x00\x00\x08wide": "mov",
    b"\x1a\x45\xdf\xa3....": "matroska",
    b"RIFF\x00\x00\x00\x00AVI LIST": "avi",
    b"RIFF\x00\x00\x00\x00WEBPVP8 ": "webp",
    b"GIF89a..": "gif",
    b"\x89PNG\r\n\x1a\n": "png",
    b"\xff\xd8\xff\xe0": "jpeg",
    b"YUV4MPEG2 W8": "yuv4mpegpipe",
    b"G" + b"\xff" * 187 + b"G": "mpegts",
}


@pytest.mark.parametrize(("head", "kind"), HEADS.items(), ids=HEADS.values())
def test_each_kind_is_known_by_its_first_bytes(head: bytes, kind: str) -> None:
    assert sniff(head) == kind


@pytest.mark.parametrize(
    "head", [b"ffconcat version 1.0\nfile x.mp4", b"#EXTM3U\n#EXT-X", b"RIFF\x00\x00\x00\x00WAVE", b"hello", b"\x00"]
)
def test_playlists_scripts_and_noise_are_no_video(head: bytes) -> None:
    with pytest.raises(MediaError, match="not a video or image of a known kind"):
        sniff(head)


def test_an_empty_file_says_so() -> None:
    with pytest.raises(MediaError, match="empty"):
        sniff(b"")


def test_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="is not a file"):
        open_source(tmp_path, DecodeLimits())
    with pytest.raises(MediaError, match="does not exist"):
        open_source(tmp_path / "none.mp4", DecodeLimits())


def test_a_file_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large.mp4"
    path.write_bytes(b"x" * 101)
    with pytest.raises(MediaError, match="101 bytes, more than the 100"):
        open_source(path, DecodeLimits(max_file_bytes=100))


def test_an_empty_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "nothing.mp4"
    path.touch()
    with pytest.raises(MediaError, match=r"nothing\.mp4: the file is empty; give a video file"):
        open_source(path, DecodeLimits())
