"""One optimiser recipe: Muon for matrices inside the network, AdamW for everything else, with an average of the weights.

The module computes in its own type; master weights, momenta and the average are kept here in float32. Muon (Jordan et al.
2024) turns the momentum of a matrix into its nearest orthogonal matrix, so every direction learns equally fast; matrices of one
shape are turned together, since many small products are slow.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from misora.core.machine import pick_dtype

NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)
NEWTON_SCHULZ_STEPS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class OptimiserSettings:
    """Rates of the optimiser.

    Attributes:
        matrix_rate: Muon's learning rate: the largest stretch of one step, before shape.
        vector_rate: AdamW's learning rate.
        momentum: of Muon.
        betas: of AdamW.
        weight_decay: for matrices, as a part of the weight for each unit of learning rate.
        clip_norm: largest norm of the gradient of all AdamW weights.
        average: decay of the weight average for each step, once the run is old enough.
    """

    matrix_rate: float = 0.01
    vector_rate: float = 2e-3
    momentum: float = 0.95
    betas: tuple[float, float] = (0.9, 0.99)
    weight_decay: float = 0.0
    clip_norm: float = 1.0
    average: float = 0.998

    def __post_init__(self) -> None:
        if self.matrix_rate <= 0 or self.vector_rate <= 0:
            raise ValueError(f"OptimiserSettings: rates must be above 0, got {self.matrix_rate}, {self.vector_rate}")


class Optimiser:
    """Updates a module in place from the gradients it holds."""

    def __init__(self, module: nn.Module, settings: OptimiserSettings, *, matrices: frozenset[str]) -> None:
        """Take the module's weights as they are.

        Args:
            module: what is trained; any arithmetic type.
            settings: rates.
            matrices: names of the weights that Muon updates.
        """
        self.settings = settings
        self.weights = dict(module.named_parameters())
        unknown = matrices - self.weights.keys()
        assert not unknown, f"no weights named {sorted(unknown)}"
        self.master = {name: weight.detach().float().clone() for name, weight in self.weights.items()}
        self.average = {name: weight.clone() for name, weight in self.master.items()}
        self.first = {name: torch.zeros_like(weight) for name, weight in self.master.items()}
        self.second = {name: torch.zeros_like(w) for name, w in self.master.items() if name not in matrices}
        self._groups: dict[tuple[int, ...], list[str]] = defaultdict(list)
        for name in sorted(matrices):
            self._groups[tuple(self.master[name].flatten(1).shape)].append(name)

    @torch.no_grad()
    def step(self, step: int, *, rate: float) -> float:
        """Update all weights once and forget the gradients.

        Args:
            step: from 0; sets AdamW's bias correction and the age of the average.
            rate: part of the full learning rate, in [0, 1].

        Returns:
            The norm of the gradient of all weights before clipping; nothing is updated when it is not finite.
        """
        grads = {name: weight.grad for name, weight in self.weights.items() if weight.grad is not None}
        norms = torch.stack([grad.float().norm() for grad in grads.values()])
        norm = norms.norm().item()
        if norm < float("inf"):
            clip = min(1.0, self.settings.clip_norm / (norm + 1e-12))
            self._update_vectors(grads, step, rate * self.settings.vector_rate, clip)
            self._update_matrices(grads, rate * self.settings.matrix_rate)
            self._publish(step)
        for weight in self.weights.values():
            weight.grad = None
        return norm

    def tensors(self) -> dict[str, Float[Tensor, "..."]]:
        """List everything a checkpoint must hold."""
        kinds = {"master": self.master, "average": self.average, "first": self.first, "second": self.second}
        return {f"{kind}/{name}": value for kind, values in kinds.items() for name, value in values.items()}

    @torch.no_grad()
    def restore(self, tensors: Mapping[str, Float[Tensor, "..."]]) -> None:
        """Put back what `tensors` gave.

        Args:
            tensors: from a checkpoint of the same module.
        """
        for name, value in self.tensors().items():
            value.copy_(tensors[name])
        self._write_module(self.master)

    @torch.no_grad()
    def show_average(self) -> None:
        """Let the module compute with the averaged weights."""
        self._write_module(self.average)

    @torch.no_grad()
    def show_master(self) -> None:
        """Let the module compute with the weights in training."""
        self._write_module(self.master)

    def _update_vectors(self, grads: Mapping[str, Tensor], step: int, rate: float, clip: float) -> None:
        low, high = self.settings.betas
        for name, second in self.second.items():
            if name not in grads:
                continue
            grad = grads[name].float() * clip
            first = self.first[name].lerp_(grad, 1 - low)
            second.lerp_(grad.square(), 1 - high)
            deviation = (second / (1 - high ** (step + 1))).sqrt().add_(1e-8)
            self.master[name].addcdiv_(first, deviation, value=-rate / (1 - low ** (step + 1)))

    def _update_matrices(self, grads: Mapping[str, Tensor], rate: float) -> None:
        momentum = self.settings.momentum
        for shape, group in self._groups.items():
            names = [name for name in group if name in grads]
            if not names:
                continue
            stack = torch.stack([grads[name].float().flatten(1) for name in names])
            moving = torch.stack([self.first[name].flatten(1) for name in names]).lerp_(stack, 1 - momentum)
            turned = orthogonalise(stack.lerp_(moving, momentum))
            scale = rate * max(1.0, shape[0] / shape[1]) ** 0.5
            for index, name in enumerate(names):
                self.first[name].copy_(moving[index].view_as(self.first[name]))
                self.master[name].mul_(1 - rate * self.settings.weight_decay)
                self.master[name].add_(turned[index].view_as(self.master[name]), alpha=-scale)

    def _publish(self, step: int) -> None:
        decay = min(self.settings.average, (1 + step) / (10 + step))
        for name, master in self.master.items():
            self.average[name].lerp_(master, 1 - decay)
        self._write_module(self.master)

    def _write_module(self, values: Mapping[str, Tensor]) -> None:
        for name, weight in self.weights.items():
            weight.data.copy_(values[name])


def orthogonalise(matrices: Float[Tensor, "g r c"]) -> Float[Tensor, "g r c"]:
    """Bring every matrix near its closest orthogonal one: singular values to about 1.

    Args:
        matrices: a stack of equal shape.

    Returns:
        The stack turned, float32; singular values between about 0.7 and 1.2.

    Source: Jordan et al. 2024, Muon; five steps of a quintic Newton-Schulz iteration, in bfloat16 where the device
    multiplies it natively: elsewhere such products are many times slower than in float32.
    """
    a, b, c = NEWTON_SCHULZ
    is_tall = matrices.shape[1] > matrices.shape[2]
    turned = matrices.transpose(1, 2) if is_tall else matrices
    turned = (turned / (turned.norm(dim=(1, 2), keepdim=True) + 1e-7)).to(pick_dtype(matrices.device))
    for _ in range(NEWTON_SCHULZ_STEPS):
        gram = turned @ turned.transpose(1, 2)
        turned = torch.baddbmm(turned, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), turned, beta=a)
    return (turned.transpose(1, 2) if is_tall else turned).float()


def inner_matrices(module: nn.Module, *, outside: tuple[str, ...]) -> frozenset[str]:
    """Name the weights that mix channels inside a network; its doors and all vectors stay with AdamW.

    Args:
        module: the network.
        outside: beginnings of the names of its doors: embeddings, predictions, modulations.

    Returns:
        Names of weights of two or more axes that are not doors.
    """
    return frozenset(
        name
        for name, weight in module.named_parameters()
        if name.endswith(".weight") and weight.ndim >= 2 and not name.startswith(outside)
    )
