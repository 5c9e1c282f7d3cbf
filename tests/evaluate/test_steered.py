"""Cameras and tracks, named and measured."""

from collections.abc import Callable
from dataclasses import replace
from types import ModuleType

import pytest

from misora.evaluate import steered
from misora.evaluate.cases import Case
from misora.evaluate.judge import Judge
from misora.evaluate.part import NOT_TAUGHT, ControlSettings
from misora.evaluate.steered import camera_path, camera_words, object_track
from misora.model.bundle import Model

Films = Callable[[ModuleType], list[Case]]
SETTINGS = ControlSettings(num_cases=3, steps=1, seed=2)


def test_a_filmed_camera_is_named_as_it_was_told(untrained: Model, judge: Judge, films_for_videos: Films) -> None:
    cases = films_for_videos(steered)
    found = camera_words(untrained, judge, SETTINGS).scores
    assert [case.script.shots[0].camera for case in cases] == ["still", "orbit", "push_in"]
    assert found["named right"] == found["named right, truth"]
    assert found["named right"].num_right >= 2
    assert found["named right, push in"].num_all == 1
    assert found["named right, chance"].num_all == 3


def test_a_film_follows_its_own_camera_to_the_pixel(untrained: Model, judge: Judge, films_for_videos: Films) -> None:
    films_for_videos(steered)
    part = camera_path(untrained, judge, SETTINGS)
    assert part.values["path error, heights"] == 0.0
    assert part.values["path error still, heights"] > 0.0
    assert part.scores["direction right"].num_right == part.scores["direction right"].num_all


def test_a_filmed_thing_is_seen_on_its_own_track(untrained: Model, judge: Judge, films_for_videos: Films) -> None:
    films_for_videos(steered)
    part = object_track(untrained, judge, SETTINGS)
    assert part.values["path error, heights"] < 0.1  # a centre as seen, and as it is
    assert part.scores["direction right"].value == 1.0


def test_paths_and_tracks_go_the_whole_way_through_a_model(untrained: Model, judge: Judge) -> None:
    settings = replace(SETTINGS, num_cases=1)
    assert camera_path(untrained, judge, settings).values["path error, heights"] > 0
    assert object_track(untrained, judge, settings).scores["direction right, without"].num_all <= 1


@pytest.mark.parametrize("run", [camera_path, object_track])
def test_what_was_not_taught_is_not_asked(untrained: Model, judge: Judge, run: Callable) -> None:
    model = Model(untrained.transformer, untrained.autoencoder, limits=replace(untrained.limits, taught=()))
    assert run(model, judge, SETTINGS) is NOT_TAUGHT
