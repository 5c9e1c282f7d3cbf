"""A verdict in lines for people and in records for machines."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from misora.core.plain import one_line
from misora.trust.origin import Origin
from misora.trust.store import Entry
from misora.trust.verify import Verdict

_STATES = {
    "ours": "signed by this installation, intact",
    "known": "signed by somebody the settings know, intact",
    "unknown": "signed by somebody unknown, intact",
    "expired": "intact, its signer's certificate has expired",
    "tampered": "changed after it was signed",
    "unsigned": "no manifest",
}
_SHORT = 12


def lines(verdict: Verdict, origin: Origin | None = None) -> list[str]:
    """Say what was found, the judgement first.

    Args:
        verdict: of one file.
        origin: what its watermark says; None where nobody looked.

    Returns:
        One line each, the first with the file's name.
    """
    said = [f"{verdict.file}: {verdict.words}"]
    made = verdict.generation
    if made:
        model, canvas = str(made.get("model_sha256", ""))[:_SHORT], str(made.get("canvas_sha256", ""))[:_SHORT]
        said.append(
            f"  its manifest says: made by {made.get('system')} with model {made.get('model')} ({model}) "
            f"on {made.get('time')}, canvas {canvas}, seed {made.get('seed')}, id {made.get('id')}"
        )
    if verdict.problems:
        said.append(f"  what does not hold: {', '.join(dict.fromkeys(verdict.problems))}")
    said += [f"  outside of the signature: {stretch}" for stretch in verdict.loose]
    for step in verdict.history:
        signer = f" by {step.signer}" if step.signer else ""
        relation = "edited from" if step.relationship == "parentOf" else "contains"
        said.append(
            f"  {'  ' * (step.depth - 1)}{relation} {step.title}: {_STATES.get(step.state, step.state)}{signer}"
        )
    if verdict.is_stored_file and verdict.stored is not None:
        said.append(f"  this installation wrote exactly this file on {verdict.stored.finished}")
    elif verdict.stored is not None:
        said.append(
            f"  this installation gave id {verdict.stored.name} to {verdict.stored.title} on {verdict.stored.finished}; "
            "this is not that file, byte for byte"
        )
    if verdict.broken_entry:
        said.append(f"  what the store says of it cannot be read: restore {verdict.broken_entry} from a copy")
    if origin is not None:
        said.append(f"  watermark: {origin.words}")
    return [one_line(line) for line in said]  # titles and signers are words of others


def record(verdict: Verdict, origin: Origin | None = None) -> dict[str, Any]:
    """Lay out a verdict for JSON.

    Args:
        verdict: of one file.
        origin: what its watermark says; None where nobody looked.

    Returns:
        Plain values; of the store's entry only what a person can read.
    """
    known = asdict(verdict)
    stored = verdict.stored
    known["stored"] = None if stored is None else _known(stored)
    if origin is not None:
        mark = origin.detection
        known["watermark"] = {
            "state": origin.state,
            "words": origin.words,
            "id": None if mark is None or mark.mark_id is None else f"{mark.mark_id:08x}",
            "p_value": None if mark is None else mark.p_value,
            "likeness": origin.likeness,
            "given_to": None if origin.entry is None else _known(origin.entry),
            "is_proof": False,
        }
    return known | {"is_clean": not verdict.loose, "exit_code": verdict.exit_code}


def _known(entry: Entry) -> dict[str, str]:
    return {"id": entry.name, "title": entry.title, "finished": entry.finished}
