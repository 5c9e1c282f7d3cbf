"""The one way to a finished file."""

import errno
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from torch import Tensor

from misora.core.errors import KeysError, SigningError, TamperedError, UsageError
from misora.trust import audit, store
from misora.trust.claim import Making
from misora.trust.fingerprint import likeness
from misora.trust.home import Home, Settings, SignerSettings
from misora.trust.policy import DATA
from misora.trust.seal import examined, marking_key, sealed
from misora.trust.verify import verify
from misora.video.decode import decode

Sign = Callable[..., Path]


def test_a_finished_file_is_signed_stored_and_logged(sign: Sign, home: Home, tmp_path: Path, frames: Tensor) -> None:
    path = sign(tmp_path / "out" / "a.mp4", home)
    assert [each.name for each in path.parent.iterdir()] == ["a.mp4"]
    verdict = verify(path, home)
    entry = store.find(home, int(verdict.generation["id"], 16))
    assert entry is not None
    assert (entry.sha256, entry.title) == (verdict.sha256, "a.mp4")
    assert likeness(entry.fingerprint, frames) > 0.95
    [line] = [entry for entry in audit.entries(home) if entry["kind"] == "signature"]
    assert line["data"]["sha256"] == verdict.sha256
    assert audit.verify(home)[1] == []


def test_ids_are_given_away_before_encoding_and_differ(home: Home, making: Making, tmp_path: Path) -> None:
    given = []
    for _ in range(3):
        with pytest.raises(SigningError), sealed(tmp_path / "a.mp4", making, home=home) as seal:
            given.append(seal.mark_id)
    assert len(set(given)) == 3
    assert not list(tmp_path.glob("*.mp4"))


@pytest.mark.parametrize("place", ["sign", "store.finish", "audit.append", "disclose", "note"])
def test_whatever_fails_no_file_stands_under_the_name(
    place: str, sign: Sign, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(f"misora.trust.seal.{place}", full)
    folder = tmp_path / "out"
    with pytest.raises(OSError, match="No space left"):
        sign(folder / "a.png", home)
    assert list(folder.iterdir()) == []


def test_a_disk_that_fills_while_signing_leaves_the_old_file(
    sign: Sign, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out" / "a.png"
    path.parent.mkdir()
    path.write_bytes(b"mine")
    real = Path.open

    def opened(self: Path, mode: str = "r", *more: object, **settings: object):
        return real(Path("/dev/full") if mode == "w+b" else self, mode, *more, **settings)

    monkeypatch.setattr(Path, "open", opened)
    with pytest.raises(SigningError, match="nothing was written"):
        sign(path, home)
    assert path.read_bytes() == b"mine"
    assert list(path.parent.iterdir()) == [path]


def test_wrong_keys_are_told_before_anything_is_encoded(
    operator: Callable[..., tuple[Path, Path]], home: Home, making: Making, tmp_path: Path
) -> None:
    chain, key = operator(tmp_path / "op", days=0)
    expired = replace(home, settings=Settings(signer=SignerSettings(certificates=chain, key=key)))
    with pytest.raises(KeysError, match="expired"), sealed(tmp_path / "out" / "a.mp4", making, home=expired):
        pytest.fail("the body must not run")
    assert not (tmp_path / "out").exists()


def test_a_watermark_key_that_is_gone_is_not_replaced_in_silence(sign: Sign, home: Home, tmp_path: Path) -> None:
    sign(tmp_path / "a.png", home)
    home.mark_key_path.unlink()
    with pytest.raises(KeysError, match=r"watermark's key .* is gone, though files were marked with it"):
        marking_key(home)
    with pytest.raises(KeysError, match="restore it"):
        sign(tmp_path / "b.png", home)
    assert [path.name for path in tmp_path.glob("*.png")] == ["a.png"]
    assert not home.mark_key_path.exists()


def test_frames_that_were_not_marked_are_not_signed(home: Home, making: Making, signed, tmp_path: Path) -> None:
    with pytest.raises(SigningError, match="not marked"), sealed(tmp_path / "out" / "a.mp4", making, home=home) as seal:
        seal.path.write_bytes(signed[".mp4"].read_bytes())
    assert list((tmp_path / "out").iterdir()) == []


def test_an_unknown_suffix_is_refused(home: Home, making: Making, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot sign"), sealed(tmp_path / "a.webm", making, home=home):
        pytest.fail("the body must not run")


def test_a_tampered_parent_is_refused_or_recorded(
    sign: Sign, making: Making, home: Home, signed: dict[str, Path], tmp_path: Path
) -> None:
    data = bytearray(signed[".mp4"].read_bytes())
    data[-700] ^= 1
    bad = tmp_path / "bad.mp4"
    bad.write_bytes(data)
    with pytest.raises(TamperedError, match="untouched copy"):
        sign(tmp_path / "out" / "a.mp4", home, making=replace(making, parents=(bad,)))
    assert not (tmp_path / "out").exists()
    lenient = replace(home, settings=Settings(tampered_parents="record"))
    path = sign(tmp_path / "out" / "a.mp4", lenient, making=replace(making, parents=(bad,)))
    [step] = verify(path, home).history
    assert (step.title, step.state) == ("bad.mp4", "tampered")


def test_parents_of_kinds_that_carry_no_manifest_are_recorded(
    sign: Sign, making: Making, home: Home, tmp_path: Path
) -> None:
    raw = tmp_path / "raw.y4m"
    raw.write_bytes(b"YUV4MPEG2 W2 H2 F1:1\nFRAME\n" + bytes(6))
    [state] = examined((raw,), home)
    assert (state.state, state.mime) == ("unsigned", "")
    path = sign(tmp_path / "a.mp4", home, making=replace(making, parents=(raw,)))
    assert [step.title for step in verify(path, home).history] == ["raw.y4m"]


def test_the_visible_mark_is_drawn_when_asked_or_when_policy_says_so(
    sign: Sign, home: Home, tmp_path: Path, frames: Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = decode(sign(tmp_path / "a.mp4", home)).frames
    asked = decode(sign(tmp_path / "b.mp4", home, is_visible=True)).frames
    policy = (DATA / "policy.toml").read_text(encoding="utf-8")
    (tmp_path / "policy.toml").write_text(policy.replace('visible_mark = "asked"', 'visible_mark = "always"'))
    monkeypatch.setenv("MISORA_POLICY", str(tmp_path / "policy.toml"))
    always = decode(sign(tmp_path / "c.mp4", home)).frames
    marked = [(video.int() - frames).abs().max() > 60 for video in (plain, asked, always)]
    assert marked == [False, True, True]
