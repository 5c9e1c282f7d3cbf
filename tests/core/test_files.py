import hashlib
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from misora.core.errors import OutputError
from misora.core.files import atomic_path, refuse_existing, sha256_file, temporary_beside, write_atomic


def test_a_file_is_whole_after_writing(tmp_path: Path) -> None:
    write_atomic(tmp_path / "deep" / "a.bin", b"one")
    write_atomic(tmp_path / "deep" / "a.bin", b"two")
    assert (tmp_path / "deep" / "a.bin").read_bytes() == b"two"
    assert [p.name for p in (tmp_path / "deep").iterdir()] == ["a.bin"]


def _stop_half_way(target: Path, error: type[BaseException]) -> None:
    with atomic_path(target) as temporary:
        assert temporary.suffix == target.suffix
        temporary.write_bytes(b"half")
        raise error


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_writer_that_stops_half_way_leaves_the_old_file(tmp_path: Path, error: type[BaseException]) -> None:
    target = tmp_path / "clip.mp4"
    target.write_bytes(b"old")
    with pytest.raises(error):
        _stop_half_way(target, error)
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_an_intermediate_file_lies_beside_its_target_and_goes(tmp_path: Path) -> None:
    with temporary_beside(tmp_path / "clip.mp4") as between:
        assert (between.parent, between.suffix) == (tmp_path, ".mp4")
        between.write_bytes(b"raw")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(RuntimeError), temporary_beside(tmp_path / "clip.mp4"):
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_written_files_have_ordinary_permissions(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    write_atomic(tmp_path / "atomic", b"")
    assert (tmp_path / "atomic").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_folder_or_a_file_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="is a folder"):
        write_atomic(tmp_path, b"")
    with pytest.raises(OutputError, match="choose a path"):
        write_atomic(tmp_path / "file" / "under", b"")


def test_an_existing_target_needs_force(tmp_path: Path) -> None:
    target = tmp_path / "a.mp4"
    refuse_existing(target, force=False)
    target.touch()
    refuse_existing(target, force=True)
    with pytest.raises(OutputError, match="--force"):
        refuse_existing(target, force=False)
    with pytest.raises(OutputError, match="is a folder"):
        refuse_existing(tmp_path, force=True)


def test_a_target_that_nobody_can_make_is_refused_before_work(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="takes no files"):
        refuse_existing(tmp_path / "file" / "a.mp4", force=False)
    with pytest.raises(OutputError, match="/proc takes no files"):  # not even from root
        refuse_existing("/proc/new/a.mp4", force=False)
    assert not list(tmp_path.glob(".*"))


def test_hash_is_that_of_the_whole_content(tmp_path: Path) -> None:
    content = os.urandom((1 << 20) + 7)
    (tmp_path / "a").write_bytes(content)
    assert sha256_file(tmp_path / "a") == hashlib.sha256(content).hexdigest()


_WRITER = """
import sys
from misora.core.files import write_atomic
for number in range(10**9):
    write_atomic(sys.argv[1], bytes([number % 256]) * 3_000_000)
"""


@pytest.mark.soak
def test_a_writer_killed_at_any_moment_leaves_a_whole_file(tmp_path: Path, drawn_seed: int) -> None:
    draws = random.Random(drawn_seed)
    target = tmp_path / "weights.bin"
    for _ in range(60):
        writer = subprocess.Popen([sys.executable, "-c", _WRITER, str(target)])
        time.sleep(0.3 + draws.random() * 0.3)
        writer.kill()
        writer.wait()
        if target.exists():
            content = target.read_bytes()
            assert (len(content), len(set(content))) == (3_000_000, 1)
    assert target.exists()
