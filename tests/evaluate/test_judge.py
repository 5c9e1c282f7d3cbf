from dataclasses import replace

import numpy as np
import pytest
import torch

from misora.evaluate.calibrate import draw_asking
from misora.evaluate.examples import Example, film_scripts
from misora.evaluate.judge import WEIGHTS, Judge, assign
from misora.evaluate.network import at_judged_size
from misora.evaluate.tracks import Track
from misora.evaluate.verdict import ATTRIBUTES, COUNTED
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
    return [example for example in film_scripts(scripts) if example is not None]


def _track(colour: str, shape: str) -> Track:
    logits = np.full(5, -5.0)
    logits[SHAPES.index(shape)] = 0
    place = np.zeros((4, 2))
    return Track(
        colour=COLOURS.index(colour),
        shape=logits,
        centre=place,
        extent=place,
        area=np.ones(4),
        lean=np.zeros(4),
        change=np.zeros(4),
        steady=place,
    )


def test_filmed_truth_is_mostly_accepted(judge: Judge, examples: list[Example]) -> None:
    verdicts = [judge.judge(e.clip, e.script) for e in examples]
    claims = [verdict.claims[name] for verdict in verdicts for name in COUNTED if verdict.claims[name] is not None]
    assert sum(claims) >= 0.9 * len(claims)  # the exact shares are a benchmark's
    assert [len(verdict.beats) for verdict in verdicts] == [sum(len(s.beats) for s in e.script.shots) for e in examples]


@pytest.mark.parametrize("attribute", COUNTED)
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
    verdicts = [judge.judge(each, examples[0].script).claims for each in (larger, clip)]
    assert all(verdicts[0][name] == verdicts[1][name] for name in COUNTED)


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


def test_three_things_get_three_tracks() -> None:
    things = tuple(Thing(shape="ball", colour=colour, size=1.0) for colour in ("red", "blue", "green"))
    tracks = tuple(_track(colour, "ball") for colour in ("green", "white", "red", "blue"))
    assert assign(tracks, things) == (tracks[2], tracks[3], tracks[0])


def test_bundled_weights_are_small_and_stored_as_they_are_read(judge: Judge) -> None:
    assert WEIGHTS.stat().st_size <= 2_000_000
    tensors = judge.tensors()
    again = Judge.of(tensors).tensors()
    assert all(torch.isfinite(value).all() and torch.equal(value, again[name]) for name, value in tensors.items())


def test_the_eyes_alone_are_read_to_begin_a_fit(judge: Judge) -> None:
    eyes = Judge.with_maps()
    assert all(torch.equal(a, b) for a, b in zip(eyes.maps.parameters(), judge.maps.parameters(), strict=True))
    assert not torch.equal(eyes.motions.layers[0].weight, judge.motions.layers[0].weight)
