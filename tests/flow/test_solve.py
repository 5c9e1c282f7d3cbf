"""Solvers on fields with known answers."""

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from misora.core.errors import NumericsError
from misora.flow.levels import token_levels
from misora.flow.loss import velocity_from_clean
from misora.flow.schedule import sampling_times
from misora.flow.solve import SolverStep, euler, multistep

ONE = torch.ones(1, 1, dtype=torch.float64)


def growth(tokens: Tensor, time: float) -> Tensor:
    """dz/du = z, so that one falls to 1/e from time 1 to 0."""
    return tokens


def gaussian(tokens: Tensor, time: float) -> Tensor:
    """Exact velocity when the data are normal with width 0.5: z(0) = 0.5 z(1)."""
    variance = (1 - time) ** 2 * 0.25 + time**2
    clean = (1 - time) * 0.25 / variance * tokens
    return velocity_from_clean(tokens, clean, torch.full((len(tokens),), time, dtype=tokens.dtype))


def order(solver: Callable[..., Tensor], field: Callable[[Tensor, float], Tensor], *, answer: float) -> float:
    """Measured order of convergence: log2 of the factor by which the error falls when steps double.

    Steps are even: with shifted ones the second-order error of this Gaussian crosses zero near 100 steps.
    """
    errors = [abs(solver(field, ONE, sampling_times(k)).item() - answer) for k in (128, 256)]
    return math.log2(errors[0] / errors[1])


@pytest.mark.parametrize(("field", "answer"), [(growth, math.exp(-1)), (gaussian, 0.5)])
def test_euler_is_of_first_order(field: Callable[[Tensor, float], Tensor], answer: float) -> None:
    assert order(euler, field, answer=answer) == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize(("field", "answer"), [(growth, math.exp(-1)), (gaussian, 0.5)])
def test_multistep_is_of_second_order(field: Callable[[Tensor, float], Tensor], answer: float) -> None:
    assert order(multistep, field, answer=answer) == pytest.approx(2, abs=0.1)


@pytest.mark.parametrize("solver", [euler, multistep])
def test_straight_lines_are_followed_exactly_in_one_step(solver: Callable[..., Tensor]) -> None:
    noise, clean = torch.randn(3, 2, dtype=torch.float64), torch.randn(3, 2, dtype=torch.float64)
    found = solver(lambda tokens, time: noise - clean, noise, sampling_times(1))
    torch.testing.assert_close(found, clean)


@pytest.mark.parametrize("solver", [euler, multistep])
def test_known_tokens_never_move_and_partly_known_ones_end_clean(solver: Callable[..., Tensor]) -> None:
    start = torch.tensor([1.0, 0.0, 0.37], dtype=torch.float64)
    noise, clean = torch.randn(3, 2, dtype=torch.float64), torch.randn(3, 2, dtype=torch.float64)
    noisy = (1 - start[:, None]) * clean + start[:, None] * noise

    def velocity(tokens: Tensor, time: float) -> Tensor:
        return velocity_from_clean(tokens, clean, token_levels(torch.full_like(start, time), start))

    found = solver(velocity, noisy, sampling_times(10, shift=2.0), start=start)
    assert torch.equal(found[1], clean[1])
    torch.testing.assert_close(found, clean)


def test_a_partly_known_token_waits_for_its_time() -> None:
    start = torch.tensor([0.4], dtype=torch.float64)
    seen: list[float] = []
    euler(
        lambda z, u: torch.ones_like(z),
        ONE,
        sampling_times(5),
        start=start,
        on_step=lambda s: seen.append(s.tokens.item()),
    )
    assert seen == pytest.approx([1.0, 1.0, 1.0, 0.8, 0.6])


def test_multistep_keeps_its_order_when_tokens_set_out_at_their_own_times() -> None:
    start = torch.tensor([0.71], dtype=torch.float64)
    errors = [
        abs(multistep(growth, ONE, sampling_times(k, shift=3.0), start=start).item() - math.exp(-0.71))
        for k in (200, 400)
    ]
    # Where a start falls within a step varies with their number, so the measured order is less even.
    assert math.log2(errors[0] / errors[1]) > 1.7


@pytest.mark.parametrize("solver", [euler, multistep])
def test_a_number_that_is_not_finite_names_its_step(solver: Callable[..., Tensor]) -> None:
    def broken(tokens: Tensor, time: float) -> Tensor:
        return tokens if time > 0.5 else tokens * torch.nan

    with pytest.raises(NumericsError, match="step 3 of 4"):
        solver(broken, ONE, sampling_times(4))


def test_every_step_is_reported_with_its_number_and_time() -> None:
    steps: list[SolverStep] = []
    euler(growth, ONE, sampling_times(4), on_step=steps.append)
    assert [(step.number, step.num_steps, step.time) for step in steps] == [
        (1, 4, 0.75),
        (2, 4, 0.5),
        (3, 4, 0.25),
        (4, 4, 0),
    ]
