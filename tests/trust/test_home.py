"""The folder of an installation."""

from pathlib import Path

import pytest

from misora.core.errors import KeysError, OutputError, UsageError
from misora.trust.home import Home, SignerSettings, default_folder, read_private


def test_the_environment_names_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MISORA_TRUST_HOME", str(tmp_path / "there"))
    assert Home.open().folder == default_folder() == tmp_path / "there"
    monkeypatch.delenv("MISORA_TRUST_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert Home.open().folder == tmp_path / "misora" / "trust"
    assert Home.open().head_path == tmp_path / "state" / "misora" / "trust" / "head.json"
    assert not list(tmp_path.iterdir()), "nothing is made before it is needed"


def test_settings_are_read_strictly(tmp_path: Path) -> None:
    (tmp_path / "trust.toml").write_text('tampered_parents = "record"\nhead = "/mnt/apart/head.json"\n')
    home = Home.open(tmp_path)
    assert home.settings.tampered_parents == "record"
    assert home.head_path == Path("/mnt/apart/head.json")
    for wrong, words in (("heads = 'x'", "head"), ("[signer]\nkey = 'k'", "both"), ("= 1", "cannot")):
        (tmp_path / "trust.toml").write_text(wrong)
        with pytest.raises(UsageError, match=words):
            Home.open(tmp_path)


def test_a_file_that_others_can_read_is_refused(home: Home) -> None:
    path = home.make() / "a.key"
    assert home.folder.stat().st_mode & 0o777 == 0o700
    path.touch(mode=0o600)
    path.write_bytes(b"secret")
    assert read_private(path) == b"secret"
    path.chmod(0o640)
    with pytest.raises(KeysError, match="chmod 600"):
        read_private(path)


def test_a_folder_that_cannot_be_made_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="MISORA_TRUST_HOME"):
        Home(folder=tmp_path / "file" / "home").make()


@pytest.mark.parametrize("url", ["ftp://time.example", "file:///etc/passwd", "time.example"])
def test_an_address_that_is_none_is_told_before_anything_is_made(url: str) -> None:
    with pytest.raises(UsageError, match="begins with http:// or https://"):
        SignerSettings(timestamp_url=url)
