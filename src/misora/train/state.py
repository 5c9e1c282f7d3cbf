"""Checkpoints: one safetensors file with every tensor of a run and its words in the header; whole or absent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jaxtyping import Float
from torch import Tensor

from misora.core.config import from_dict, to_dict
from misora.core.errors import UsageError
from misora.core.folder import load_tensors, read_metadata, save_tensors
from misora.train.schedule import Schedule

KEEP = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A run at the start of a step.

    Attributes:
        step: the next step to be made.
        seconds: training time spent so far.
        identity: what must be equal for a run to be continued: recipe, corpus version, seed.
        schedule: how far the run goes; it may be lengthened and shortened.
        tensors: weights, momenta, averages.
    """

    step: int
    seconds: float
    identity: Mapping[str, Any]
    schedule: Schedule
    tensors: Mapping[str, Float[Tensor, "..."]]


def save_checkpoint(folder: Path, checkpoint: Checkpoint) -> Path:
    """Write a checkpoint and drop all but the newest two.

    Args:
        folder: of the run.
        checkpoint: what to keep.

    Returns:
        The file written.
    """
    path = folder / f"checkpoint-{checkpoint.step:07d}.safetensors"
    words = {
        "step": checkpoint.step,
        "seconds": checkpoint.seconds,
        "identity": dict(checkpoint.identity),
        "schedule": to_dict(checkpoint.schedule),
    }
    save_tensors(path, dict(checkpoint.tensors), metadata={"run": json.dumps(words, sort_keys=True)})
    for old in find_checkpoints(folder)[:-KEEP]:
        old.unlink()
    return path


def load_checkpoint(folder: Path, identity: Mapping[str, Any]) -> Checkpoint | None:
    """Load the newest checkpoint of a run.

    Args:
        folder: of the run.
        identity: what the run is now.

    Returns:
        The checkpoint; None where the run has not begun.

    Raises:
        UsageError: the folder holds another run.
    """
    paths = find_checkpoints(folder)
    if not paths:
        return None
    words = json.loads(read_metadata(paths[-1])["run"])
    known = json.loads(json.dumps(dict(identity)))
    if words["identity"] != known:
        odd = [key for key in known if words["identity"].get(key) != known[key]]
        raise UsageError(
            f"{folder} holds another run: {', '.join(odd) or 'its settings'} differ; give another --out or the same recipe"
        )
    return Checkpoint(
        step=words["step"],
        seconds=words["seconds"],
        identity=words["identity"],
        schedule=from_dict(Schedule, words["schedule"], where=f"{paths[-1]} schedule"),
        tensors=load_tensors(paths[-1]),
    )


def find_checkpoints(folder: Path) -> list[Path]:
    """List the checkpoints of a run, oldest first."""
    return sorted(folder.glob("checkpoint-*.safetensors"))
