"""The seams suite."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from torch import Tensor

from misora.core.errors import UsageError
from misora.evaluate import seams
from misora.evaluate.seams import (
    ABILITIES,
    SeamSettings,
    as_dict,
    as_table,
    film_cases,
    lay_case,
    run_seam_suite,
)
from misora.generate.canvas import Canvas
from misora.generate.studio import Studio
from misora.model.bundle import Model, load_model
from misora.video.clip import Clip
from misora.worlds.grammar import FIRST


@pytest.fixture(scope="module")
def model() -> Model:
    """The bundled one; its sampler is not used."""
    return load_model()


@pytest.fixture(scope="module")
def case(model: Model) -> seams.Filmed:
    """One filmed case."""
    [filmed] = film_cases(SeamSettings(num_cases=1, seed=3), model.limits, FIRST)
    return filmed


@pytest.mark.parametrize("name", ABILITIES)
def test_an_ability_is_asked_for_the_length_that_was_filmed_or_a_loop_of_it(
    model: Model, case: seams.Filmed, name: str
) -> None:
    canvas, joined = lay_case(Studio(model), name, case, SeamSettings(), index=0)
    assert canvas.num_frames == case.clip.num_frames
    assert [line.text for line in canvas.lines] == [case.text]
    exact = [pin for pin in canvas.pins if pin.is_exact]
    pinned = {frame for pin in exact for frame in range(round(pin.at_seconds * 8), 24)[: pin.clip.num_frames]}
    unknown = {frame for first, last in joined.spans for frame in range(first, last)}
    assert pinned | unknown == set(range(24))
    assert not pinned & unknown


def _shows(monkeypatch: pytest.MonkeyPatch, case: seams.Filmed, frames: Tensor) -> None:
    """The sampler shows the same whatever is asked."""

    def made(_model: Model, asked: Sequence[Canvas], **_named: object) -> list[Tensor]:
        return [frames[: each.num_frames] for each in asked]

    monkeypatch.setattr(seams, "sample", made)
    monkeypatch.setattr(seams, "decode", lambda _, latents, asked: Clip.at_rate(latents, asked.fps))
    monkeypatch.setattr(seams, "borders_of", lambda *_, **__: ())
    monkeypatch.setattr(seams, "film_cases", lambda *_: (case,))


def test_gaps_filled_by_the_film_itself_are_smooth_and_by_a_still_are_not_moving(
    model: Model, case: seams.Filmed, monkeypatch: pytest.MonkeyPatch
) -> None:
    _shows(monkeypatch, case, case.clip.frames)
    report = run_seam_suite(model, settings=SeamSettings(num_cases=1))
    found = report.abilities["connect"].ways
    assert found["made"].moving.value == 1.0
    assert found["made"].change <= found["hard cut"].change
    assert found["made"].change == found["filmed"].change
    assert found["made"].motion == 1.0
    assert found["cross-fade"].both_itself.num_right == 0
    assert report.abilities["connect"].nearer.num_right == 1
    assert report.abilities["loop"].nearer.num_all == 0
    assert found["hard cut"].moving.num_all == 0
    assert report.abilities["recut"].kept_db.low > 0
    assert "extend, cross-fade" in as_table(report)
    assert as_dict(report)["suite"] == "seams"


def test_what_stands_still_does_not_move(model: Model, case: seams.Filmed, monkeypatch: pytest.MonkeyPatch) -> None:
    still = case.clip.frames[:1].expand(24, -1, -1, -1)
    _shows(monkeypatch, case, still)
    report = run_seam_suite(model, settings=SeamSettings(num_cases=1))
    assert report.abilities["extend"].ways["made"].both.num_right == 0


def test_what_cannot_be_is_refused(model: Model) -> None:
    with pytest.raises(UsageError, match="1 to 1000 cases, got 0"):
        SeamSettings(num_cases=0)
    with pytest.raises(UsageError, match="this model holds 4"):
        film_cases(SeamSettings(), replace(model.limits, max_seconds=2.0), FIRST)
