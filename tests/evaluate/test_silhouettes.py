import pytest
import torch

from misora.evaluate.silhouettes import rotations, silhouettes
from misora.worlds.film import Filmer
from misora.worlds.script import Beat, Script, Shot, Thing


def _script(*shapes: str, kind: str, direction: str | None) -> Script:
    colours = ("red", "blue", "yellow")
    things = tuple(Thing(shape=shape, colour=colour, size=1.1) for shape, colour in zip(shapes, colours, strict=False))
    beat = Beat(kind=kind, thing=0, direction=direction, target=None, from_seconds=0.0, to_seconds=2.0)
    shot = Shot(
        floor="grey", light="bright", camera="pan", things=things, beats=(beat,), from_seconds=0.0, to_seconds=2.0
    )
    return Script(seed=3, seconds=2.0, fps=4, width_px=96, height_px=96, shots=(shot,))


@pytest.mark.parametrize(
    "script",
    [
        _script("box", "ball", kind="topple", direction="left"),
        _script("cylinder", "capsule", "egg", kind="swing", direction=None),
    ],
    ids=["standing", "hanging"],
)
def test_silhouettes_are_what_the_renderer_draws(script: Script) -> None:
    with Filmer() as filmer:
        truth = filmer.film(script, maps=True).truth
    assert truth.segmentation is not None
    drawn = truth.segmentation.long()
    cast = silhouettes(truth, script.shots[0], frames=range(8), size_px=(96, 96), grid=(96, 96))
    # the renderer's edges are polygons, and each of its pixels is a vote of four
    assert (cast != drawn).float().mean() < 0.05 * (drawn > 0).float().mean()


def test_a_quarter_turn_takes_x_to_y() -> None:
    half = 0.5**0.5
    turn = rotations(torch.tensor([[half, 0.0, 0.0, half]]))[0]
    assert (turn @ torch.tensor([1.0, 0.0, 0.0])).tolist() == pytest.approx([0.0, 1.0, 0.0], abs=1e-6)
