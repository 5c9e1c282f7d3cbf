"""Controls: a camera is told by its motion, a track by where it lies from each token."""

import math

import pytest
import torch

from misora.model.controls import Controls, camera_motion, camera_waves, mirror, track, track_waves
from misora.model.grid import Grid

GRID = Grid(groups=2, rows=2, columns=4, seconds_per_group=0.5, cards_seconds=(0.2,))


def orbit(degrees: list[float], distance_m: float = 8.0) -> tuple[torch.Tensor, torch.Tensor]:
    """A camera that goes around the origin, level with it, and looks at it."""
    angles = torch.tensor([math.radians(90 + turn) for turn in degrees])
    views = torch.stack((angles.cos(), angles.sin(), torch.zeros_like(angles)), dim=1)
    return -distance_m * views, views


def test_a_camera_at_rest_does_not_move() -> None:
    places, views = orbit([10.0, 10.0, 10.0])
    assert camera_motion(places, views).abs().max() < 1e-6


def test_an_orbit_turns_and_moves_to_the_right_at_first() -> None:
    motion = camera_motion(*orbit([0.0, 10.0]))
    turn, tilt, right, up, ahead = motion[1].tolist()
    assert turn == pytest.approx(math.radians(10), abs=1e-5)
    assert right == pytest.approx(8 * math.sin(math.radians(10)), rel=1e-4)
    assert ahead == pytest.approx(8 * (1 - math.cos(math.radians(10))), rel=1e-3)
    assert max(abs(tilt), abs(up)) < 1e-5


def test_motion_is_the_same_wherever_the_shot_begins() -> None:
    here, there = camera_motion(*orbit([0.0, 10.0])), camera_motion(*orbit([175.0, 185.0]))
    torch.testing.assert_close(here, there, rtol=0, atol=1e-5)


def test_a_push_in_goes_ahead_along_the_view() -> None:
    view = torch.tensor([0.0, math.cos(0.5), -math.sin(0.5)])
    motion = camera_motion(torch.stack((-8 * view, -6 * view)), view.expand(2, 3))
    torch.testing.assert_close(motion[1], torch.tensor([0.0, 0.0, 0.0, 0.0, 2.0]), rtol=0, atol=1e-5)


def test_a_mirrored_camera_goes_the_other_way() -> None:
    motion = camera_motion(*orbit([0.0, 10.0]))
    mirrored = mirror(Controls(camera=motion)).camera
    assert mirrored is not None
    torch.testing.assert_close(mirrored, camera_motion(*orbit([0.0, -10.0])), rtol=0, atol=1e-5)


def test_a_track_has_its_middle_in_the_middle_and_mirrors_its_columns() -> None:
    seen = track(torch.tensor([[0.5, 0.5], [1.0, 0.25], [9.0, 9.0]]), is_seen=torch.tensor([True, True, False]))
    assert seen.tolist() == [[0, 0, 1], [1, -0.5, 1], [0, 0, 0]]
    mirrored = mirror(Controls(track=seen)).track
    assert mirrored is not None
    assert mirrored.tolist() == [[0, 0, 1], [-1, -0.5, 1], [0, 0, 0]]


def test_nothing_is_laid_out_where_nothing_is_told() -> None:
    assert camera_waves([GRID], [Controls()]) is None
    assert track_waves([GRID], [Controls()]) is None


def test_the_nearest_token_knows_it_and_cards_and_other_clips_are_told_nothing() -> None:
    shares = torch.tensor([[0.875, 0.25], [0.125, 0.75]])  # the middles of the upper right and the lower left token
    told = Controls(camera=torch.ones(2, 5), track=track(shares, is_seen=torch.tensor([True, False])))
    waves = track_waves([GRID, GRID], [told, Controls()])
    assert waves is not None
    clip = waves[:16].view(2, 2, 4, 9)
    sharp = clip[0, ..., 4]
    assert sharp.argmax() == 3
    assert sharp.max() == 1
    assert clip[..., 0].min() == 1
    assert clip[1, ..., 1:].abs().max() == 0  # told, and not to be seen
    assert waves[16:].abs().max() == 0
    frames = camera_waves([GRID, GRID], [told, Controls()])
    assert frames is not None
    assert frames[:, 0].tolist() == [1, 1, 0, 0, 0, 0]
