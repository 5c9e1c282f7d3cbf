"""What happens to a signed file is seen: thousands of random changes, and none on files left alone."""

from __future__ import annotations

import io
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.harness import Benchmark, Number, Options, Reading, at_least, at_most, main
from misora.core.seeds import numpy_rng

if TYPE_CHECKING:
    import numpy as np

    from misora.trust.home import Home

SUFFIXES = (".mp4", ".png", ".jpg", ".webp", ".gif")
NUM_CHANGES = 2600
NUM_UNTOUCHED = 60
_BOXES = (b"free", b"skip", b"mfra", b"uuid", b"mdat", b"moov", b"ftyp")
Change = Callable[[bytes, "np.random.Generator"], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A signed file.

    Attributes:
        path: where it lies.
        data: its bytes.
        held: spans of bytes that the signature holds.
    """

    path: Path
    data: bytes
    held: tuple[tuple[int, int], ...]


def flip(data: bytes, rng: np.random.Generator) -> bytes:
    """Flip one bit anywhere."""
    place, edited = int(rng.integers(len(data))), bytearray(data)
    edited[place] ^= 1 << int(rng.integers(8))
    return bytes(edited)


def change_bytes(data: bytes, rng: np.random.Generator) -> bytes:
    """Write other bytes over a short stretch."""
    place, size = int(rng.integers(len(data))), int(rng.integers(1, 17))
    return data[:place] + rng.bytes(min(size, len(data) - place)) + data[place + size :]


def insert_box(data: bytes, rng: np.random.Generator) -> bytes:
    """Put a box, or a few bytes, between two others or anywhere."""
    body = rng.bytes(int(rng.integers(0, 40)))
    box = (8 + len(body)).to_bytes(4, "big") + _BOXES[int(rng.integers(len(_BOXES)))] + body
    places = [0, len(data), int(rng.integers(len(data)))]
    if data[4:8] == b"ftyp":
        from misora.trust.layout import boxes

        places += 3 * [part.offset for part in boxes(io.BytesIO(data))]
    place = places[int(rng.integers(len(places)))]
    return data[:place] + box + data[place:]


def truncate(data: bytes, rng: np.random.Generator) -> bytes:
    """Cut the end off."""
    return data[: -int(rng.integers(1, min(len(data) - 64, 20_000)))]


def append(data: bytes, rng: np.random.Generator) -> bytes:
    """Write bytes after the end."""
    return data + rng.bytes(int(rng.integers(1, 200)))


CHANGES: dict[str, Change] = {
    "bit": flip, "bytes": change_bytes, "box": insert_box, "cut": truncate, "append": append
}  # fmt: skip


def measure(options: Options) -> Iterator[Reading]:
    """Sign, change, verify.

    Args:
        options: the seed draws frames and changes.

    Yields:
        Shares and counts; milliseconds of signing and verifying.
    """
    rng = numpy_rng(options.seed, "provenance")
    with tempfile.TemporaryDirectory() as folder:
        here, elsewhere = _homes(Path(folder))
        files = _signed(Path(folder), here, rng)
        yield from _untouched(files, here, elsewhere)
        yield from _changed(files, elsewhere, Path(folder), rng)


def _homes(folder: Path) -> tuple[Home, Home]:
    """The installation that signs, and another that knows its root but has none of its records."""
    from misora.trust.home import Home, Settings
    from misora.trust.keys import credentials

    here, root = Home(folder=folder / "here"), folder / "root.pem"
    root.write_bytes(credentials(here).root_pem)
    return here, Home(folder=folder / "elsewhere", settings=Settings(known=(root,)))


def _signed(folder: Path, home: Home, rng: np.random.Generator) -> list[Signed]:
    import torch

    from misora.trust.claim import Making
    from misora.trust.seal import sealed
    from misora.video.clip import Clip
    from misora.video.encode import write_clip
    from misora.video.image import write_image

    making = Making(model="noise", model_sha256="0" * 64, canvas_sha256="1" * 64, seed=0)
    found: list[Signed] = []
    for number in range(NUM_UNTOUCHED):
        path = folder / f"{number}{SUFFIXES[number % len(SUFFIXES)]}"
        coarse = torch.from_numpy(rng.random((4, 3, 6, 8), dtype="float32"))
        frames = torch.nn.functional.interpolate(coarse, size=(48, 64), mode="bicubic").clamp(0, 1).mul(255).byte()
        parents = tuple(each.path for each in found[-(number % 3) :]) if number % 4 == 3 else ()
        with sealed(path, replace(making, parents=parents), fps=8, home=home) as seal:
            marked = seal.mark(frames)
            if path.suffix in (".png", ".jpg"):
                write_image(seal.path, marked[0])
            else:
                write_clip(Clip.at_rate(marked, 8), seal.path)
        data = path.read_bytes()
        found.append(Signed(path=path, data=data, held=tuple(_held(data))))
    return found


def _held(data: bytes) -> Iterator[tuple[int, int]]:
    """Spans that C2PA hashes: not the manifest, nor what it leaves out of an mp4."""
    import c2pa

    from misora.trust.layout import boxes

    if data[4:8] == b"ftyp":
        left_out = {"c2pa", "ftyp", "free", "skip", "mfra"}
        yield from ((b.offset, b.offset + b.size) for b in boxes(io.BytesIO(data)) if b.name not in left_out)
        return
    import json

    mime = {b"\x89": "image/png", b"\xff": "image/jpeg", b"R": "image/webp", b"G": "image/gif"}[data[:1]]
    with c2pa.Reader(mime, io.BytesIO(data)) as reader:
        told = json.loads(reader.detailed_json())
    store = told["manifests"][told["active_manifest"]]["assertion_store"]
    [span] = store["c2pa.hash.data"]["exclusions"]
    yield 0, span["start"]
    yield span["start"] + span["length"], len(data)


def _untouched(files: list[Signed], here: Home, elsewhere: Home) -> Iterator[Reading]:
    import c2pa

    from misora.trust.verify import verify

    alarms, accepted, milliseconds = 0, 0, []
    for signed in files:
        begin = time.perf_counter()
        mine = verify(signed.path, here)
        milliseconds.append((time.perf_counter() - begin) * 1000)
        theirs = verify(signed.path, elsewhere)
        alarms += (mine.state, theirs.state) != ("ours", "known") or bool(mine.loose or theirs.loose)
        with c2pa.Reader(str(signed.path)) as stock:
            results = stock.get_validation_results() or {"activeManifest": {"failure": []}}
            codes = [entry["code"] for entry in results["activeManifest"]["failure"]]
            accepted += stock.get_validation_state() == "Valid" and codes == ["signingCredential.untrusted"]
    yield Reading(name="false_alarms", value=alarms, settings={"files": len(files)})
    yield Reading(name="stock_reader_accepts", value=accepted / len(files), settings={"files": len(files)})
    yield Reading(name="verify_ms", value=median(milliseconds), settings={"largest": max(milliseconds)})


def _changed(files: list[Signed], home: Home, folder: Path, rng: np.random.Generator) -> Iterator[Reading]:
    outcomes: Counter[str] = Counter()
    inside, inside_found, outside, outside_flagged, unseen = 0, 0, 0, 0, []
    for number in range(NUM_CHANGES):
        kind = list(CHANGES)[number % len(CHANGES)]
        signed = files[int(rng.integers(len(files)))]
        data = CHANGES[kind](signed.data, rng)
        if data == signed.data:
            continue
        path = folder / f"changed{signed.path.suffix}"
        path.write_bytes(data)
        state, is_flagged = _judged(path, home)
        is_inside = _is_inside(signed, data)
        is_found = state in ("tampered", "unsigned", "no media")
        inside, inside_found = inside + is_inside, inside_found + (is_inside and is_found)
        outside, outside_flagged = (
            outside + (not is_inside),
            outside_flagged + (not is_inside and (is_found or is_flagged)),
        )
        outcomes[
            f"{signed.path.suffix[1:]} {kind}: {state}{' and flagged' if is_flagged and not is_found else ''}"
        ] += 1
        if not (is_found or is_flagged):
            unseen.append(f"{signed.path.name} {kind} at {_first_difference(signed.data, data)}")
    yield Reading(name="inside_found", value=inside_found / inside, settings={"changes": inside})
    yield Reading(name="outside_flagged", value=outside_flagged / outside, settings={"changes": outside})
    settings = {"changes": inside + outside, "unseen": unseen[:20], "outcomes": dict(sorted(outcomes.items()))}
    yield Reading(name="changes_unseen", value=len(unseen), settings=settings)
    yield Reading(name="changes", value=inside + outside)


def _judged(path: Path, home: Home) -> tuple[str, bool]:
    from misora.core.errors import MediaError
    from misora.trust.verify import verify

    try:
        verdict = verify(path, home)
    except MediaError:
        return "no media", False
    return verdict.state, bool(verdict.loose)


def _is_inside(signed: Signed, data: bytes) -> bool:
    """Whether a change touches bytes that the signature holds; one of another length always moves some, or adds to them."""
    if len(data) != len(signed.data):
        is_mp4 = signed.data[4:8] == b"ftyp"
        return not is_mp4 or len(data) < len(signed.data)
    return any(signed.data[start:end] != data[start:end] for start, end in signed.held)


def _first_difference(one: bytes, other: bytes) -> int:
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


BENCHMARK = Benchmark(
    name="provenance",
    about="Changes of signed files that are seen by an installation that knows only the signer's root.",
    minutes=5,
    numbers=(
        Number(name="changes", about="random changes of signed mp4, png, jpg, webp, gif", bar=at_least(2000)),
        Number(
            name="inside_found",
            about="share of changes inside the signed bytes that are found",
            bar=at_least(1),
            floor=1,
        ),
        Number(
            name="outside_flagged",
            about="share of changes outside the signed bytes that are flagged",
            bar=at_least(1),
            floor=1,
        ),
        Number(
            name="changes_unseen", about="changes after which a file still counts as clean", bar=at_most(0), floor=0
        ),
        Number(name="false_alarms", about="untouched files that are not told as intact", bar=at_most(0), floor=0),
        Number(
            name="stock_reader_accepts",
            about="share of files that c2pa's reader without settings of ours accepts",
            bar=at_least(1),
            floor=1,
        ),
        Number(name="verify_ms", about="to verify one small file, median"),
    ),
    measure=measure,
)

if __name__ == "__main__":
    main(BENCHMARK)
