"""Step caching: near steps reuse, far ones run, and a tolerance of 0 changes nothing."""

import torch

from misora.model.step_cache import StepCache


def double(tokens: torch.Tensor) -> torch.Tensor:
    return 2 * tokens


def test_what_changes_little_is_added_again() -> None:
    cache, before = StepCache(tolerance=0.1), torch.zeros(3, 4)
    assert torch.equal(cache.rest(before, torch.ones(3, 4), double), 2 * torch.ones(3, 4))
    near = cache.rest(before, 1.05 * torch.ones(3, 4), double)
    assert torch.allclose(near, 2.05 * torch.ones(3, 4))
    assert (cache.num_run, cache.num_reused) == (1, 1)


def test_small_changes_do_not_add_up_unseen() -> None:
    cache, before = StepCache(tolerance=0.1), torch.zeros(3, 4)
    for number in range(12):
        cache.rest(before, (1 + 0.04 * number) * torch.ones(3, 4), double)
    assert cache.num_run == 4  # at 1, 1.12, 1.24 and 1.40: measured from the last whole step


def test_a_tolerance_of_zero_runs_everything() -> None:
    cache = StepCache(tolerance=0.0)
    for _ in range(3):
        cache.rest(torch.zeros(1, 2), torch.ones(1, 2), double)
    assert (cache.num_run, cache.num_reused) == (3, 0)
