"""What is known."""

import pytest
import torch

from misora.core.errors import UsageError
from misora.generate.pin import Pin, at
from misora.video.clip import Clip

CLIP = Clip.at_rate(torch.zeros(2, 3, 16, 32, dtype=torch.uint8), 8.0)
STILL = Clip.at_rate(torch.zeros(1, 3, 16, 32, dtype=torch.uint8), 1.0)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"keep": 1.5}, "keep must be above 0"),
        ({"keep": ((0.0, 0.5), (1.0, 0.0))}, "keep must be above 0"),
        ({"keep": ((1.0, 0.5), (0.0, 0.4))}, "times rise"),
        ({"keep": ()}, "times rise"),
        ({"weight": -0.1}, "weight must lie between 0 and 1"),
        ({"at_seconds": float("nan")}, "0 s or later"),
        ({"hold": 1.0}, "held at a level from 0 to below 1"),
        ({"is_card": True}, "a card is one whole still"),
        ({"region": (0, 0, 16, 16)}, r"16x16 px does not fit a pin of 32x16 px; resize the pin first"),
        ({"region": (16, 0, 0, 16)}, "left, top, right, bottom"),
        ({"mask": torch.ones(2, 8, 8, dtype=torch.bool)}, "mask of 2 frames of 8x8 px does not fit"),
        ({"mask": torch.ones(1, 16, 32, dtype=torch.bool)}, "make it as large and as long"),
    ],
)
def test_what_makes_no_sense_is_refused(changed: dict, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Pin(clip=CLIP, **changed)


def test_a_pin_is_exact_unless_something_loosens_it() -> None:
    assert Pin(clip=CLIP).is_exact
    assert not any(
        pin.is_exact
        for pin in (
            Pin(clip=CLIP, keep=0.9),
            Pin(clip=CLIP, weight=0.5),
            Pin(clip=CLIP, hold=0.1),
            Pin(clip=STILL, is_card=True),
        )
    )


def test_curves_are_straight_between_their_points_and_level_beyond() -> None:
    curve = ((1.0, 0.0), (3.0, 1.0))
    assert [at(curve, seconds) for seconds in (0.0, 1.0, 2.0, 3.0, 9.0)] == [0.0, 0.0, 0.5, 1.0, 1.0]
    pin = Pin(clip=CLIP, keep=0.4, weight=curve)
    assert (pin.keep_at(2.0), pin.weight_at(2.0)) == (0.4, 0.5)
