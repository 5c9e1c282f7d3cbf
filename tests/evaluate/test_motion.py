import numpy as np
import pytest
import torch

from misora.evaluate.motion import (
    DOINGS,
    NUM_COLUMNS,
    NUM_FEATURES,
    NUM_POINTS,
    disturbed_features,
    doing_of,
    features,
    mirrored_doing,
    mirrored_features,
    nearest,
)
from misora.evaluate.tracks import Track
from misora.worlds.script import Beat


def _track(x: np.ndarray) -> Track:
    centre = np.stack([x, np.zeros_like(x)], 1)
    return Track(
        colour=0,
        shape=np.zeros(5),
        centre=centre,
        extent=np.full_like(centre, 0.2),
        area=np.full(len(x), 0.04),
        lean=x / 10,
        change=np.abs(x),
        steady=2 * centre,
    )


def test_a_collision_names_who_hits_and_who_is_struck() -> None:
    beat = Beat(kind="collide", thing=0, direction="left", target=1, from_seconds=0.0, to_seconds=2.0)
    assert (doing_of(beat, 0), doing_of(beat, 1)) == ("collide left", "struck")
    roll = Beat(kind="roll", thing=1, direction="towards", target=None, from_seconds=0.0, to_seconds=2.0)
    assert (doing_of(roll, 0), doing_of(roll, 1)) == ("still", "towards")


def test_a_mirror_swaps_left_and_right_alone() -> None:
    swapped = {doing: mirrored_doing(doing) for doing in DOINGS}
    assert swapped["left"] == "right"
    assert swapped["collide right"] == "collide left"
    assert all(mirrored_doing(mirrored_doing(doing)) == doing for doing in DOINGS)
    assert swapped["topple left"] == "topple right"
    assert sum(doing != mirror for doing, mirror in swapped.items()) == 6


def test_mirrored_features_are_those_of_the_mirrored_track() -> None:
    x, times = np.linspace(-0.3, 0.4, 16), np.arange(16) / 8
    seen = [
        features(_track(sign * x), _track(sign * x[::-1]), times_seconds=times, window=(0.0, 2.0)) for sign in (1, -1)
    ]
    rows = torch.from_numpy(np.stack(seen))
    assert rows.shape == (2, NUM_FEATURES)
    torch.testing.assert_close(mirrored_features(rows[:1]), rows[1:])


def test_a_window_looks_at_its_own_time_only() -> None:
    times = np.arange(24) / 8
    x = np.where(times < 1.5, 0.0, times - 1.5)
    first = features(_track(x), None, times_seconds=times, window=(0.0, 1.4))
    second = features(_track(x), None, times_seconds=times, window=(1.5, 3.0))
    assert np.ptp(first[:NUM_POINTS]) == 0
    assert np.ptp(second[:NUM_POINTS]) == pytest.approx(1.375, abs=0.01)


def test_a_disturbed_beat_keeps_its_form_and_an_absent_thing_stays_absent() -> None:
    times = np.arange(16) / 8
    row = torch.from_numpy(features(_track(np.linspace(-0.3, 0.4, 16)), None, times_seconds=times, window=(0.0, 2.0)))
    seen = disturbed_features(row[None], generator=torch.Generator().manual_seed(0))
    assert seen.shape == (1, NUM_FEATURES)
    assert seen[0, NUM_POINTS - 1] - seen[0, 0] == pytest.approx(0.7, abs=0.2)
    assert not seen[0, NUM_COLUMNS * NUM_POINTS : -2].any()


def test_the_other_thing_is_the_one_that_comes_nearest() -> None:
    track, near, far = (_track(np.linspace(start, 0.0, 8) + start) for start in (0.0, 0.15, 0.4))
    assert nearest(track, [far, near]) is near
    assert nearest(track, []) is None


def test_a_steadied_place_is_told_from_where_the_beat_began() -> None:
    times = np.arange(16) / 8
    row = features(_track(np.linspace(0.1, 0.4, 16)), None, times_seconds=times, window=(1.0, 2.0))
    steady = row[8 * NUM_POINTS : 9 * NUM_POINTS]
    assert steady[0] == 0
    assert steady[-1] == pytest.approx(2 * 0.3 * 7 / 15, abs=0.01)
