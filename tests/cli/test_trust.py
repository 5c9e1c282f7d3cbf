"""The commands of trust at the door."""

import json
from pathlib import Path

import pytest
import torch

from misora import cli
from misora.trust.claim import Making
from misora.trust.home import Home
from misora.trust.seal import sealed
from misora.video.image import write_image


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A signed picture, by an installation in `home`."""
    making = Making(model="tiny", model_sha256="a" * 64, canvas_sha256="b" * 64, seed=7)
    path = tmp_path / "a.png"
    with sealed(path, making, home=Home(folder=tmp_path / "home")) as seal:
        write_image(seal.path, seal.mark(torch.full((1, 3, 64, 64), 90, dtype=torch.uint8))[0])
    return path


def test_verify_says_it_in_words_and_by_its_exit_code(
    picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = ("--trust-home", str(tmp_path / "home"))
    assert cli.main(["verify", str(picture), *home]) == 0
    said = capsys.readouterr().out
    assert "signed by this installation and intact" in said
    assert "  watermark: " in said
    home = ("--fast", *home)
    assert cli.main(["verify", str(picture), "--fast", "--trust-home", str(tmp_path / "another")]) == 4
    raw = Path(__file__).parents[2] / "docs" / "toy.png"
    assert cli.main(["verify", str(picture), str(raw), *home, "--json"]) == 3
    capsys.readouterr()
    assert cli.main(["verify", str(raw), *home, "--json"]) == 3
    [told] = json.loads(capsys.readouterr().out)["files"]
    assert told["state"] == "unsigned"
    data = bytearray(picture.read_bytes())
    data[-100] ^= 1
    picture.write_bytes(data)
    assert cli.main(["verify", str(picture), *home]) == 5
    assert cli.main(["verify", *home]) == 2


def test_audit_verify_says_whether_the_log_is_whole(
    picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = ("--trust-home", str(tmp_path / "home"))
    assert cli.main(["audit", "verify", *home]) == 0
    line = capsys.readouterr().out.strip()
    assert ", whole; head " in line
    head = line.rpartition(" ")[2]
    assert cli.main(["audit", "verify", "--head", head, *home]) == 0
    log = tmp_path / "home" / "audit.jsonl"
    log.write_text(log.read_text().replace("a.png", "b.png"))
    capsys.readouterr()
    assert cli.main(["audit", "verify", *home, "--json"]) == 5
    assert "was edited" in json.loads(capsys.readouterr().out)["findings"][0]["words"]
    assert cli.main(["audit", "verify", "--head", "x", *home]) == 2


def test_a_file_that_cannot_be_read_keeps_no_other_from_its_line(
    picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = ("--fast", "--trust-home", str(tmp_path / "home"))
    empty, missing = tmp_path / "empty.mp4", str(tmp_path / "missing\n.mp4")
    empty.touch()
    assert cli.main(["verify", missing, str(picture), str(empty), *home]) == 2
    said = capsys.readouterr()
    assert "signed by this installation and intact" in said.out
    assert [line.split(" ")[0] for line in said.err.splitlines()] == ["error:", "error:"]
    assert str(empty) in said.err
    tampered = tmp_path / "tampered.png"
    tampered.write_bytes(picture.read_bytes()[:-100] + b"x" + picture.read_bytes()[-99:])
    assert cli.main(["verify", missing, str(tampered), *home, "--json"]) == 5
    first, second = json.loads(capsys.readouterr().out)["files"]
    assert (first["error"]["kind"], first["error"]["exit_code"], second["state"]) == ("MediaError", 2, "tampered")


def test_a_log_without_its_head_is_adopted_by_a_command(
    picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = ("--trust-home", str(tmp_path / "home"))
    assert cli.main(["audit", "adopt", *home]) == 2
    Home(folder=tmp_path / "home").head_path.unlink()
    assert cli.main(["audit", "verify", *home]) == 5
    assert "run `misora audit adopt`" in capsys.readouterr().out
    assert cli.main(["audit", "adopt", *home, "--json"]) == 0
    head = json.loads(capsys.readouterr().out)["head"]
    assert cli.main(["audit", "verify", *home, "--head", head]) == 0
