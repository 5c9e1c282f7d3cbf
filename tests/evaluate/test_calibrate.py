import pytest

from misora.evaluate.calibrate import accepted, asks, draw_asking, film_truth, film_wrong, rejected
from misora.evaluate.judge import ATTRIBUTES, Judge
from misora.video.clip import Clip


@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_drawn_scripts_ask_about_the_attribute(attribute: str) -> None:
    scripts = draw_asking(attribute, 3, seed=4)
    assert len(scripts) == 3
    assert all(asks(script, attribute) for script in scripts)
    assert scripts == draw_asking(attribute, 3, seed=4)


def test_truth_is_accepted_and_an_error_rejected() -> None:
    judge, looked_at = Judge.load(), []

    def note(clip: Clip) -> Clip:
        looked_at.append(clip)
        return clip

    truth = film_truth(1, seed=3)
    scores = accepted(judge, truth, redo=note)
    assert set(scores) == {*ATTRIBUTES, "all"}
    assert scores["floor"].num_all == len(truth) == len(looked_at)
    pairs = film_wrong("floor", 1, seed=3)
    assert rejected(judge, pairs, attribute="floor").num_all == len(pairs)
