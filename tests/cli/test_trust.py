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
