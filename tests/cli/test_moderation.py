"""Commands of policy, consent and red team."""

import json
from pathlib import Path

import pytest
import torch

from misora import cli
from misora.trust.moderator import Moderator
from misora.trust.policy import DATA
from misora.video.image import write_image


def _json(capsys: pytest.CaptureFixture[str], *words: str) -> dict:
    assert cli.main([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_policy_is_checked_and_its_hash_told(capsys: pytest.CaptureFixture[str]) -> None:
    found = _json(capsys, "policy", "check")
    assert len(found["sha256"]) == 64
    assert found["judges"]["openai"] == "off"
    assert cli.main(["policy", "check", str(DATA / "policy.toml")]) == 0
    assert f"sha256 {found['sha256']}" in capsys.readouterr().out


def test_a_policy_with_an_error_is_told_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (DATA / "policy.toml").read_text(encoding="utf-8").replace("format = 1", "formt = 1")
    (tmp_path / "p.toml").write_text(text, encoding="utf-8")
    line = text[: text.index("formt")].count("\n") + 1
    assert cli.main(["policy", "check", str(tmp_path / "p.toml")]) == 2
    assert f"p.toml:{line}: formt" in capsys.readouterr().err


def test_a_decision_is_explained(
    moderator: Moderator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Moderator, "load", lambda policy: moderator)
    found = _json(capsys, "policy", "explain", "n 4 k 3 d woman")
    assert (found["action"], found["stage"], found["role"]) == ("block", "prompt", "creator")
    assert any(finding["rule"] == "words/sexual.nudity" for finding in found["findings"])
    assert cli.main(["policy", "explain", "a naked woman", "--role", "young", "--parent", "a stage"]) == 0
    out = capsys.readouterr().out
    assert "the prompt is refused as" in out
    assert "words/sexual.nudity" in out


def test_a_picture_becomes_a_line_of_the_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = torch.rand(3, 40, 50).mul(255).to(torch.uint8)
    write_image(tmp_path / "p.png", picture)
    words = ("--category", "violence", "--rule", "mine")
    assert len(_json(capsys, "policy", "hash", str(tmp_path / "p.png"), *words)["hash"]) == 16
    write_image(tmp_path / "flat.png", torch.zeros(3, 40, 50, dtype=torch.uint8))
    assert cli.main(["policy", "hash", str(tmp_path / "flat.png"), *words]) == 2
    assert "flat colour" in capsys.readouterr().err


def test_a_consent_is_granted_shown_and_revoked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = ("--store", str(tmp_path / "c.json"))
    (tmp_path / "photo.png").write_bytes(b"a photo")
    words = ("--by", "Ada", "--statement", "I agree to this.", "--file", str(tmp_path / "photo.png"), *store)
    granted = _json(capsys, "consent", "grant", "Ada", *words)
    assert len(granted["sha256"][0]) == 64
    assert _json(capsys, "consent", "revoke", granted["id"], *store)["revoked_at"]
    assert cli.main(["consent", "show", *store]) == 0
    assert f"{granted['id']}  face       Ada" in capsys.readouterr().out


def test_the_red_team_is_played(
    moderator: Moderator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Moderator, "load", lambda policy: moderator)
    (tmp_path / "p.csv").write_text("prompt,category\na naked man,sexual\na red ball,benign\n")
    found = _json(capsys, "redteam", "--prompts", str(tmp_path / "p.csv"), "--obfuscations", "plain", "leet")
    assert list(found["obfuscations"]) == ["plain", "leet"]
    assert found["obfuscations"]["plain"]["refused"]["share"] == 1.0
