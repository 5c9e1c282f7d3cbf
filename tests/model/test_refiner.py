"""The text refiner."""

import torch

from misora.model.dial import size_for
from misora.model.refiner import TextRefiner


def test_fill_after_a_line_changes_nothing() -> None:
    refiner = TextRefiner(size_for(1)).eval()
    for weight in refiner.parameters():
        torch.nn.init.normal_(weight, std=0.05)
    text, is_said = torch.randn(2, 16, 384), torch.zeros(2, 16, dtype=torch.bool)
    is_said[0, 0] = is_said[1, :5] = True
    tokens, pooled = refiner(text, is_said)
    changed = text.clone()
    changed[1, 5:] = 7.0
    tokens_after, pooled_after = refiner(changed, is_said)
    torch.testing.assert_close(pooled, pooled_after)
    torch.testing.assert_close(tokens[1, :5], tokens_after[1, :5])


def test_silence_does_not_depend_on_what_stands_in_its_place() -> None:
    refiner = TextRefiner(size_for(1)).eval()
    is_said = torch.tensor([[True, False]])
    one, other = (refiner(torch.randn(1, 2, 384), is_said)[1] for _ in range(2))
    torch.testing.assert_close(one, other)
