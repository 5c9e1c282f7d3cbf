"""One block."""

import torch

from misora.model.block import unit_rms


def test_a_head_has_a_root_mean_square_of_one() -> None:
    heads = 50 * torch.randn(4, 2, 64)
    torch.testing.assert_close(unit_rms(heads).square().mean(-1), torch.ones(4, 2), rtol=1e-3, atol=1e-3)
