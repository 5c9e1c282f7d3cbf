"""The material of the mark's benchmark: the same clips for the same seed, damage as named."""

import pytest
import torch

from benchmarks.damage import FORMATS, REQUIRED, SHOWN, synthetic, through
from benchmarks.watermark import BENCHMARK


def test_a_drawn_clip_depends_on_its_number_and_seed_alone() -> None:
    one = synthetic(3, side_px=32, seed=1)
    assert torch.equal(one, synthetic(3, side_px=32, seed=1))
    assert not torch.equal(one, synthetic(3, side_px=32, seed=2))
    assert one.shape == (8, 3, 32, 32)


@pytest.mark.parametrize(
    ("name", "shape"), [("resize0.7", (8, 3, 34, 34)), ("crop0.8", (8, 3, 38, 38)), ("mirror", (8, 3, 48, 48))]
)
def test_damage_does_what_it_is_called(name: str, shape: tuple[int, ...]) -> None:
    assert REQUIRED[name](synthetic(0, side_px=48, seed=0)).shape == shape


def test_every_promised_damage_and_format_is_measured() -> None:
    promised = {
        number.name.split("px_", 1)[1]
        for number in BENCHMARK.numbers
        if number.name.startswith("kept_") and "px_" in number.name
    }
    assert promised == {*REQUIRED, *(f"as_{name.replace(' ', '_')}" for name in FORMATS)}
    assert not {*REQUIRED} & {*SHOWN}


def test_a_still_holds_one_frame() -> None:
    frames = synthetic(0, side_px=32, seed=0)
    assert torch.equal(through(frames, "png"), frames[:1])
