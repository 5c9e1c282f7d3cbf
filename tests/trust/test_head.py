"""The end of the log, kept apart."""

import json
from dataclasses import replace

import pytest

from misora.core.errors import AuditError, KeysError, UsageError
from misora.trust import audit
from misora.trust.head import START, Head, is_signed, parse_head, read_head, write_head
from misora.trust.home import Home, Settings
from misora.trust.keys import audit_key


def test_a_head_is_read_as_it_is_printed() -> None:
    assert parse_head(f"7:{'a' * 64}") == Head(number=7, hash="a" * 64)


@pytest.mark.parametrize(
    "text", ["7", f"{'9' * 5000}:{'a' * 64}", f"\u0667:{'a' * 64}", f"-1:{'a' * 64}", "7:b", ":" * 9999]
)
def test_what_is_no_head_is_one_short_error(text: str) -> None:
    with pytest.raises(UsageError, match="NUMBER:HASH") as caught:
        parse_head(text)
    assert len(str(caught.value)) < 300


def test_a_head_is_for_its_owner_alone_and_what_a_crash_left_beside_it_harms_nobody(home: Home) -> None:
    assert read_head(home) is None
    with pytest.raises(AuditError, match="a folder; name a file in it"):
        read_head(replace(home, settings=Settings(head=home.folder.parent)))
    key, head = audit_key(home), Head(number=3, hash="a" * 64)
    home.head_path.parent.mkdir()
    home.head_path.with_suffix(".new").write_text("half")
    write_head(home, head, key, is_durable=True)
    assert read_head(home) == head
    assert home.head_path.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in home.head_path.parent.iterdir()] == ["head.json"]


def test_a_forged_head_is_refused(home: Home) -> None:
    for number in range(2):
        audit.append(home, "signature", {"id": number})
    record = json.loads(home.head_path.read_bytes())
    for forged in ({"n": 1}, {"n": 10**400}, {"hash": START}):
        home.head_path.write_text(json.dumps(record | forged))
        with pytest.raises(AuditError, match="signature is not ours"):
            audit.verify(home)


def test_a_signature_is_that_of_its_key_over_its_data(home: Home) -> None:
    key = audit_key(home)
    signature = key.sign(b"data").hex()
    assert is_signed(key, b"data", signature)
    assert not is_signed(key, b"date", signature)
    assert not is_signed(key, b"data", "no digits")


def test_a_key_that_others_can_read_is_the_fault_that_is_named(home: Home) -> None:
    audit.append(home, "signature", {})
    secret = home.folder / "keys" / "audit.key"
    secret.chmod(0o644)
    with pytest.raises(KeysError, match=r"^others can read .*audit.key"):
        read_head(home)
    secret.chmod(0o600)
    secret.write_bytes(b"rubbish")
    with pytest.raises(KeysError, match="is no Ed25519 key"):
        read_head(home)
