"""A manifest signed into a file."""

from pathlib import Path
from typing import Any

import c2pa
import pytest

from misora.core.errors import SigningError
from misora.trust.claim import Making, claim
from misora.trust.home import Home
from misora.trust.keys import credentials
from misora.trust.sign import context, sign


def words(making: Making) -> dict[str, Any]:
    return claim(making, title="a.png", mime="image/png", when="2026-01-01T00:00:00Z", mark_id=1, parents=(), layout=[])


def test_a_reader_without_our_settings_accepts_the_manifest(signed: dict[str, Path]) -> None:
    for path in signed.values():
        with c2pa.Reader(str(path)) as reader:
            assert reader.get_validation_state() == "Valid", "intact, by a signer it does not know"
            failures = reader.get_validation_results()["activeManifest"]["failure"]
            assert [failure["code"] for failure in failures] == ["signingCredential.untrusted"]


def test_nothing_may_be_fetched() -> None:
    """Pins the settings by their effect: c2pa refuses unknown ones, and these are the two that ask the network."""
    with context(b"") as settings:
        assert settings.is_valid
    source = Path(__file__).parents[2] / "src" / "misora" / "trust" / "sign.py"
    assert '{"remote_manifest_fetch": False, "ocsp_fetch": False}' in source.read_text()


def test_a_full_disk_while_signing_is_one_error(home: Home, making: Making, signed: dict[str, Path]) -> None:
    with pytest.raises(SigningError, match="nothing was written"):
        sign(signed[".png"], Path("/dev/full"), words(making), signer=credentials(home))


def test_what_is_no_picture_is_not_signed(home: Home, making: Making, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.raises(SigningError, match="nothing was written"):
        sign(tmp_path / "a.png", tmp_path / "b.png", words(making), signer=credentials(home))


def test_a_time_stamp_that_cannot_be_had_refuses_the_file(
    home: Home, making: Making, signed: dict[str, Path], tmp_path: Path
) -> None:
    url = "http://127.0.0.1:9/none"
    with pytest.raises(SigningError):
        sign(signed[".png"], tmp_path / "b.png", words(making), signer=credentials(home), timestamp_url=url)


def test_an_unreadable_source_is_one_error(home: Home, making: Making, tmp_path: Path) -> None:
    with pytest.raises(SigningError, match=r"No such file"):
        sign(tmp_path / "none.png", tmp_path / "b.png", words(making), signer=credentials(home))
