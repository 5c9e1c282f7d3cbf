"""Attention against an oracle in float64."""

import torch

from misora.model.attention import attend, self_attention, text_attention
from misora.model.grid import Grid
from misora.model.sequence import lay_out

GRIDS = [Grid(groups=2, rows=2, columns=3, seconds_per_group=0.5)] * 2 + [
    Grid(groups=1, rows=2, columns=2, seconds_per_group=0.0)
]


def oracle(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, is_seen: torch.Tensor) -> torch.Tensor:
    """One query at a time, in float64: q h c, k h c, v h c, is_seen q k."""
    out = torch.zeros_like(q, dtype=torch.float64)
    for i in range(q.shape[0]):
        for h in range(q.shape[1]):
            scores = (k[:, h].double() @ q[i, h].double()) / q.shape[-1] ** 0.5
            weights = scores.masked_fill(~is_seen[i], -torch.inf).softmax(0)
            out[i, h] = weights @ v[:, h].double()
    return out


def test_clips_of_a_pack_see_themselves_alone() -> None:
    sequence = lay_out(GRIDS, [()] * 3)
    q, k, v = torch.randn(3, sequence.num_tokens, 2, 8)
    is_same = sequence.clip_of_token[:, None] == sequence.clip_of_token[None]
    expected = oracle(q, k, v, is_same)
    for is_training in (False, True):
        mixed = self_attention(q.requires_grad_(is_training), k, v, sequence.blocks)
        torch.testing.assert_close(mixed.detach().double(), expected, rtol=1e-4, atol=1e-5)  # float32 sums of 12


def test_tokens_see_the_real_words_of_their_own_frame() -> None:
    sequence = lay_out(GRIDS, [()] * 3)
    queries = torch.randn(sequence.num_tokens, 2, 8)
    keys, values = torch.randn(2, 5, 2, 6, 8)
    is_said = torch.rand(5, 6) < 0.6
    is_said[:, 0] = True
    frame = sequence.frame_of_token
    is_seen = (frame[:, None] == torch.arange(5).repeat_interleave(6)[None]) & is_said.flatten()[None]
    flat_keys, flat_values = (part.transpose(1, 2).flatten(0, 1) for part in (keys, values))
    expected = oracle(queries, flat_keys, flat_values, is_seen)
    mixed = text_attention(queries, keys, values, is_said, sequence.blocks)
    torch.testing.assert_close(mixed.double(), expected, rtol=1e-4, atol=1e-5)


def test_the_plain_and_the_fused_form_agree_in_gradient() -> None:
    q, k, v = torch.randn(3, 2, 2, 7, 8).unbind()
    fused = [part.clone().double().requires_grad_() for part in (q, k, v)]
    plain = [part.clone().double().requires_grad_() for part in (q, k, v)]
    torch.nn.functional.scaled_dot_product_attention(*fused).square().sum().backward()
    attend(*plain).square().sum().backward()
    for one, other in zip(fused, plain, strict=True):
        torch.testing.assert_close(one.grad, other.grad)
