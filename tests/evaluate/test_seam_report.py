"""What the seams suite finds, from what is seen."""

import pytest
import torch

from misora.evaluate.seam_report import WAYS, Bounds, Seen, ability_as_dict, ability_lines, ability_report

BOUNDS = Bounds(steps=torch.tensor([10.0, 20.0]), motion=2.0, own_motion=2.0)


def seen(change: float, motion: float | None = 2.0, *, own: float | None = None, error: float | None = None) -> Seen:
    own = motion if own is None else own
    return Seen(steps=torch.tensor([[1.0, 1.0], [change, 2.0]]), motion=motion, own_motion=own, error=error)


def test_a_case_is_right_where_every_seam_is_smooth_and_every_gap_moves() -> None:
    assert seen(9).is_right(BOUNDS)
    assert not seen(11).is_right(BOUNDS)
    assert not seen(9, 0.9).is_right(BOUNDS)
    assert seen(9, None).is_right(BOUNDS)
    assert seen(9, 2.0, own=0.0).is_moving_itself(BOUNDS) is False


def test_cases_are_counted_beside_their_film_and_the_same_cases_faded_and_cut() -> None:
    ways = {
        "made": [seen(5, error=1.0), seen(12, error=3.0), seen(5, 0.1)],
        "filmed": [seen(2), seen(2, 1.5), seen(2, 0.1)],
        "autoencoder": [seen(3), seen(3), seen(3)],
        "cross-fade": [seen(1, own=0.0, error=2.0), seen(1, 0.5, error=2.0), seen(1, own=0.0)],
        "hard cut": [seen(9, None), seen(9, None), seen(9, None)],
    }
    assert tuple(ways) == WAYS
    found = ability_report(ways, BOUNDS, kept_db=[0.0, -0.2, -0.1], seconds=[1.0, 2.0, 3.0])
    made = found.ways["made"]
    assert (made.both.num_right, made.both.num_all) == (1, 3)
    assert (made.answerable.num_right, made.answerable.num_all) == (1, 2)
    assert made.motion == pytest.approx(1.0)
    assert found.over_fade.low < -1 / 3 < found.over_fade.high
    assert found.over_fade_itself.high > 1 / 3
    assert (found.over_cut.num_right, found.nearer.num_right, found.nearer.num_all) == (2, 1, 2)
    assert found.kept_db.low < -0.1 < found.kept_db.high
    assert found.video_seconds == 2.0
    assert ability_as_dict(found)["hard cut"]["motion"] is None
    assert "loop, made" in ability_lines("loop", found)[0]
