"""The autoencoder: closed groups, streamed decode, any size."""

from collections.abc import Iterator

import pytest
import torch

from misora.model.autoencoder import Autoencoder, AutoencoderSize, to_frames, to_pixels

TINY = AutoencoderSize(latent_channels=8, widths=(4, 8, 8, 8), encoder_blocks=(1, 1, 1), decoder_blocks=(1, 1, 1, 1))


@pytest.fixture
def network() -> Autoencoder:
    return Autoencoder(TINY).eval()


def random_frames(groups: int, height: int = 32, width: int = 32) -> torch.Tensor:
    return torch.randint(0, 256, (groups, 4, 3, height, width), dtype=torch.uint8)


def test_pixels_come_back_from_their_scale() -> None:
    frames = random_frames(2)
    assert torch.equal(to_frames(to_pixels(frames)), frames.flatten(0, 1))


def test_a_latent_frame_depends_on_its_own_group_alone(network: Autoencoder) -> None:
    frames = random_frames(3)
    changed = frames.clone()
    changed[1] = 255 - changed[1]
    before, after = network.encode_frames(frames), network.encode_frames(changed)
    assert torch.equal(before[[0, 2]], after[[0, 2]])
    assert not torch.equal(before[1], after[1])


def test_a_decoded_group_looks_one_group_to_each_side(network: Autoencoder) -> None:
    code = torch.randn(1, 5, 8, 2, 2)
    changed = code.clone()
    changed[:, 2] += 1
    is_same = (network.decode_groups(code) == network.decode_groups(changed)).flatten(2).all(-1)
    assert is_same[0].tolist() == [True, False, False, False, True]


def test_a_streamed_clip_has_the_bits_of_the_whole_one(network: Autoencoder) -> None:
    latents = network.encode_frames(random_frames(5))
    streamed = list(network.stream(iter(latents)))
    assert [part.shape for part in streamed] == [(4, 3, 32, 32)] * 5
    assert torch.equal(torch.cat(streamed), network.decode_latents(latents))


def test_streamed_groups_are_what_the_whole_network_decodes(network: Autoencoder) -> None:
    latents = network.encode_frames(random_frames(4))
    code = latents * network.deviation.view(-1, 1, 1) + network.mean.view(-1, 1, 1)
    with torch.no_grad():
        whole = to_frames(network.decode_groups(code[None])[0])
    assert (
        network.decode_latents(latents).int() - whole.int()
    ).abs().max() <= 1  # other batch shapes round the last bit


def test_a_stream_asks_for_one_group_ahead_and_no_more(network: Autoencoder) -> None:
    asked: list[int] = []

    def latents() -> Iterator[torch.Tensor]:
        for index in range(6):
            asked.append(index)
            yield torch.randn(8, 2, 2)

    stream = network.stream(latents())
    for index in range(3):
        next(stream)
        assert asked == list(range(index + 2))
    assert torch.is_grad_enabled()


def test_nothing_streams_to_nothing(network: Autoencoder) -> None:
    assert list(network.stream([])) == []


@pytest.mark.parametrize(("height", "width"), [(16, 16), (32, 64), (48, 32)])
def test_any_multiple_of_sixteen_comes_back_in_its_size(network: Autoencoder, height: int, width: int) -> None:
    latents = network.encode_frames(random_frames(1, height, width))
    assert latents.shape == (1, 8, height // 16, width // 16)
    assert network.decode_latents(latents).shape == (4, 3, height, width)


def test_codes_have_unit_mean_square(network: Autoencoder) -> None:
    code = network.encode_groups(to_pixels(random_frames(2)))
    torch.testing.assert_close(code.square().mean(1), torch.ones(2, 2, 2), rtol=1e-3, atol=1e-3)
