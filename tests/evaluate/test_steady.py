import torch
from torch.nn.functional import affine_grid, grid_sample, interpolate

from misora.core.seeds import generator
from misora.evaluate.steady import chained, ground_moves


def _texture(side: int) -> torch.Tensor:
    rough = torch.rand(1, 3, side // 8, side // 8, generator=generator("ground"))
    return interpolate(rough, size=(side, side), mode="bicubic").clamp(0, 1)


def _seen(maps: list[torch.Tensor]) -> torch.Tensor:
    """Frames in which a place p of the first frame is seen at map p."""
    frames = []
    for each in maps:
        whole = torch.eye(3)
        whole[:2] = each
        back = whole.inverse()[:2].clone()
        back[:, 2] *= 2  # a frame height is two units of the grid
        frames.append(grid_sample(_texture(96), affine_grid(back[None], [1, 3, 96, 96], False), align_corners=False))
    return (torch.cat(frames) * 255).round().byte()


def test_a_known_way_of_the_camera_is_found_again() -> None:
    scale, turn, shift = 1.05, 0.03, 0.02
    step = torch.tensor([[scale, -turn, shift], [turn, scale, -shift]])
    whole = torch.eye(3)
    whole[:2] = step
    true = [torch.linalg.matrix_power(whole, power)[:2] for power in range(5)]
    frames = _seen(true)
    found = chained(ground_moves(frames, torch.zeros(5, 48, 48, dtype=torch.bool)))
    assert (found[-1] - true[-1]).abs().max() < 0.02


def test_what_moves_on_a_thing_is_not_the_ground() -> None:
    frames = _seen([torch.eye(2, 3)] * 4)
    is_thing = torch.zeros(4, 48, 48, dtype=torch.bool)
    for frame in range(4):
        left = 20 + 12 * frame
        frames[frame, :, 30:60, left : left + 20] = 255 * torch.tensor([1, 0, 0], dtype=torch.uint8).view(3, 1, 1)
        is_thing[frame, 15:30, left // 2 : left // 2 + 10] = True
    moves = ground_moves(frames, is_thing)
    assert (moves - torch.eye(2, 3)).abs().max() < 2e-3


def test_a_picture_without_texture_is_taken_to_stand_still() -> None:
    moves = ground_moves(torch.full((3, 3, 96, 96), 90, dtype=torch.uint8), torch.zeros(3, 48, 48, dtype=torch.bool))
    assert torch.equal(moves, torch.eye(2, 3).repeat(3, 1, 1))


def test_no_frames_have_no_way() -> None:
    assert chained(torch.zeros(0, 2, 3)).shape == (0, 2, 3)
