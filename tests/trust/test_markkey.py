"""The secret file: made once, for its owner alone."""

import stat
from pathlib import Path

import pytest

from misora.core.errors import OutputError, UsageError
from misora.trust.markkey import VARIABLE, load_key


def test_a_key_is_made_on_first_use_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "watermark.key"
    first = load_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_key(path) == first
    assert [each.name for each in path.parent.iterdir()] == ["watermark.key"]


def test_two_installations_have_two_keys(tmp_path: Path) -> None:
    assert load_key(tmp_path / "a") != load_key(tmp_path / "b")


def test_the_usual_place_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    load_key()
    assert (tmp_path / "watermark.key").is_file()


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    load_key(tmp_path / "k")
    (tmp_path / "k").chmod(0o644)
    with pytest.raises(UsageError, match="chmod 600"):
        load_key(tmp_path / "k")


def test_a_missing_key_is_not_made_to_search_with(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no key at"):
        load_key(tmp_path / "k", is_made=False)
    assert not (tmp_path / "k").exists()


@pytest.mark.parametrize("content", [b"", b"short", bytes(33)])
def test_what_is_no_key_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "k").write_bytes(content)
    (tmp_path / "k").chmod(0o600)
    with pytest.raises(UsageError, match="32 bytes"):
        load_key(tmp_path / "k")


def test_a_place_that_takes_no_files_is_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot write"):
        load_key(tmp_path / "file" / "k")
