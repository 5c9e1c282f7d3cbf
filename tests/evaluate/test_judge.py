from dataclasses import replace

import numpy as np
import pytest
import torch

from misora.evaluate.calibrate import draw_asking
from misora.evaluate.examples import Example, film_scripts
from misora.evaluate.judge import ATTRIBUTES, WEIGHTS, Judge, Verdict, assign, at_judged_size
from misora.evaluate.tracks import Track
from misora.video.clip import Clip
from misora.worlds.script import COLOURS, SHAPES, Thing
from misora.worlds.wrong import wrong


@pytest.fixture(scope="module", name="judge")
def _judge() -> Judge:
    return Judge.load()


@pytest.fixture(scope="module", name="examples")
def _examples() -> list[Example]:
    scripts = [
        script for attribute in ("floor", "cut_time", "swap") for script in draw_asking(attribute, 1, seed=20_250)
    ]
    return [example for example in film_scripts(scripts, maps=False) if example is not None]


def _track(colour: str, shape: str) -> Track:
    logits = np.full(5, -5.0)
    logits[SHAPES.index(shape)] = 0
    place = np.zeros((4, 2))
    return Track(colour=COLOURS.index(colour), shape=logits, centre=place, extent=place, area=np.ones(4))


def test_filmed_truth_is_mostly_accepted(judge: Judge, examples: list[Example]) -> None:
    claims = [claim for e in examples for claim in judge.judge(e.clip, e.script).claims.values() if claim is not None]
    assert sum(claims) >= 0.9 * len(claims)  # the exact shares are a benchmark's


@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_an_error_in_one_attribute_is_seen_there(attribute: str, judge: Judge, examples: list[Example]) -> None:
    claims = []
    for index, example in enumerate(examples):
        if judge.judge(example.clip, example.script).claims[attribute]:
            told = wrong(example.script, attribute, seed=index)
            claims.append(judge.judge(example.clip, told).claims[attribute])
    assert claims
    assert claims.count(False) >= len(claims) - 1


def test_a_larger_video_gets_the_same_verdict(judge: Judge, examples: list[Example]) -> None:
    clip = examples[0].clip
    twice = clip.frames.repeat_interleave(2, -1).repeat_interleave(2, -2)
    apart = (at_judged_size(twice).float() - clip.frames.float()).abs().mean()
    assert apart < 2  # resampling rings a little at edges
    larger = Clip(frames=twice, pts_seconds=clip.pts_seconds)
    assert judge.judge(larger, examples[0].script) == judge.judge(clip, examples[0].script)


def test_a_still_is_judged_without_failing(judge: Judge, examples: list[Example]) -> None:
    still = Clip.at_rate(examples[0].clip.frames[:1], 1.0)
    for example in examples:
        assert set(judge.judge(still, example.script).claims) == set(ATTRIBUTES)


def test_noise_shows_nothing_that_was_told(judge: Judge, examples: list[Example]) -> None:
    noise = torch.randint(0, 256, examples[0].clip.frames.shape, dtype=torch.uint8)
    verdict = judge.judge(replace(examples[0].clip, frames=noise), examples[0].script)
    assert not verdict.is_accepted


def test_tracks_go_to_things_by_colour_then_by_shape() -> None:
    things = (Thing(shape="ball", colour="red", size=1.2), Thing(shape="box", colour="blue", size=1.2))
    red, pink, blue = _track("red", "box"), _track("pink", "ball"), _track("blue", "ball")
    assert assign((blue, red), things) == (red, blue)
    assert assign((blue, pink), things) == (pink, blue)
    assert assign((blue,), things) == (None, blue)
    assert assign((), things) == (None, None)


def test_a_verdict_ignores_what_was_not_asked() -> None:
    assert Verdict(claims={"floor": True, "swap": None}).is_accepted
    assert not Verdict(claims={"floor": True, "swap": False}).is_accepted


def test_bundled_weights_are_small_and_stored_as_they_are_read(judge: Judge) -> None:
    assert WEIGHTS.stat().st_size <= 2_000_000
    again = Judge(maps=judge.maps, cuts=judge.cuts, motions=judge.motions).tensors()
    assert all(torch.isfinite(value).all() for value in again.values())
