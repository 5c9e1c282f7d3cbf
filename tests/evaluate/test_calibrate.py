import pytest

from misora.evaluate.calibrate import SPOILABLE, asks, draw_asking, film_truth, measured, spoil
from misora.evaluate.judge import Judge
from misora.evaluate.verdict import ATTRIBUTES
from misora.video.clip import Clip
from misora.worlds.grammar import WIDE


@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_drawn_scripts_ask_about_the_attribute(attribute: str) -> None:
    scripts = draw_asking(attribute, 3, seed=4, grammar=WIDE)
    assert len(scripts) == 3
    assert all(asks(script, attribute) for script in scripts)
    assert scripts == draw_asking(attribute, 3, seed=4, grammar=WIDE)


def test_truth_is_accepted_and_an_error_rejected() -> None:
    judge, looked_at = Judge.load(), []

    def note(clip: Clip) -> Clip:
        looked_at.append(clip)
        return clip

    truth = film_truth(1, seed=3)
    errors = measured(judge, truth, seed=0, redo=note)
    assert set(errors.accepted) == {*ATTRIBUTES, "all"}
    assert errors.accepted["floor"].num_all == len(truth) == len(looked_at)
    assert errors.rejected["floor"].num_right == errors.rejected["floor"].num_all == len(truth)


@pytest.mark.parametrize("attribute", SPOILABLE)
def test_a_spoilt_script_is_another_one(attribute: str) -> None:
    [script] = draw_asking(attribute, 1, seed=2, grammar=WIDE)
    assert spoil(script, attribute, 0, grammar=WIDE) not in (None, script)
