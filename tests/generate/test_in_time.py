"""Abilities in time."""

import pytest
import torch

from misora.core.errors import UsageError
from misora.generate.abilities import animate, connect, extend, frames, loop, recut
from misora.generate.prepare import prepared
from misora.generate.studio import Studio, generate
from misora.video.clip import Clip


def clip(num_frames: int = 8, *, size: tuple[int, int] = (64, 64), fps: float = 8.0) -> Clip:
    """Random pixels."""
    frames = torch.randint(0, 256, (num_frames, 3, size[1], size[0]), dtype=torch.uint8)
    return Clip.at_rate(frames, fps if num_frames > 1 else 1.0)


def test_a_still_is_the_first_frame_and_moves_at_once(studio: Studio) -> None:
    still = clip(1)
    asked = animate(studio, still, "a red ball", seconds=1.0, seed=1)
    video = generate(studio, asked, steps=1)
    assert torch.equal(video.clip.frames[0], still.frames[0])
    assert not torch.equal(video.clip.frames[1], still.frames[0])
    assert video.clip.num_frames == 8
    assert prepared(asked, studio.model.limits).window.lead_frames == 3


def test_first_and_last_stand_at_the_edges_of_groups(studio: Studio) -> None:
    first, last = clip(1), clip(1)
    video = generate(studio, frames(studio, {0.0: first, "end": last}, seed=1), steps=1)
    assert video.clip.num_frames % 4 == 2
    assert torch.equal(video.clip.frames[0], first.frames[0])
    assert torch.equal(video.clip.frames[-1], last.frames[0])
    assert not torch.equal(video.clip.frames[-2], last.frames[0])


def test_a_clip_may_stand_in_the_middle(studio: Studio) -> None:
    inner = clip(8)
    video = generate(studio, frames(studio, {0.5: inner}, seconds=2.0, seed=1), steps=1)
    assert torch.equal(video.clip.frames[4:12], inner.frames)


@pytest.mark.parametrize(("before", "after", "first"), [(0.0, 1.0, 0), (0.5, 0.0, 4), (0.5, 0.5, 4)])
def test_a_clip_goes_on_at_either_end(studio: Studio, before: float, after: float, first: int) -> None:
    source = clip(8)
    video = generate(studio, extend(studio, source, before=before, after=after, seed=1), steps=1)
    assert video.clip.num_frames == 8 + round(8 * (before + after))
    assert torch.equal(video.clip.frames[first : first + 8], source.frames)


def test_a_clip_longer_than_the_window_is_extended_from_its_end(studio: Studio) -> None:
    source = clip(48)
    video = generate(studio, extend(studio, source, after=1.0, seed=1), steps=1)
    assert video.clip.num_frames == 56
    assert torch.equal(video.clip.frames[:48], source.frames)
    assert video.clip.frames[48:].any()


def test_more_than_a_minute_and_nothing_at_all_are_refused(studio: Studio) -> None:
    assert extend(studio, clip(8), after=10.0).seconds == 11.0
    with pytest.raises(UsageError, match=r"61 s is too long: at most 60 s fit"):
        extend(studio, clip(8), after=60.0)
    with pytest.raises(UsageError, match="how many seconds to make"):
        extend(studio, clip(8))


def test_two_clips_of_another_size_and_rate_are_connected(studio: Studio) -> None:
    first, second = clip(8), clip(24, size=(128, 128), fps=24.0)
    video = generate(studio, connect(studio, first, second, gap=0.5, seed=1), steps=1)
    assert video.clip.num_frames == 8 + 4 + 8
    assert torch.equal(video.clip.frames[:8], first.frames)
    with pytest.raises(UsageError, match="gap must be above 0"):
        connect(studio, first, second, gap=0.0)


def test_a_loop_leads_from_its_end_to_its_start(studio: Studio) -> None:
    source = clip(8)
    asked = loop(studio, source, gap=0.5, seed=1)
    assert asked.tail_frames == 8
    assert torch.equal(asked.pins[1].clip.frames, source.frames)
    assert torch.equal(asked.pins[2].clip.frames, source.frames[[6, 4, 3, 1]])
    assert (asked.pins[2].keep, asked.guidance.lines) == (0.5, 1.0)
    video = generate(studio, asked, steps=1)
    assert video.clip.num_frames == 12
    assert torch.equal(video.clip.frames[:8], source.frames)


def test_a_loop_of_a_long_clip_is_given_no_way_back_that_no_thing_could_run(studio: Studio) -> None:
    assert len(loop(studio, clip(40), gap=0.5, seed=1).pins) == 2
    assert loop(studio, clip(8), "a red ball", gap=0.5, guidance=3.0).guidance.lines == 3.0


def test_parts_are_kept_and_gaps_are_filled(studio: Studio) -> None:
    one, other = clip(4), clip(4)
    video = generate(studio, recut(studio, [one, 0.5, other], seed=1), steps=1)
    assert torch.equal(video.clip.frames[:4], one.frames)
    assert torch.equal(video.clip.frames[8:], other.frames)
    with pytest.raises(UsageError, match="at least one clip"):
        recut(studio, [1.0])
