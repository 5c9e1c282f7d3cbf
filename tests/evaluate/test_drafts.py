"""From draft to final."""

import math

from misora.evaluate.cases import Wanted, film_cases
from misora.evaluate.drafts import apart_heights, draft_to_final
from misora.evaluate.judge import Judge
from misora.evaluate.part import ControlSettings
from misora.model.bundle import Model
from misora.video.clip import Clip
from misora.worlds.grammar import FIRST


def test_things_are_as_far_apart_as_the_picture_was_moved(untrained: Model, judge: Judge) -> None:
    [case] = film_cases(Wanted(name="drafts", num=1, seed=1, split="any"), untrained.limits, FIRST)
    seen = judge.observe(case.clip)
    moved = judge.observe(Clip.at_rate(case.clip.frames.roll(8, dims=2), 8.0))
    blank = judge.observe(Clip.at_rate(case.clip.frames.new_full(case.clip.frames.shape, 128), 8.0))
    assert set(apart_heights(seen, seen)) == {0.0}
    assert all(abs(far - 8 / 96) < 0.03 for far in apart_heights(seen, moved))
    assert all(map(math.isnan, apart_heights(seen, blank)))
    assert apart_heights(blank, seen) == ()


def test_draft_final_and_what_is_made_without_a_draft_are_told(untrained: Model, judge: Judge) -> None:
    part = draft_to_final(untrained, judge, ControlSettings(num_cases=1, steps=1))
    assert set(part.scores) == {
        f"{name}{way}" for name in ("in place", "same colours", "same count") for way in ("", ", without draft")
    }
    assert set(part.values) == {"apart, heights", "apart, without draft, heights"}
