"""Where a file comes from, in words."""

import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import c2pa
import pytest

from misora.core.errors import MediaError
from misora.trust.home import Home, Settings, SignerSettings
from misora.trust.keys import credentials
from misora.trust.sign import context
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
    ours, unknown = (verify(signed[".mp4"], where).exit_code for where in (kept_home, home))
    assert (worst([ours]), worst([ours, unknown, ours]), worst([])) == (0, 4, 0)
    assert (worst([6, 2]), worst([2, 5, 6])) == (2, 5), "unreadable is worse than loose bytes, changed ones are worst"


FUZZ = """
import random, sys
from pathlib import Path

opened, asked = set(), []

def watch(event, arguments):
    if event == "open" and isinstance(arguments[0], str):
        opened.add(arguments[0])
    elif event.startswith("socket."):
        asked.append(event)

from misora.core.errors import MediaError
from misora.trust.home import Home
from misora.trust.verify import verify

home, folder, seed, num = Home(folder=Path(sys.argv[1])), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
seeds = {path.suffix: path.read_bytes() for path in folder.glob("made.*")}
verify(folder / "made.mp4", home)  # what is imported is imported
rng, beside = random.Random(seed), folder / "secret.mp4"
beside.write_bytes(seeds[".mp4"])
sys.addaudithook(watch)
for number in range(num):
    suffix = rng.choice(sorted(seeds))
    data = bytearray(seeds[suffix])
    for _ in range(rng.choice((1, 1, 3, 30))):
        kind, place = rng.randrange(5), rng.randrange(len(data))
        if kind == 0:
            data[place] = rng.randrange(256)
        elif kind == 1:
            data[place : place + 4] = rng.choice((b"\\xff\\xff\\xff\\xff", b"\\0\\0\\0\\0", b"\\x7f\\xff\\xff\\xff"))
        elif kind == 2:
            del data[place : place + rng.randrange(1, 400)]
        elif kind == 3:
            data[place:place] = data[place : place + rng.randrange(1, 4000)]
        else:
            text = rng.choice((b"http://127.0.0.1:9/x", b"file:///etc/passwd", b"secret.mp4", b"self#jumbf=/c2pa/"))
            data[place : place + len(text)] = text
        if not data:
            break
    path = folder / f"fuzzed{suffix}"
    path.write_bytes(data)
    opened.clear()
    try:
        verify(path, home)
    except MediaError:
        pass
    strange = [name for name in opened if Path(name) != path and not name.startswith(sys.argv[1])]
    assert not strange, strange
assert not asked, asked
print("done", num)
"""


@pytest.mark.soak
def test_hostile_manifests_neither_crash_nor_fetch_nor_read_beside_the_file(
    signed: dict[str, Path], kept_home: Home, tmp_path: Path, drawn_seed: int
) -> None:
    """In a process of its own, since the reader is native code: its crash would be an exit status."""
    for path in signed.values():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    words = [sys.executable, "-c", FUZZ, str(kept_home.folder), str(tmp_path), str(drawn_seed), "1500"]
    ended = subprocess.run(words, capture_output=True, text=True, check=False, timeout=600)
    assert (ended.returncode, ended.stdout.strip()) == (0, "done 1500"), ended.stderr[-2000:]


def test_a_manifest_that_lies_elsewhere_is_not_fetched(
    kept_home: Home, signed: dict[str, Path], tmp_path: Path
) -> None:
    """A file may name a URL where its manifest lies; whoever fetches it asks where a stranger wants."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/manifest.c2pa"
        path = tmp_path / "remote.png"
        signer = credentials(kept_home)
        certificate = c2pa.C2paSignerInfo(c2pa.C2paSigningAlg.ES256, signer.chain_pem, signer.key_pem, None)
        raw = (Path(__file__).parents[2] / "docs" / "toy.png").open("rb")
        with raw, path.open("w+b") as target, context(b"") as settings:
            words = {
                "claim_generator_info": [{"name": "x", "version": "1"}],
                "format": "image/png",
                "assertions": [CREATED],
            }
            with c2pa.Builder(words, context=settings) as builder, c2pa.Signer.from_info(certificate) as by:
                builder.set_no_embed()
                builder.set_remote_url(url)
                builder.sign(by, "image/png", raw, target)
        assert url.encode() in path.read_bytes()
        found = verify(path, kept_home)
        with pytest.raises(BlockingIOError):
            server.accept()
    assert found.state in ("unsigned", "tampered")
    assert found.state == "unsigned" or "manifest" in found.words


CREATED = {
    "label": "c2pa.actions.v2",
    "data": {
        "actions": [
            {
                "action": "c2pa.created",
                "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
            }
        ]
    },
}
