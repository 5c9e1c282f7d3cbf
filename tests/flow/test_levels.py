"""Levels of tokens."""

import torch

from misora.flow.levels import token_levels


def test_unknown_follows_the_time_known_stays_and_partly_known_waits() -> None:
    start = torch.tensor([1.0, 0.0, 0.4])
    assert token_levels(torch.full((3,), 0.75), start).tolist() == [0.75, 0.0, torch.tensor(0.4).item()]
    assert token_levels(torch.full((3,), 0.25), start).tolist() == [0.25, 0.0, 0.25]
