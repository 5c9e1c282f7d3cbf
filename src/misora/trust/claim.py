"""What a manifest says: created or edited, by which model, from which canvas, with which mark."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from misora import __version__
from misora.trust.layout import LABEL as LAYOUT

SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
CREATED, EDITED = SOURCE_TYPES + "trainedAlgorithmicMedia", SOURCE_TYPES + "compositeWithTrainedAlgorithmicMedia"
GENERATION = "org.misora.generation"
PARENTS = "org.misora.parents"
SOFT_BINDING = "org.misora.tilephase.1"
MIME_TYPES: Mapping[str, str] = {
    ".mp4": "video/mp4",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """How a file was made, as far as its manifest tells; the prompt is in the file's own record, not here.

    Attributes:
        model: its name.
        model_sha256: hash of its index, which holds the hash of every weight.
        canvas_sha256: digest of all that was asked, pinned pixels included.
        seed: names the noise.
        parents: files that went into it.
    """

    model: str
    model_sha256: str
    canvas_sha256: str
    seed: int
    parents: tuple[Path, ...] = ()

    @property
    def source_type(self) -> str:
        """IPTC's digital source type: made by a model, or from parts that it did not make."""
        return EDITED if self.parents else CREATED


@dataclass(frozen=True, slots=True, kw_only=True)
class ParentState:
    """What was found out about a parent before its child was signed.

    Attributes:
        title: name of its file.
        mime: its type.
        sha256: of its file.
        state: as `misora verify` calls it.
    """

    title: str
    mime: str
    sha256: str
    state: str


def claim(
    making: Making,
    *,
    title: str,
    mime: str,
    when: str,
    mark_id: int,
    parents: Sequence[ParentState],
    layout: Sequence[Mapping[str, Any]],
    parent_manifests: Sequence[str] = (),
) -> dict[str, Any]:
    """Lay out a manifest as c2pa-python takes it.

    Args:
        making: how the file was made.
        title: name of the file.
        mime: its type.
        when: time of signing, UTC.
        mark_id: what the watermark carries.
        parents: files that went into it, as verified.
        layout: how the file lies in its bytes.
        parent_manifests: hashes of the manifests that the parents bring along.

    Returns:
        The definition; one parent is its origin, several are its parts.
    """
    generation = {
        "id": f"{mark_id:08x}",
        "system": f"misora {__version__}",
        "time": when,
        "model": making.model,
        "model_sha256": making.model_sha256,
        "canvas_sha256": making.canvas_sha256,
        "seed": making.seed,
    }
    binding = {"alg": SOFT_BINDING, "blocks": [{"scope": {}, "value": b64encode(mark_id.to_bytes(4, "big")).decode()}]}
    assertions = [
        {"label": "c2pa.actions.v2", "data": {"actions": _actions(making, when, parents)}},
        {"label": GENERATION, "data": generation},
        {"label": "c2pa.soft-binding", "data": binding},
        {"label": LAYOUT, "data": {"parts": list(layout)}},
    ]
    if parents:
        known = [{"title": p.title, "sha256": p.sha256, "state": p.state} for p in parents]
        assertions.append({"label": PARENTS, "data": {"parents": known, "manifests": list(parent_manifests)}})
    return {
        "claim_generator_info": [{"name": "misora", "version": __version__}],
        "title": title,
        "format": mime,
        "assertions": assertions,
    }


def ingredient(parent: ParentState, index: int, of: int) -> dict[str, Any]:
    """Say how a parent takes part.

    Args:
        parent: the file.
        index: its place among the parents, from 0.
        of: how many there are.

    Returns:
        The description that c2pa-python takes beside the parent's bytes.
    """
    relationship = "parentOf" if of == 1 else "componentOf"
    return {"title": parent.title, "relationship": relationship, "instance_id": _instance(index)}


def _actions(making: Making, when: str, parents: Sequence[ParentState]) -> list[dict[str, Any]]:
    agent = {"softwareAgent": {"name": "misora", "version": __version__}, "when": when}
    ids = [_instance(index) for index in range(len(parents))]
    if len(ids) == 1:
        opened = {"action": "c2pa.opened", "parameters": {"ingredientIds": ids}, **agent}
        return [opened, {"action": "c2pa.edited", "digitalSourceType": making.source_type, **agent}]
    created = {"action": "c2pa.created", "digitalSourceType": making.source_type, **agent}
    placed = [{"action": "c2pa.placed", "parameters": {"ingredientIds": [name]}, **agent} for name in ids]
    return [created, *placed]


def _instance(index: int) -> str:
    return f"xmp:iid:{index + 1}"
