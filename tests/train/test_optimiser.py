"""The optimiser."""

import pytest
import torch
from torch import nn

from misora.train.optimiser import Optimiser, OptimiserSettings, inner_matrices, orthogonalise


def test_orthogonalised_matrices_stretch_all_directions_alike() -> None:
    for shape in ((3, 32, 32), (2, 16, 64), (2, 64, 16)):
        values = torch.linalg.svdvals(orthogonalise(torch.randn(shape)))
        assert values.min() > 0.3  # five quintic steps leave a band around one
        assert values.max() < 1.4


def test_a_processor_without_bfloat16_turns_in_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    matrix = torch.randn(1, 8, 8)
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", "AVX2")
    turned = orthogonalise(matrix)
    assert not torch.equal(turned, turned.bfloat16().float())


def test_a_stack_is_turned_as_each_matrix_alone() -> None:
    stack = torch.randn(3, 8, 8)
    alone = torch.cat([orthogonalise(matrix[None]) for matrix in stack])
    torch.testing.assert_close(orthogonalise(stack), alone, rtol=0, atol=0.05)  # bfloat16


def test_a_line_is_fitted() -> None:
    torch.manual_seed(1)
    network = nn.Sequential(nn.Linear(2, 16), nn.Linear(16, 16), nn.Linear(16, 1))
    matrices = inner_matrices(network, outside=("0.", "2."))
    assert matrices == {"1.weight"}
    optimiser = Optimiser(network, OptimiserSettings(matrix_rate=0.05, vector_rate=0.03), matrices=matrices)
    points = torch.randn(64, 2)
    target = points @ torch.tensor([[1.0], [-2.0]])
    losses = []
    for step in range(120):
        loss = (network(points) - target).square().mean()
        loss.backward()
        optimiser.step(step, rate=1 - step / 120)
        losses.append(loss.item())
    assert losses[-1] < 0.01 * losses[0]


def test_a_gradient_that_is_not_finite_changes_nothing() -> None:
    network = nn.Linear(2, 2)
    before = network.weight.clone()
    optimiser = Optimiser(network, OptimiserSettings(), matrices=frozenset())
    network(torch.full((1, 2), float("nan"))).sum().backward()
    assert not optimiser.step(0, rate=1.0) < float("inf")
    assert torch.equal(network.weight, before)


def test_the_average_follows_slowly_and_can_be_shown() -> None:
    network = nn.Linear(1, 1, bias=False)
    optimiser = Optimiser(network, OptimiserSettings(average=0.9), matrices=frozenset())
    for step in range(5):
        network(torch.ones(1, 1)).sum().backward()
        optimiser.step(step, rate=1.0)
    newest = network.weight.item()
    optimiser.show_average()
    assert network.weight.item() > newest
    optimiser.show_master()
    assert network.weight.item() == newest
