import pytest
import torch

from misora.evaluate.silhouettes import rotations, silhouettes
from misora.worlds.draw import draw_script
from misora.worlds.film import Filmer
from misora.worlds.grammar import WIDE
from misora.worlds.script import SHAPES


def test_silhouettes_are_what_the_renderer_draws() -> None:
    met: set[str] = set()
    with Filmer() as filmer:
        for seed in range(40):
            script = draw_script(seed, split="any", seconds=1.0, fps=4, size=(96, 96), num_lines=1, grammar=WIDE)
            [shot] = script.shots
            shapes = {thing.shape for thing in shot.things}
            if shapes <= met and shot.beats[0].kind not in ("topple", "swing"):
                continue
            truth = filmer.film(script, maps=True).truth
            assert truth.segmentation is not None
            drawn = truth.segmentation.long()
            cast = silhouettes(truth, shot, frames=range(4), size_px=(96, 96), grid=(96, 96))
            things = (drawn > 0).float().mean()
            assert (
                cast != drawn
            ).float().mean() < 0.08 * things  # the renderer's edges are polygons, and each pixel a vote
            met |= shapes
            if met == set(SHAPES):
                return
    raise AssertionError(f"never drawn: {set(SHAPES) - met}")


def test_a_quarter_turn_takes_x_to_y() -> None:
    half = 0.5**0.5
    turn = rotations(torch.tensor([[half, 0.0, 0.0, half]]))[0]
    assert (turn @ torch.tensor([1.0, 0.0, 0.0])).tolist() == pytest.approx([0.0, 1.0, 0.0], abs=1e-6)
