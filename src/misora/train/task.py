"""What the training loop asks of a task; the autoencoder and the transformer are the two tasks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from jaxtyping import Float, UInt8
from torch import Tensor, nn

from misora.corpus.table import Corpus
from misora.train.optimiser import OptimiserSettings
from misora.train.schedule import Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    """What every run says of itself.

    Attributes:
        recipe: name of the recipe.
        seed: of weights, noise and data order.
        schedule: length and learning rate over steps.
        optimiser: rates.
        validate_every: steps between looks at held-out clips.
        save_every_seconds: time between checkpoints.
        starts_from: the weights that the run began with, by the first digits of their SHA-256; empty when drawn from the seed.
    """

    recipe: str
    seed: int = 0
    schedule: Schedule
    optimiser: OptimiserSettings
    validate_every: int = 250
    save_every_seconds: float = 300.0
    starts_from: str = ""


def looked_at(corpus: Corpus) -> str:
    """Choose the split that a run is looked at with.

    Args:
        corpus: what is trained on.

    Returns:
        `held_out` where the corpus has such clips; else `train`, as for a folder of footage.
    """
    return "held_out" if "held_out" in set(corpus.column("split")) else "train"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A look at held-out clips, or at training clips where none are held out.

    Attributes:
        metrics: numbers by name.
        picture: frames to look at, RGB 0..255; None when there is nothing to see yet.
    """

    metrics: Mapping[str, float]
    picture: UInt8[Tensor, "3 H W"] | None


@runtime_checkable
class Task(Protocol):
    """A network with its data, its loss and its way to be looked at."""

    settings: RunSettings
    matrices: frozenset[str]

    @property
    def module(self) -> nn.Module:
        """What is trained."""
        ...

    def identity(self) -> Mapping[str, Any]:
        """Name the data and sizes that a continued run must share."""
        ...

    def batches(self, start_step: int) -> Iterator[Any]:
        """Yield the batch of each step, from `start_step` on."""
        ...

    def loss(self, batch: Any, step: int) -> tuple[Float[Tensor, ""], Mapping[str, float]]:
        """Compute the loss of a batch, and numbers to log."""
        ...

    def validate(self) -> Look:
        """Look at held-out clips with the module's present weights."""
        ...

    def finish(self, folder: Path) -> Path:
        """Write the trained part, from the module's present weights."""
        ...
