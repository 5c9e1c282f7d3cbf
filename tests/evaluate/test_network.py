import torch

from misora.evaluate.network import SHORT_SIDE_PX, MapNetwork, at_judged_size, look


def test_any_size_is_looked_at_and_padding_is_cut() -> None:
    network = MapNetwork().eval()
    for height, width in ((96, 96), (96, 128), (50, 70)):
        frames = torch.randint(0, 256, (3, 3, height, width), dtype=torch.uint8)
        maps = look(network, frames, batch=2)
        assert maps.colour.shape == (3, 11, height // 2, width // 2)
        assert maps.shape.shape == (3, 5, height // 2, width // 2)
        assert maps.floor.shape == (3, 4)
        assert maps.floor.dtype == torch.float32


def test_frames_are_looked_at_alone() -> None:
    network = MapNetwork().eval()
    frames = torch.randint(0, 256, (4, 3, 32, 32), dtype=torch.uint8)
    together, alone = look(network, frames), look(network, frames[2:3])
    # bfloat16 of another batch size may round the last of its 8 bits otherwise
    torch.testing.assert_close(together.colour[2:3], alone.colour, rtol=0.02, atol=0.02)


def test_weights_fit_in_two_megabytes_of_half_precision() -> None:
    assert 2 * sum(value.numel() for value in MapNetwork().state_dict().values()) < 1.8e6


def test_videos_are_judged_at_one_size() -> None:
    tall = torch.randint(0, 256, (2, 3, 320, 192), dtype=torch.uint8)
    assert at_judged_size(tall).shape == (2, 3, 160, SHORT_SIDE_PX)
    assert at_judged_size(tall[..., :96, :96]) is not None
