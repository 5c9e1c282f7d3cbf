"""What is said on a command line."""

from pathlib import Path

import pytest
import torch

from misora.core.errors import UsageError
from misora.generate.spoken import curve_of, kept_parts, timed_files
from misora.video.clip import Clip

CLIP = Clip.at_rate(torch.zeros(16, 3, 16, 16, dtype=torch.uint8), 8.0)


def test_files_stand_at_their_times() -> None:
    files = timed_files(["first=a.png", "1.5=b=c.png", "end=d.mp4"])
    assert files == {0.0: Path("a.png"), 1.5: Path("b=c.png"), "end": Path("d.mp4")}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["a.png"], "TIME=FILE"),
        (["soon=a.png"], "'soon' in 'soon=a.png' is no number"),
        (["-1=a.png"], "no number from 0 on"),
        (["1=a.png", "1.0=b.png"], "two files stand at 1"),
        ([], "at least one file"),
    ],
)
def test_files_without_a_time_are_refused(words: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        timed_files(words)


def test_parts_are_cut_out_with_the_gaps_between_them() -> None:
    first, gap, second = kept_parts(CLIP, ["0-0.5", "1.25-2"])
    assert isinstance(first, Clip)
    assert isinstance(second, Clip)
    assert (first.num_frames, gap, second.num_frames) == (4, 0.75, 6)
    assert kept_parts(CLIP, ["0-1", "1-2"], gap=0.5)[1] == 0.5


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["0.5"], "FROM-TO"),
        (["1-0.5"], "ends after it starts"),
        (["0-1", "0.5-2"], "0-1 and 0.5-2 overlap or are out of order"),
        (["0-1", "1-2"], "touch each other"),
        (["5-6"], "no frame is shown"),
    ],
)
def test_parts_that_make_no_sense_are_refused(words: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        kept_parts(CLIP, words)


def test_curves_are_names_or_points() -> None:
    assert curve_of("even") == "even"
    assert curve_of("0:0,1:0.8,2:1") == ((0.0, 0.0), (1.0, 0.8), (2.0, 1.0))
    with pytest.raises(UsageError, match="no number"):
        curve_of("0:none")
