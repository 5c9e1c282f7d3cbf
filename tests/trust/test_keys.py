"""Keys and certificates, our own and an operator's."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from misora.core.errors import KeysError
from misora.trust.home import Home, Settings, SignerSettings
from misora.trust.keys import audit_key, credentials, known_roots, leaf_serial

Operator = Callable[..., tuple[Path, Path]]


def with_operator(home: Home, chain: Path, key: Path) -> Home:
    return replace(home, settings=Settings(signer=SignerSettings(certificates=chain, key=key)))


def test_keys_are_made_once_for_their_owner_alone(home: Home) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: credentials(home), range(8)))
    assert len({made.key_pem for made in found}) == 1
    for path in (home.folder / "keys").iterdir():
        assert path.stat().st_mode & 0o777 == 0o600, path.name
    assert [path.name for path in home.folder.iterdir()] == ["keys"]
    assert known_roots(home)[0] == found[0].root_pem
    assert audit_key(home).private_bytes_raw() == audit_key(home).private_bytes_raw()


def test_judging_makes_no_keys(home: Home) -> None:
    assert known_roots(home) == (b"", b"")
    assert leaf_serial(home) is None
    assert not home.folder.exists()


def test_an_operators_chain_is_used(home: Home, operator: Operator, tmp_path: Path) -> None:
    own = credentials(home)
    home = with_operator(home, *operator(tmp_path / "op"))
    assert credentials(home).chain_pem != own.chain_pem
    assert known_roots(home)[0] == credentials(home).root_pem
    assert leaf_serial(home) is not None


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"days": 0}, "expired on"),
        ({"starts_days": 2}, "not valid yet"),
        ({"swap": "order"}, "leaf comes first"),
        ({"swap": "key"}, "leaf comes first"),
    ],
)
def test_wrong_certificates_are_refused_in_words(
    home: Home, operator: Operator, tmp_path: Path, changed: dict, words: str
) -> None:
    home = with_operator(home, *operator(tmp_path / "op", **changed))
    with pytest.raises(KeysError, match=words):
        credentials(home)


def test_missing_broken_and_open_keys_are_refused(home: Home, operator: Operator, tmp_path: Path) -> None:
    chain, key = operator(tmp_path / "op")
    home = with_operator(home, chain, key)
    key.chmod(0o644)
    with pytest.raises(KeysError, match="others can read"):
        credentials(home)
    key.chmod(0o600)
    key.write_text("no key")
    with pytest.raises(KeysError, match="PKCS#8"):
        credentials(home)
    key.unlink()
    with pytest.raises(KeysError, match="no key or certificate at"):
        credentials(home)
    chain.write_text("no chain")
    with pytest.raises(KeysError, match="no certificates in PEM"):
        leaf_serial(home)


def test_a_key_that_was_lost_is_told_and_not_made_anew(home: Home) -> None:
    credentials(home)
    (home.folder / "keys" / "signer.key").unlink()
    with pytest.raises(KeysError, match="restore it"):
        credentials(home)
    (home.folder / "keys" / "audit.key").write_bytes(b"short")
    with pytest.raises(KeysError, match="no Ed25519 key"):
        audit_key(home)


def test_a_root_that_is_no_certificate_is_named_and_makes_no_file_look_changed(home: Home, tmp_path: Path) -> None:
    credentials(home)
    (tmp_path / "sister.pem").write_text("rubbish")
    with pytest.raises(KeysError, match=r"sister.pem holds no certificates"):
        known_roots(replace(home, settings=Settings(known=(tmp_path / "sister.pem",))))
    (home.folder / "keys" / "root.pem").write_text("rubbish")
    with pytest.raises(KeysError, match=r"root.pem holds no certificates"):
        known_roots(home)
