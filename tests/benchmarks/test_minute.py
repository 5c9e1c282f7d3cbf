"""What the minute benchmark runs."""

import pytest

from benchmarks import minute


def test_both_videos_are_made_in_processes_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def made(_folder: object, seconds: int, seed: int) -> tuple[float, int]:
        assert seed == 4
        asked.append(seconds)
        return 1.0, 2**30

    monkeypatch.setattr(minute, "_generate", made)
    monkeypatch.setattr(minute, "_looked_at", lambda options: iter(()))
    readings = list(minute.measure(minute.Options(seed=4)))
    assert asked == [12, 60]
    assert [reading.value for reading in readings] == [1.0, 1.0, 1.0]
