"""Levels of tokens."""

import torch

from misora.flow.levels import token_levels


def test_unknown_follows_the_time_known_stays_and_partly_known_waits() -> None:
    start = torch.tensor([1.0, 0.0, 0.4])
    assert token_levels(torch.full((3,), 0.75), start).tolist() == [0.75, 0.0, torch.tensor(0.4).item()]
    assert token_levels(torch.full((3,), 0.25), start).tolist() == [0.25, 0.0, 0.25]


def test_what_is_held_keeps_its_noise() -> None:
    start, is_held = torch.tensor([1.0, 0.25, 0.25]), torch.tensor([False, True, False])
    assert token_levels(torch.zeros(3), start, is_held=is_held).tolist() == [0.0, 0.25, 0.0]
    assert token_levels(torch.full((3,), 0.5), start, is_held=is_held).tolist() == [0.5, 0.25, 0.25]
