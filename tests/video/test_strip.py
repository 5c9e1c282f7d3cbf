"""Strips and sheets."""

from collections.abc import Callable

import pytest
import torch

from misora.core.errors import UsageError
from misora.video.clip import Clip
from misora.video.strip import contact_sheet, film_strip


def test_a_strip_shows_first_and_last_frame(clip: Clip) -> None:
    strip = film_strip(clip, 3)
    assert strip.shape == (3, 48, 3 * 64 + 2 * 2)
    assert torch.equal(strip[:, :, :64], clip.frames[0])
    assert torch.equal(strip[:, :, -64:], clip.frames[-1])


def test_a_short_clip_shows_all_it_has(squares: Callable[..., Clip]) -> None:
    assert film_strip(squares(2), 8).shape == (3, 48, 130)
    assert film_strip(squares(1), 8).shape == (3, 48, 64)


def test_a_sheet_holds_every_clip_and_its_words(clip: Clip, squares: Callable[..., Clip]) -> None:
    clips = [clip, squares(4, width=32, height=80), squares(1)]
    plain = contact_sheet(clips, num_frames=4)
    labelled = contact_sheet(clips, ["one", "a longer label that must wrap " * 4, ""], num_frames=4)
    assert plain.shape[1] > 48 + 80 + 48
    assert labelled.shape[1] > plain.shape[1]
    assert contact_sheet(clips, num_columns=3).shape[2] > 2 * plain.shape[2]


def test_wrong_counts_are_refused(clip: Clip) -> None:
    with pytest.raises(UsageError, match="labels"):
        contact_sheet([clip], ["a", "b"])
    with pytest.raises(UsageError, match="at least one clip"):
        contact_sheet([])
    with pytest.raises(UsageError, match="at least one frame"):
        film_strip(clip, 0)
