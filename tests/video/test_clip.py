"""Clips: pixels and their clock agree."""

import pytest
import torch

from misora.core.errors import UsageError
from misora.video.clip import Clip


def frames(count: int = 4) -> torch.Tensor:
    return torch.zeros(count, 3, 6, 8, dtype=torch.uint8)


def test_an_even_clock_gives_its_rate_size_and_length_back() -> None:
    clip = Clip.at_rate(frames(16), 8)
    assert (clip.fps, clip.num_frames, clip.size, clip.seconds) == (8.0, 16, (8, 6), 2.0)


def test_a_broadcast_rate_survives_the_clock() -> None:
    assert Clip.at_rate(frames(), 30_000 / 1001).fps == pytest.approx(30_000 / 1001, abs=1e-6)


def test_a_still_is_shown_for_a_second() -> None:
    assert Clip.at_rate(frames(1), 24).seconds == 1.0


def test_one_long_pause_does_not_change_the_rate() -> None:
    clip = Clip(frames=frames(5), pts_seconds=torch.tensor([0.0, 0.1, 0.2, 5.0, 5.1], dtype=torch.float64))
    assert clip.fps == 10.0


def test_a_cut_keeps_the_source_clock() -> None:
    part = Clip.at_rate(frames(16), 8, start_seconds=3).between(3.5, 4.0)
    assert part.pts_seconds.tolist() == [3.5, 3.625, 3.75, 3.875]


def test_a_cut_outside_the_clip_is_refused() -> None:
    with pytest.raises(UsageError, match=r"runs from 0\.000 to 0\.375 s"):
        Clip.at_rate(frames(), 8).between(2, 3)


@pytest.mark.parametrize("times", [[0.0, 0.1, 0.1, 0.2], [0.0, 0.2, 0.1, 0.3], [0.0, 0.1, float("nan"), 0.3]])
def test_a_clock_that_stops_or_runs_backwards_is_refused(times: list[float]) -> None:
    with pytest.raises(UsageError, match="strictly increasing"):
        Clip(frames=frames(), pts_seconds=torch.tensor(times, dtype=torch.float64))


def test_a_frame_without_a_time_is_refused() -> None:
    with pytest.raises(Exception, match="pts_seconds"):
        Clip(frames=frames(), pts_seconds=torch.arange(3, dtype=torch.float64))


@pytest.mark.parametrize("fps", [0, -8, float("inf"), float("nan")])
def test_a_rate_that_is_none_is_refused(fps: float) -> None:
    with pytest.raises(UsageError, match="fps"):
        Clip.at_rate(frames(), fps)
