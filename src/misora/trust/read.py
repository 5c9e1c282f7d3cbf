"""A manifest read out of a file that anybody may have made: offline, the kind forced, whatever goes wrong turned into words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from io import BufferedIOBase
from typing import Any

from misora.core.errors import MediaError
from misora.trust.claim import PARENTS
from misora.trust.jumbf import has_remains, loose, parent_hashes, unwrapped, wrapped
from misora.trust.layout import LABEL as LAYOUT
from misora.trust.layout import Stretch, boxes, changed, strange_boxes
from misora.trust.sign import MAX_MANIFEST_BYTES, context
from misora.video.sniff import HEAD_BYTES, sniff

_MIME_TYPES = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "mov": "video/mp4",
    "avi": "video/x-msvideo",
}
_OURS_TO_WRAP = frozenset({"video/mp4", "image/png", "image/jpeg", "image/gif", "image/webp"})
_SCAN_BYTES = 1 << 20
_UNHASHED = frozenset({"free", "skip", "mfra"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What stands in a file, before anybody judges it.

    Attributes:
        mime: its type; "" where no manifest can be in such a file.
        store: the manifests as c2pa tells them; empty where there is none.
        is_trusted: whether a root that was given signed the signer.
        failures: codes of what does not hold, of the file itself.
        history_failures: codes of what does not hold in its manifests of parents.
        trouble: why there is no readable manifest though there are pieces of one; "" where there are none.
        loose: bytes that no signature holds and that are not what they must be.
        changed: bytes that differ from those that were signed.
    """

    mime: str
    store: Mapping[str, Any] = field(default_factory=dict)
    is_trusted: bool = False
    failures: tuple[str, ...] = ()
    history_failures: tuple[str, ...] = ()
    trouble: str = ""
    loose: tuple[Stretch, ...] = ()
    changed: tuple[Stretch, ...] = ()

    @property
    def manifest(self) -> Mapping[str, Any]:
        """The active manifest; empty where there is none."""
        return self.store.get("manifests", {}).get(self.store.get("active_manifest"), {})

    def assertion(self, label: str) -> Mapping[str, Any]:
        """What the active manifest says under a label; empty if nothing."""
        return _assertion(self.manifest, label)


def read(file: BufferedIOBase, anchors_pem: bytes) -> Reading:
    """Read and validate the manifest of an open file.

    Args:
        file: any file, readable and seekable.
        anchors_pem: roots that are trusted, in PEM; may be empty.

    Returns:
        What stands there.

    Raises:
        MediaError: if the file is no video or image of a known kind.
    """
    import c2pa

    file.seek(0)
    mime = _MIME_TYPES.get(sniff(file.read(HEAD_BYTES)), "")
    if not mime:
        return Reading(mime="")
    file.seek(0)
    try:
        with context(anchors_pem) as settings, c2pa.Reader(mime, file, context=settings) as reader:
            store, detailed = json.loads(reader.json()), json.loads(reader.detailed_json())
            state = reader.get_validation_state()
    except c2pa.C2paError.ManifestNotFound:  # pyright: ignore[reportAttributeAccessIssue]
        words = "pieces of a manifest are there, but it was damaged or taken apart" if _has_remains(file) else ""
        return Reading(mime=mime, trouble=words)
    except (c2pa.C2paError, ValueError, RecursionError) as error:
        return Reading(mime=mime, trouble=f"its manifest cannot be read: {_one_line(error)}")
    plain = Reading(mime=mime, store=store, is_trusted=state == "Trusted")
    return _completed(file, plain, _region(file, mime, detailed))


def _completed(file: BufferedIOBase, plain: Reading, region: Stretch | None) -> Reading:
    mime, store = plain.mime, plain.store
    results = store.get("validation_results", {})
    failures = _codes(results.get("activeManifest", {}).get("failure", ()))
    deltas = results.get("ingredientDeltas") or ()
    history = [code for delta in deltas for code in _codes(delta.get("validationDeltas", {}).get("failure", ()))]
    noted = plain.assertion(LAYOUT).get("parts")
    parts = noted if isinstance(noted, list) and all(isinstance(part, dict) for part in noted) else None
    differing: Sequence[Stretch] = ()
    if parts is not None and any(code.endswith("Hash.mismatch") for code in failures):
        with suppress(TypeError, ValueError, OverflowError):  # the note itself may be hostile
            differing = changed(file, mime, parts, region)
    return replace(
        plain,
        failures=tuple(failures),
        history_failures=tuple(history),
        loose=tuple(_loose(file, mime, region, parts, plain.assertion(PARENTS).get("manifests", []))),
        changed=tuple(differing),
    )


def _loose(
    file: BufferedIOBase,
    mime: str,
    region: Stretch | None,
    parts: Sequence[Mapping[str, Any]] | None,
    brought: Any,
) -> Iterator[Stretch]:
    """Bytes outside of the signature: held against our own note, or only listed where another program wrote the file."""
    try:
        if parts is None:
            if mime == "video/mp4":
                yield from (box for box in boxes(file) if box.name in _UNHASHED and not _is_empty(file, box))
            return
        if mime == "video/mp4":
            yield from strange_boxes(file, parts)
    except (MediaError, TypeError, ValueError):
        yield Stretch(name="boxes that do not fit together", offset=0, size=file.seek(0, 2))
    if region is None or region.size > MAX_MANIFEST_BYTES or mime not in _OURS_TO_WRAP:
        yield Stretch(name="a manifest that stands where it cannot", offset=0, size=file.seek(0, 2))
        return
    file.seek(region.offset)
    raw = file.read(region.size)
    store = unwrapped(raw, mime)
    if wrapped(store, mime) != raw:
        yield Stretch(name="wrapping of the manifest", offset=region.offset, size=region.size)
    found = loose(store)
    if not found and parent_hashes(store) != brought:
        found = ["the manifest of a parent is not byte for byte the one that was signed in"]
    for words in found:
        yield Stretch(name=words, offset=region.offset, size=region.size)


def _region(file: BufferedIOBase, mime: str, detailed: Mapping[str, Any]) -> Stretch | None:
    """Where the manifest lies: its box in an mp4, what the hash leaves out of other files."""
    with suppress(MediaError, TypeError, ValueError, KeyError, IndexError):
        if mime == "video/mp4":
            return next((box for box in boxes(file) if box.name == "c2pa"), None)
        active = detailed["manifests"][detailed["active_manifest"]]
        [span] = active["assertion_store"]["c2pa.hash.data"]["exclusions"]
        start, size = int(span["start"]), int(span["length"])
        if start >= 0 and size > 0 and start + size <= file.seek(0, 2):
            return Stretch(name="c2pa", offset=start, size=size)
    return None


def _assertion(manifest: Mapping[str, Any], label: str) -> Mapping[str, Any]:
    for assertion in manifest.get("assertions") or ():
        if assertion.get("label") == label and isinstance(assertion.get("data"), dict):
            return assertion["data"]
    return {}


def _codes(entries: Sequence[Mapping[str, Any]]) -> list[str]:
    return [str(entry.get("code")) for entry in entries]


def _is_empty(file: BufferedIOBase, box: Stretch) -> bool:
    file.seek(box.offset + 8)
    return not any(file.read(min(box.size - 8, _SCAN_BYTES))) and box.size <= _SCAN_BYTES


def _has_remains(file: BufferedIOBase) -> bool:
    file.seek(0)
    overlap = b""
    while chunk := file.read(_SCAN_BYTES):
        if has_remains(overlap + chunk):
            return True
        overlap = chunk[-32:]
    return False


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
