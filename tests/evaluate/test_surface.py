import pytest
import torch

from misora.evaluate.network import Maps
from misora.evaluate.surface import surface_changes
from misora.evaluate.tracks import find_blobs


def _moving_box(stripes: list[int]) -> tuple[torch.Tensor, Maps]:
    frames = torch.full((len(stripes), 3, 96, 96), 90, dtype=torch.uint8)
    colour = torch.zeros(len(stripes), 11, 48, 48)
    for frame, phase in enumerate(stripes):
        left = 20 + 4 * frame
        bars = ((torch.arange(24) + 4 * phase) // 8 % 2 * 120 + 100).byte()
        frames[frame, :, 40:64, left : left + 24] = bars
        colour[frame, 1, 20:32, left // 2 : left // 2 + 12] = 9
    return frames, Maps(colour=colour, shape=torch.zeros(len(stripes), 5, 48, 48), floor=torch.zeros(len(stripes), 4))


def test_a_thing_that_only_moves_keeps_its_surface_and_one_that_turns_does_not() -> None:
    changes = {}
    for name, stripes in {"moves": [0, 0, 0], "turns": [0, 1, 2]}.items():
        frames, maps = _moving_box(stripes)
        changes[name] = surface_changes(frames, find_blobs(maps))
    assert changes["moves"][:, 0] == pytest.approx([0, 0, 0], abs=0.02)
    assert (changes["turns"][1:, 0] > 0.1).all()
    assert changes["turns"][0].tolist() == [0] * 10
    assert not changes["turns"][:, 1:].any()
