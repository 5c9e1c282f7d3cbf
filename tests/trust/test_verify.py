"""Where a file comes from, in words."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from misora.core.errors import MediaError
from misora.trust.home import Home, Settings, SignerSettings
from misora.trust.keys import credentials
from misora.trust.verify import verify, worst
from misora.video.decode import decode
from misora.video.encode import write_clip

Sign = Callable[..., Path]


def edited(path: Path, folder: Path, place: int) -> Path:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    copy = folder / path.name
    copy.write_bytes(data)
    return copy


@pytest.mark.parametrize("suffix", [".mp4", ".gif", ".webp", ".png", ".jpg"])
def test_what_was_signed_here_is_ours_until_a_byte_changes(
    suffix: str, signed: dict[str, Path], kept_home: Home, tmp_path: Path
) -> None:
    path = signed[suffix]
    found = verify(path, kept_home)
    assert (found.state, found.exit_code, found.loose, found.is_stored_file) == ("ours", 0, (), True)
    assert found.generation["seed"] == 7
    place = {".mp4": -700, ".gif": -1500, ".webp": 200, ".png": -100, ".jpg": -100}[suffix]
    changed = verify(edited(path, tmp_path, place), kept_home)
    assert (changed.state, changed.exit_code, changed.is_stored_file) == ("tampered", 5, False)
    assert "changed after it was signed" in changed.words
    assert changed.stored is not None, "the manifest still names the id"
    assert changed.stored.title == path.name


def test_where_it_was_changed_is_told(signed: dict[str, Path], kept_home: Home, tmp_path: Path) -> None:
    data = signed[".png"].read_bytes()
    found = verify(edited(signed[".png"], tmp_path, len(data) - 100), kept_home)
    [stretch] = found.changed
    assert stretch.offset <= len(data) - 100 < stretch.offset + stretch.size
    assert str(stretch) in found.words


def test_bytes_beside_the_signature_are_flagged(signed: dict[str, Path], kept_home: Home, tmp_path: Path) -> None:
    copy = tmp_path / "a.mp4"
    copy.write_bytes(signed[".mp4"].read_bytes() + b"\0\0\0\x0efreehidden")
    found = verify(copy, kept_home)
    assert (found.state, found.exit_code) == ("ours", 6)
    assert [stretch.name for stretch in found.loose] == ["free"]
    assert "bytes that nobody signed" in found.words


def test_a_stranger_is_unknown_until_the_settings_know_him(
    signed: dict[str, Path], kept_home: Home, home: Home, tmp_path: Path
) -> None:
    found = verify(signed[".mp4"], home)
    assert (found.state, found.exit_code, found.loose) == ("unknown", 4, ())
    assert "who calls himself misora" in found.words
    assert not home.folder.exists(), "judging makes no keys"
    credentials(home)
    root = tmp_path / "their-root.pem"
    root.write_bytes(credentials(kept_home).root_pem)
    knowing = replace(home, settings=Settings(known=(root,)))
    assert verify(signed[".mp4"], knowing).state == "known"


def test_a_copy_through_another_program_is_unsigned(signed: dict[str, Path], kept_home: Home, tmp_path: Path) -> None:
    write_clip(decode(signed[".mp4"]), tmp_path / "a.mp4")
    found = verify(tmp_path / "a.mp4", kept_home)
    assert (found.state, found.exit_code) == ("unsigned", 3)
    assert "proves nothing" in found.words


def test_a_manifest_moved_to_another_file_does_not_fit(
    sign: Sign, signed: dict[str, Path], kept_home: Home, other_frames, tmp_path: Path
) -> None:
    other = sign(tmp_path / "other.png", kept_home, frames=other_frames)
    mine, theirs = signed[".png"].read_bytes(), other.read_bytes()
    size = int.from_bytes(mine[33:37], "big") + 12
    rest = 33 + int.from_bytes(theirs[33:37], "big") + 12
    other.write_bytes(mine[: 33 + size] + theirs[rest:])
    assert verify(other, kept_home).state == "tampered"


def test_an_operators_root_alone_does_not_make_a_file_ours(
    sign: Sign, operator: Callable[..., tuple[Path, Path]], home: Home, kept_home: Home, tmp_path: Path
) -> None:
    chain, key = operator(tmp_path / "op")
    studio = replace(home, settings=Settings(signer=SignerSettings(certificates=chain, key=key)))
    path = sign(tmp_path / "a.png", studio)
    assert verify(path, studio).state == "ours"
    assert verify(path, kept_home).state == "unknown"


def test_a_certificate_that_expired_since_is_told_as_such(kept_home: Home) -> None:
    """The file was signed with a certificate that was good for four seconds."""
    found = verify(Path(__file__).parent / "expired.png", kept_home)
    assert (found.state, found.exit_code) == ("expired", 4)
    assert "whose certificate has expired since" in found.words


def test_history_walks_through_every_parent(sign: Sign, making, kept_home: Home, signed, tmp_path: Path) -> None:
    raw = tmp_path / "raw.png"
    raw.write_bytes((Path(__file__).parents[2] / "docs" / "toy.png").read_bytes())
    first = sign(tmp_path / "first.mp4", kept_home, making=replace(making, parents=(signed[".mp4"],)))
    second = sign(tmp_path / "second.gif", kept_home, making=replace(making, parents=(first, raw)))
    steps = [(step.title, step.depth, step.relationship, step.state) for step in verify(second, kept_home).history]
    assert steps == [
        ("first.mp4", 1, "componentOf", "ours"),
        ("raw.png", 1, "componentOf", "unsigned"),
        ("made.mp4", 2, "parentOf", "known"),
    ]


def test_a_missing_and_an_unknown_file_are_errors(kept_home: Home, tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="does not exist"):
        verify(tmp_path / "none.mp4", kept_home)
    (tmp_path / "words.mp4").write_text("words")
    with pytest.raises(MediaError, match="not a video or image"):
        verify(tmp_path / "words.mp4", kept_home)


def test_the_worst_file_gives_the_exit_code(signed: dict[str, Path], kept_home: Home, home: Home) -> None:
    ours, unknown = verify(signed[".mp4"], kept_home), verify(signed[".mp4"], home)
    assert (worst([ours]), worst([ours, unknown, ours]), worst([])) == (0, 4, 0)
