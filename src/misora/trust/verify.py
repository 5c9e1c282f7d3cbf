"""Where a file comes from, in words: signed here and intact, intact but by somebody else, changed and where, or unsigned."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from misora.core.files import sha256_file
from misora.trust.claim import GENERATION, PARENTS
from misora.trust.home import Home
from misora.trust.keys import known_roots, leaf_serial
from misora.trust.layout import Stretch
from misora.trust.read import Reading, read
from misora.trust.store import Entry, broken_entry, find, find_file
from misora.video.limits import DecodeLimits
from misora.video.sniff import open_source

State = Literal["ours", "known", "unknown", "expired", "tampered", "unsigned"]
EXIT_CODES: Mapping[State, int] = {"ours": 0, "known": 0, "unsigned": 3, "unknown": 4, "expired": 4, "tampered": 5}
LOOSE_EXIT_CODE = 6
_SEVERITY = (0, 3, 4, 6, 2, 5)  # 2: could not be read

_UNTRUSTED, _EXPIRED = "signingCredential.untrusted", "signingCredential.expired"
_MAX_DEPTH = 16
_BESIDE = "; beside what was signed it holds bytes that nobody signed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One file that went into another.

    Attributes:
        title: its name at that time.
        depth: 1 for a parent, 2 for its parent, and so on.
        relationship: `parentOf` for what was edited, `componentOf` for a part.
        state: what was found out about it when its child was signed.
        signer: who had signed it; "" if nobody.
    """

    title: str
    depth: int
    relationship: str
    state: str
    signer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What `misora verify` says about a file.

    Attributes:
        file: its path as given.
        state: see `EXIT_CODES`; bytes outside of the signature are told apart, in `loose`.
        words: the same in a sentence.
        sha256: of the whole file.
        mime: its type; "" where files of its kind carry no manifest.
        signer: name in the certificate; "" if there is none.
        generation: what the manifest says about how it was made.
        problems: codes of what does not hold.
        changed: bytes that differ from those that were signed.
        loose: bytes that no signature holds.
        history: files that went into it, nearest first.
        stored: what this installation wrote down about this very file, or about the id that its manifest names.
        is_stored_file: whether it wrote exactly these bytes.
        broken_entry: file of the store that should say so, and cannot be read; "" if there is none.
    """

    file: str
    state: State
    words: str
    sha256: str
    mime: str
    signer: str = ""
    generation: Mapping[str, Any] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    changed: tuple[Stretch, ...] = ()
    loose: tuple[Stretch, ...] = ()
    history: tuple[Step, ...] = ()
    stored: Entry | None = None
    is_stored_file: bool = False
    broken_entry: str = ""

    @property
    def exit_code(self) -> int:
        """What a command returns for it."""
        code = EXIT_CODES[self.state]
        return LOOSE_EXIT_CODE if self.loose and code < EXIT_CODES["tampered"] and code != 3 else code


def verify(path: Path | str, home: Home, *, limits: DecodeLimits | None = None) -> Verdict:
    """Judge a file that anybody may have made; nothing but this file is read, and nothing is asked of the network.

    Args:
        path: the file.
        home: of the installation; its keys are read, none are made.
        limits: the largest file allowed.

    Returns:
        The verdict; a broken manifest is one, not an error.

    Raises:
        MediaError: if it is missing, too large, or no video or image of a known kind.
        KeysError: if certificates that the settings name cannot be read.
    """
    ours, others = known_roots(home)
    limits = limits or DecodeLimits()
    with open_source(Path(path), limits) as file:
        reading = read(file, ours + others)
        is_ours = reading.is_trusted and bool(ours) and _is_own_leaf(reading, home)
        if is_ours and others:  # trusted, but by whose root?
            is_ours = read(file, ours).is_trusted
    digest = sha256_file(path)
    stored = find_file(home, digest)
    is_stored_file = stored is not None
    if stored is None and (mark_id := _mark_id(reading)) is not None:
        stored = find(home, mark_id)
    state = _state(reading, is_ours=is_ours)
    found = list(reading.loose)
    if is_ours and stored is not None and not is_stored_file and state == "ours" and not found:
        found.append(Stretch(name="somewhere outside of the signed bytes", offset=0, size=Path(path).stat().st_size))
    return Verdict(
        file=str(path),
        state=state,
        words=_words(state, reading) + (_BESIDE if found else ""),
        sha256=digest,
        mime=reading.mime,
        signer=_signer(reading.manifest),
        generation=dict(reading.assertion(GENERATION)),
        problems=tuple(filter(None, (*reading.failures, *reading.history_failures, reading.trouble))),
        changed=reading.changed,
        loose=tuple(found),
        history=tuple(_history(reading)),
        stored=stored,
        is_stored_file=is_stored_file,
        broken_entry=str(broken_entry(home, _mark_id(reading), digest) or ""),
    )


def worst(codes: Sequence[int]) -> int:
    """Choose the exit code of a command from those of its files.

    Args:
        codes: one a file; 2 for one that could not be read.

    Returns:
        That of the worst.
    """
    return max(codes, key=_SEVERITY.index, default=0)


def _state(reading: Reading, *, is_ours: bool) -> State:
    if reading.trouble:
        return "tampered"
    if not reading.store:
        return "unsigned"
    failures = {*reading.failures, *reading.history_failures}
    if failures - {_UNTRUSTED, _EXPIRED}:
        return "tampered"
    if is_ours:
        return "ours"
    if _EXPIRED in failures:
        return "expired"
    return "known" if reading.is_trusted else "unknown"


def _words(state: State, reading: Reading) -> str:
    signer = _signer(reading.manifest) or "somebody without a name"
    if state == "tampered":
        return f"changed after it was signed: {reading.trouble or _where(reading)}"
    return {
        "ours": "signed by this installation and intact",
        "known": f"intact since it was signed by {signer}, whom the settings know",
        "unknown": f"intact since it was signed, but by somebody unknown here, who calls himself {signer}",
        "expired": f"intact since it was signed by {signer}, whose certificate has expired since",
        "unsigned": "no manifest; that proves nothing, since any copy through another program strips it"
        if reading.mime
        else "no manifest; files of this kind cannot carry one",
    }[state]


def _where(reading: Reading) -> str:
    if reading.changed:
        return ", ".join(map(str, reading.changed))
    codes = {*reading.failures, *reading.history_failures}
    if any(code.endswith("Hash.mismatch") for code in codes):
        return "its pictures or their index are not those that were signed"
    if any(code.startswith(("claimSignature", "signingCredential", "algorithm")) for code in codes):
        return "the signature does not fit the manifest"
    if reading.history_failures:
        return "the manifest of a parent is not the one that was signed"
    return f"the manifest itself ({', '.join(sorted(codes)) or 'unreadable'})"


def _is_own_leaf(reading: Reading, home: Home) -> bool:
    """An operator's root may sign for others too, so there the leaf's number must fit as well."""
    serial = leaf_serial(home)
    return serial is None or str(serial) == str(_signature(reading.manifest).get("cert_serial_number"))


def _history(reading: Reading) -> Iterator[Step]:
    manifests, seen = reading.store.get("manifests", {}), set()
    known = [str(parent.get("state")) for parent in _dicts(reading.assertion(PARENTS).get("parents"))]
    waiting = [(1, part) for part in _dicts(reading.manifest.get("ingredients"))]
    while waiting:
        depth, part = waiting.pop(0)
        noted = known.pop(0) if depth == 1 and known else ""
        label = part.get("active_manifest")
        parent = manifests.get(label) if isinstance(label, str) else None
        yield Step(
            title=str(part.get("title", "without a name")),
            depth=depth,
            relationship=str(part.get("relationship", "")),
            state=noted or _part_state(part, parent is not None),
            signer=_signer(parent or {}),
        )
        if parent is not None and depth < _MAX_DEPTH and label not in seen:
            seen.add(label)
            waiting += [(depth + 1, below) for below in _dicts(parent.get("ingredients"))]


def _part_state(part: Mapping[str, Any], has_manifest: bool) -> str:
    """A parent's state as its child's manifest recorded it."""
    if not has_manifest:
        return "unsigned"
    results = (part.get("validation_results") or {}).get("activeManifest") or {}
    failures = {str(entry.get("code")) for entry in _dicts(results.get("failure"))}
    if failures - {_UNTRUSTED, _EXPIRED}:
        return "tampered"
    if _EXPIRED in failures:
        return "expired"
    trusted = any(entry.get("code") == "signingCredential.trusted" for entry in _dicts(results.get("success")))
    return "known" if trusted else "unknown"


def _mark_id(reading: Reading) -> int | None:
    text = str(reading.assertion(GENERATION).get("id", ""))
    return int(text, 16) if len(text) == 8 and set(text) <= set("0123456789abcdef") else None


def _signature(manifest: Mapping[str, Any]) -> Mapping[str, Any]:
    info = manifest.get("signature_info")
    return info if isinstance(info, dict) else {}


def _signer(manifest: Mapping[str, Any]) -> str:
    info = _signature(manifest)
    names = (str(info.get(name) or "") for name in ("common_name", "issuer"))
    return ", ".join(name for name in names if name)


def _dicts(entries: Any) -> list[dict[str, Any]]:
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
