"""Cases of a suite."""

from dataclasses import replace

import pytest

from misora.core.errors import MisoraError, UsageError
from misora.evaluate.cases import Wanted, check_num_cases, film_cases, made_clips
from misora.generate import abilities
from misora.generate.studio import Studio, generate
from misora.model.bundle import Model
from misora.worlds.grammar import FIRST
from misora.worlds.script import is_held_out


def test_cases_are_what_was_wanted_and_the_same_each_time(untrained: Model) -> None:
    wanted = Wanted(
        name="a suite", num=2, seed=1, split="held_out", taken=lambda index, script: replace(script, seed=index)
    )
    cases = film_cases(wanted, untrained.limits, FIRST)
    again = film_cases(replace(wanted, num=1), untrained.limits, FIRST)
    assert [case.script.seed for case in cases] == [0, 1]
    assert all(is_held_out(case.script) and case.clip.num_frames == 8 for case in cases)
    assert (cases[0].clip.frames == again[0].clip.frames).all()
    assert len(cases[0].truth.centres_px) == 8


def test_a_case_that_nobody_takes_is_told(untrained: Model) -> None:
    wanted = Wanted(name="a suite", num=1, seed=1, split="any", taken=lambda *_: None)
    with pytest.raises(MisoraError, match="case 0 of seed 1 could not be filmed"):
        film_cases(wanted, untrained.limits, FIRST)


def test_a_video_is_that_of_the_main_path_whatever_is_made_beside_it(untrained: Model) -> None:
    studio = Studio(untrained)
    [case] = film_cases(Wanted(name="a suite", num=1, seed=1, split="any"), untrained.limits, FIRST)
    canvases = [studio.canvas("a red ball", seconds=seconds, seed=1) for seconds in (1.0, 0.5, 1.0)]
    canvases.append(abilities.remix(studio, case.clip, "a blue ball", strength=0.5, seed=1))
    canvases.append(abilities.reframe(studio, case.clip, "a blue ball", size=(128, 96), seed=1))
    for clip, canvas in zip(made_clips(untrained, canvases, steps=2), canvases, strict=True):
        alone = generate(studio, canvas, steps=2).clip
        assert clip.num_frames == canvas.num_frames
        assert (clip.frames.int() - alone.frames.int()).abs().max() <= 2  # sums are rounded in another order


def test_a_number_of_cases_that_cannot_be_is_refused() -> None:
    with pytest.raises(UsageError, match="the control suite takes 1 to 1000 cases, got 0"):
        check_num_cases(0, "control")
