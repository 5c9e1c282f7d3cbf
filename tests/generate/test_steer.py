"""Paths on a canvas become what the transformer is told."""

from dataclasses import dataclass

import pytest
import torch

from misora.generate.steer import steering
from misora.model.controls import NO_CONTROLS
from misora.model.grid import Grid

GRID = Grid(groups=4, rows=2, columns=2, seconds_per_group=0.5, cards_seconds=(0.1,))
STILL = Grid(groups=1, rows=2, columns=2, seconds_per_group=0.0)


@dataclass(frozen=True)
class Drawn:
    kind: str
    times_seconds: tuple[float, ...]
    values: tuple[tuple[float, ...], ...]


PUSH = Drawn("camera", (0.0, 2.0), ((0.0, -8.0, 0.0, 0.0, 0.0, 0.0), (0.0, -4.0, 0.0, 0.0, 0.0, 0.0)))
ACROSS = Drawn("track", (0.0, 1.0), ((0.0, 0.5), (1.2, 0.5)))


def test_a_canvas_without_paths_is_not_steered() -> None:
    assert steering((), GRID) == NO_CONTROLS


def test_a_camera_moves_straight_between_its_moments() -> None:
    camera = steering((PUSH,), GRID).camera
    assert camera is not None
    assert camera[:, 4].tolist() == pytest.approx([0.5, 1.5, 2.5, 3.5])
    assert camera[:, :4].abs().max() < 1e-6
    assert steering((PUSH,), STILL).camera is None


def test_the_clock_of_the_paths_begins_after_the_lead() -> None:
    camera = steering((PUSH,), GRID, lead_seconds=1.0).camera
    assert camera is not None
    assert camera[:, 4].tolist() == pytest.approx([0.0, 0.0, 0.5, 1.5])


def test_a_thing_that_leaves_the_picture_is_not_seen_there() -> None:
    seen = steering((PUSH, ACROSS), GRID).track
    assert seen is not None
    assert seen[:, 2].tolist() == [1, 1, 0, 0]
    torch.testing.assert_close(seen[:2, 0], torch.tensor([-0.4, 0.8]))
    assert steering((ACROSS,), STILL).track is not None
