"""Positions in seconds and cells."""

import torch

from misora.model.grid import Grid
from misora.model.positions import rotate, rotations, token_positions


def test_tokens_stand_at_the_middle_of_their_group_around_the_centre() -> None:
    places = token_positions(Grid(groups=2, rows=1, columns=2, seconds_per_group=0.5))
    assert places.tolist() == [[0.25, 0, -0.5], [0.25, 0, 0.5], [0.75, 0, -0.5], [0.75, 0, 0.5]]


def test_scores_depend_on_distance_alone() -> None:
    query, key = torch.randn(1, 2, 64), torch.randn(1, 2, 64)
    here, there = torch.tensor([[0.5, 1.0, -2.0]]), torch.tensor([[1.25, -1.0, 0.5]])
    moved = torch.tensor([[7.0, 3.0, -1.0]])

    def score(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return (rotate(query, rotations(a)) * rotate(key, rotations(b))).sum(-1)

    torch.testing.assert_close(score(here, there), score(here + moved, there + moved), rtol=1e-4, atol=1e-4)


def test_turning_keeps_lengths() -> None:
    heads = torch.randn(5, 3, 64)
    turned = rotate(heads, rotations(torch.randn(5, 3)))
    torch.testing.assert_close(turned.norm(dim=-1), heads.norm(dim=-1))
