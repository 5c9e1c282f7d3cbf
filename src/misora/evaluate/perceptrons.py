"""Fit the judge's small networks: what things do, where shots end, what the camera does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from misora.core.seeds import derive, generator
from misora.evaluate.cuts import CutNetwork
from misora.evaluate.motion import (
    DOINGS,
    MotionNetwork,
    disturbed_features,
    mirrored_doing,
    mirrored_features,
)
from misora.evaluate.rows import Rows
from misora.evaluate.viewpoint import CameraNetwork, mirrored_camera

Loss = Callable[[Tensor, Tensor], Tensor]
_BATCH = 256


@runtime_checkable
class Disturb(Protocol):
    """Changes inputs of which the answer stays the same."""

    def __call__(self, inputs: Float[Tensor, "n v"], /, *, generator: torch.Generator) -> Float[Tensor, "n v"]:
        """Draw the change."""
        ...


def fit_motions(rows: Rows, *, seed: int, epochs: int) -> MotionNetwork:
    """Learn what things do, with each beat also seen in a mirror.

    Args:
        rows: of filmed truth.
        seed: of the weights and the draws.
        epochs: looks at all rows.

    Returns:
        The fitted network.
    """
    torch.manual_seed(derive("judge motions", seed))
    mirrored = [DOINGS.index(mirrored_doing(doing)) for doing in DOINGS]
    inputs = torch.cat([rows.motions, mirrored_features(rows.motions)])
    targets = torch.cat([rows.doings, torch.tensor(mirrored)[rows.doings]])
    network = MotionNetwork()
    network.centre.copy_(inputs.mean(0))
    network.spread.copy_(inputs.std(0).clamp_min(0.02))
    _fit(network, inputs, targets, nn.functional.cross_entropy, disturb=disturbed_features, epochs=epochs, seed=seed)
    return network.eval()


def fit_cuts(rows: Rows, *, seed: int, epochs: int) -> CutNetwork:
    """Learn where shots end; steps with a cut are rare and count three times.

    Args:
        rows: of filmed truth.
        seed: of the weights and the draws.
        epochs: looks at all rows.

    Returns:
        The fitted network.
    """
    torch.manual_seed(derive("judge cuts", seed))
    network = CutNetwork()
    network.centre.copy_(rows.changes.mean(0))
    network.spread.copy_(rows.changes.std(0).clamp_min(1e-3))

    def loss(logits: Tensor, targets: Tensor) -> Tensor:
        return nn.functional.binary_cross_entropy_with_logits(logits, targets, pos_weight=torch.tensor(3.0))

    _fit(network, rows.changes, rows.is_cut, loss, disturb=_jittered, epochs=epochs, seed=seed)
    return network.eval()


def fit_cameras(rows: Rows, *, seed: int, epochs: int) -> CameraNetwork:
    """Learn what the camera does, with each shot also seen in a mirror.

    Args:
        rows: of filmed truth.
        seed: of the weights and the draws.
        epochs: looks at all rows.

    Returns:
        The fitted network.
    """
    torch.manual_seed(derive("judge cameras", seed))
    inputs = torch.cat([rows.views, mirrored_camera(rows.views)])
    network = CameraNetwork()
    network.centre.copy_(inputs.mean(0))
    network.spread.copy_(inputs.std(0).clamp_min(1e-2))
    loss = nn.functional.cross_entropy
    _fit(network, inputs, torch.cat([rows.cameras] * 2), loss, disturb=_jittered, epochs=epochs, seed=seed)
    return network.eval()


def _jittered(inputs: Tensor, *, generator: torch.Generator) -> Tensor:
    return inputs + 0.003 * torch.randn(inputs.shape, generator=generator)


def _fit(
    network: nn.Module, inputs: Tensor, targets: Tensor, loss_of: Loss, *, disturb: Disturb, epochs: int, seed: int
) -> None:
    chance = generator("judge perceptron", seed)
    optimiser = torch.optim.AdamW(network.parameters(), lr=3e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, epochs * -(-len(inputs) // _BATCH))
    for _ in range(epochs):
        for chosen in torch.randperm(len(inputs), generator=chance).split(_BATCH):
            loss = loss_of(network(disturb(inputs[chosen], generator=chance)), targets[chosen])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
