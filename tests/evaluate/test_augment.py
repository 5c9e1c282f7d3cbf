import pytest
import torch

from misora.evaluate.augment import (
    Shares,
    blurred,
    coarse,
    damaged,
    damaged_alike,
    from_patches,
    ghosted,
    jpeg,
    patch_basis,
    through_basis,
    to_patches,
)


@pytest.fixture(name="groups")
def _groups() -> torch.Tensor:
    smooth = torch.rand(3, 4, 3, 4, 6, generator=torch.Generator().manual_seed(0))
    return torch.nn.functional.interpolate(smooth.flatten(0, 1), size=(32, 48), mode="bilinear").view(3, 4, 3, 32, 48)


def test_patches_return_to_their_place(groups: torch.Tensor) -> None:
    assert torch.equal(from_patches(to_patches(groups), groups), groups)


def test_a_longer_code_keeps_more(groups: torch.Tensor) -> None:
    basis = patch_basis(groups, num_kept=16)
    still = torch.Generator().manual_seed(0)
    error = [
        float((through_basis(groups, basis[:kept], noise=0.0, generator=still) - groups).square().mean())
        for kept in (2, 6, 16)
    ]
    assert error[0] > error[1] > error[2]


@pytest.mark.parametrize(
    "harm", [lambda g: blurred(g, 1.0), lambda g: coarse(g, 2.0), lambda g: ghosted(g, 0.4), lambda g: jpeg(g, 50)]
)
def test_harm_keeps_size_and_mean_but_not_detail(harm, groups: torch.Tensor) -> None:
    noisy = (groups + 0.2 * torch.randn(groups.shape, generator=torch.Generator().manual_seed(1))).clamp(0, 1)
    harmed = harm(noisy)
    assert harmed.shape == noisy.shape
    assert float(harmed.mean()) == pytest.approx(float(noisy.mean()), abs=0.02)
    assert float(harmed.var()) < float(noisy.var())


def test_equal_seeds_do_equal_damage(groups: torch.Tensor) -> None:
    basis = patch_basis(groups, num_kept=32)
    seen = [damaged(groups, basis, generator=torch.Generator().manual_seed(5), shares=Shares()) for _ in range(2)]
    assert torch.equal(seen[0], seen[1])
    assert 0 <= float(seen[0].min()) <= float(seen[0].max()) <= 1


def test_all_groups_of_a_clip_get_one_light(groups: torch.Tensor) -> None:
    alike = groups[:1].expand(3, -1, -1, -1, -1)
    light = Shares(untouched=1.0)
    seen = damaged_alike(alike, torch.empty(0, 0), generator=torch.Generator().manual_seed(2), shares=light)
    assert torch.equal(seen[0], seen[2])
