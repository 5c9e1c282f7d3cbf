import numpy as np
import pytest
import torch

from misora.evaluate.network import Maps
from misora.evaluate.tracks import find_blobs, find_tracks, floor_of


def _maps(num_frames: int = 4) -> Maps:
    """A red box that moves one cell to the right a frame, and a speck."""
    colour = torch.zeros(num_frames, 11, 48, 48)
    colour[:, 0] = 1
    shape = torch.zeros(num_frames, 5, 48, 48)
    for frame in range(num_frames):
        colour[frame, 1, 20:30, 10 + frame : 20 + frame] = 5
        shape[frame, 1, 20:30, 10 + frame : 20 + frame] = 3
        colour[frame, 7, 2, 2] = 9
    floor = torch.tensor([[0.0, 3.0, 0.0, 0.0]]).repeat(num_frames, 1)
    return Maps(colour=colour, shape=shape, floor=floor)


def test_a_moving_thing_is_one_track_with_its_place_and_shape() -> None:
    [track] = find_tracks(find_blobs(_maps()))
    assert track.colour == 0
    assert int(track.shape.argmax()) == 1
    assert np.diff(track.centre[:, 0]) == pytest.approx(1 / 48)
    assert track.centre[:, 1] == pytest.approx((25 - 24) / 48)
    assert track.area == pytest.approx(100 / 48**2)
    assert track.extent == pytest.approx(np.full((4, 2), 10 / 48))


def test_a_fringe_of_another_colour_is_no_thing() -> None:
    maps = _maps()
    maps.colour[:, 2, 20:30, 19] = 9
    assert len(find_tracks(find_blobs(maps))) == 1


def test_a_hidden_thing_keeps_its_last_place() -> None:
    maps = _maps()
    maps.colour[2, 1] = 0
    [track] = find_tracks(find_blobs(maps))
    assert track.is_seen.tolist() == [True, True, False, True]
    assert track.centre[2, 0] in (track.centre[1, 0], track.centre[3, 0])


def test_two_pieces_of_one_colour_count_twice() -> None:
    maps = _maps()
    maps.colour[:, 1, 20:30, 35:45] = 5
    assert len(find_tracks(find_blobs(maps))) == 2


def test_nothing_is_seen_in_no_frames() -> None:
    assert find_tracks(find_blobs(_maps()).between(0, 0)) == ()


def test_the_floor_is_what_most_frames_say() -> None:
    assert floor_of(_maps().floor) == 1
