"""Records of consent."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from misora.core.errors import UsageError
from misora.trust.consent import Consent, ConsentStore, default_path

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def _store(folder: Path) -> ConsentStore:
    return ConsentStore(folder / "consents.json", clock=lambda: NOW)


def test_a_word_holds_until_it_is_taken_back(tmp_path: Path) -> None:
    store = _store(tmp_path)
    assert store.names() == frozenset()
    consent = store.grant(
        "face", "Ada Élan", attested_by="Ada", statement="I want to be shown.", also=("ada e",), sha256=("A" * 64,)
    )
    assert _store(tmp_path).names() == {"ada elan", "ada e"}
    assert store.covers("a" * 64) == consent
    assert store.covers("b" * 64) is None
    assert store.revoke(consent.id).revoked_at
    assert store.names() == frozenset()
    assert store.covers("a" * 64) is None
    assert len(store.all()) == 1


def test_a_word_is_for_those_it_names_and_for_its_time(tmp_path: Path) -> None:
    store = _store(tmp_path)
    store.grant(
        "character", "Robo", attested_by="Bo", statement="Bo may use Robo.", users=("bo",), expires_at="2026-06-01"
    )
    assert (store.names("bo"), store.names("eve")) == ({"robo"}, frozenset())
    store.grant("character", "Old One", attested_by="Bo", statement="It was once allowed.", expires_at="2026-04-01")
    assert store.names("bo") == {"robo"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"statement": "yes"}, "attests nothing"),
        ({"attested_by": " "}, "wants attested_by"),
        ({"sha256": ("12",)}, "no SHA-256"),
        ({"expires_at": "soon"}, "is no time"),
    ],
)
def test_a_record_that_says_nothing_is_refused(change: dict, message: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=message):
        _store(tmp_path).grant("face", "Ada", **({"attested_by": "Ada", "statement": "I agree to it."} | change))
    assert not (tmp_path / "consents.json").exists()


@pytest.mark.parametrize("text", ["", "[]", "{", '{"consents": [{"id": 3}]}', '{"x": 1}'])
def test_a_broken_file_agrees_to_nothing(text: str, tmp_path: Path) -> None:
    (tmp_path / "consents.json").write_text(text)
    with pytest.raises(UsageError, match="no file of consents"):
        _store(tmp_path).names()


def test_an_unknown_record_cannot_be_revoked(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no consent 'x'"):
        _store(tmp_path).revoke("x")


def test_it_lies_in_the_trust_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MISORA_TRUST_HOME", str(tmp_path))
    assert default_path() == tmp_path / "consents.json"
    assert Consent(id="c", kind="face", subject="s", attested_by="a", statement="x").holds("", now=NOW)
