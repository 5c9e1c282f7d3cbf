"""Borders in the picture."""

from collections.abc import Callable
from dataclasses import replace
from types import ModuleType

import pytest
import torch

from misora.evaluate import borders
from misora.evaluate.borders import border_steps, inpaint_borders, reframe_borders
from misora.evaluate.cases import Case
from misora.evaluate.judge import Judge
from misora.evaluate.part import NOT_TAUGHT, ControlSettings
from misora.model.bundle import Model

SETTINGS = ControlSettings(num_cases=2, steps=1)


def test_change_and_bend_are_read_across_the_border_alone() -> None:
    known = torch.zeros(6, 8, dtype=torch.bool)
    known[:, :4] = True
    slope = (torch.arange(8, dtype=torch.uint8) * 5).expand(2, 3, 6, 8)
    assert border_steps(slope, known).tolist() == [5.0, 0.0]
    step = torch.where(known, 0, 9).to(torch.uint8).expand(2, 3, 6, 8)
    assert border_steps(step, known).tolist() == [9.0, 9.0]
    assert border_steps(step.mT, known.mT).tolist() == [9.0, 9.0]
    inside = torch.where(torch.arange(8) < 2, 0, 9).to(torch.uint8).expand(2, 3, 6, 8)
    assert border_steps(inside, known).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("run", [reframe_borders, inpaint_borders])
def test_the_border_of_a_film_is_its_own(
    untrained: Model, judge: Judge, films_for_videos: Callable[[ModuleType], list[Case]], run: Callable
) -> None:
    films_for_videos(borders)
    part = run(untrained, judge, SETTINGS)
    assert part.is_taught
    assert part.values["change, of filmed"] == part.values["bend, of filmed"] == 1.0
    assert part.values["change, autoencoder, of filmed"] > 1.0  # an untrained one
    assert part.scores["colour"] == part.scores["colour, truth"]


def test_what_is_known_stays_and_the_border_of_a_blank_model_shows(untrained: Model, judge: Judge) -> None:
    model = Model(untrained.transformer, untrained.autoencoder, limits=replace(untrained.limits, taught=()))
    model.__dict__["text"] = untrained.text
    part = inpaint_borders(model, judge, replace(SETTINGS, num_cases=1))
    assert not part.is_taught
    assert part.values["change, of filmed"] > 1.0


def test_a_model_that_cannot_draw_so_wide_is_not_asked(untrained: Model, judge: Judge) -> None:
    model = Model(untrained.transformer, untrained.autoencoder, limits=replace(untrained.limits, max_side_px=96))
    assert reframe_borders(model, judge, SETTINGS) is NOT_TAUGHT
