"""Storyboards, card by card."""

from collections.abc import Callable
from types import ModuleType

import pytest

from misora.evaluate import boards
from misora.evaluate.boards import CARD_CLAIMS, alone_script, spans, story_cards
from misora.evaluate.cases import Case, Wanted, film_cases
from misora.evaluate.judge import Judge
from misora.evaluate.part import ControlSettings
from misora.model.bundle import Model
from misora.worlds.grammar import FIRST


def test_a_span_shows_its_shot_alone_on_a_clock_of_its_own(untrained: Model) -> None:
    wanted = Wanted(name="spans", num=1, seed=0, split="any", num_lines=2, taken=boards._cut_in_two)
    [case] = film_cases(wanted, untrained.limits, FIRST)
    parts = spans(case.clip, case.script)
    alone = [alone_script(case.script, shot) for shot in case.script.shots]
    assert [part.num_frames for part in parts] == [script.num_frames for script in alone]
    assert sum(part.num_frames for part in parts) == case.clip.num_frames
    assert all(script.shots[0].beats[0].from_seconds == 0.0 for script in alone)
    assert (parts[1].frames == case.clip.frames[parts[0].num_frames :]).all()


def test_a_film_is_as_right_as_the_truth_and_cut_in_time(
    untrained: Model,
    judge: Judge,
    films_for_videos: Callable[[ModuleType], list[Case]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cases = films_for_videos(boards)

    def made(_model: Model, canvases: list, *, steps: int) -> list:
        assert steps == 1
        whole = [case.clip for case in cases]
        return (
            whole if len(canvases) == len(cases) else [part for case in cases for part in spans(case.clip, case.script)]
        )

    monkeypatch.setattr(boards, "made_clips", made)
    scores = story_cards(untrained, judge, ControlSettings(num_cases=2, steps=1)).scores
    for name in (*CARD_CLAIMS, "all"):
        assert scores[name] == scores[f"{name}, truth"] == scores[f"{name}, single prompts"]
        assert scores[name].num_all == 4
    assert scores["cut in time"] == scores["cut in time, truth"]
    assert scores["colour"].num_right >= 3


def test_cards_and_single_prompts_go_the_whole_way_through_a_model(untrained: Model, judge: Judge) -> None:
    scores = story_cards(untrained, judge, ControlSettings(num_cases=1, steps=1)).scores
    assert scores["all"].num_all == scores["all, single prompts"].num_all == 2
    assert scores["cut in time"].num_all == 1
