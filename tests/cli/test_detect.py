"""`misora detect`, from words to an answer."""

import json
from pathlib import Path

import pytest
import torch

from misora import cli
from misora.trust.markkey import load_key
from misora.trust.watermark import embed
from misora.video.image import write_image


def test_files_are_told_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key, plain = load_key(tmp_path / "key"), torch.full((1, 3, 96, 96), 130, dtype=torch.uint8)
    write_image(tmp_path / "plain.png", plain[0])
    write_image(tmp_path / "marked.png", embed(plain, mark_id=77, key=key)[0])
    files = [str(tmp_path / "plain.png"), str(tmp_path / "marked.png")]
    assert cli.main(["detect", *files, "--key", str(tmp_path / "key"), "--json"]) == 0
    first, second = json.loads(capsys.readouterr().out)["files"]
    assert (first["found"], first["mark_id"]) == (False, None)
    assert (second["found"], second["mark_id"], second["is_proof"]) == (True, 77, False)
    assert cli.main(["detect", files[1], "--key", str(tmp_path / "key")]) == 0
    assert "id 0000004d" in capsys.readouterr().out


def test_without_a_key_or_a_file_the_answer_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["detect", "x.png", "--key", str(tmp_path / "none")], ["detect"]):
        assert cli.main(words) == 2
        assert capsys.readouterr().err.count("\n") == 1


def test_a_file_that_cannot_be_read_keeps_no_other_from_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = load_key(tmp_path / "key")
    write_image(tmp_path / "a.png", embed(torch.full((1, 3, 96, 96), 130, dtype=torch.uint8), mark_id=77, key=key)[0])
    files = [str(tmp_path / "missing.png"), str(tmp_path), str(tmp_path / "a.png")]
    assert cli.main(["detect", *files, "--key", str(tmp_path / "key"), "--json"]) == 2
    told = json.loads(capsys.readouterr().out)["files"]
    assert [each.get("mark_id") for each in told] == [None, None, 77]


def test_on_a_fresh_home_a_file_that_is_none_is_named_before_the_missing_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty.mp4").touch()
    for name in ("", "empty.mp4"):
        assert cli.main(["detect", str(tmp_path / name), "--key", str(tmp_path / "none")]) == 2
        said = capsys.readouterr().err
        assert str(tmp_path / name) in said
        assert "key" not in said
