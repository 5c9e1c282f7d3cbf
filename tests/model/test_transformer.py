"""The transformer: packing changes nothing, levels and lines matter, one clip can be memorised."""

from dataclasses import replace

import torch

from misora.flow import interpolate, velocity_loss
from misora.model.controls import Controls
from misora.model.dial import size_for
from misora.model.grid import Grid
from misora.model.sequence import Sequence, SpokenLine, lay_out
from misora.model.transformer import Transformer

GRID = Grid(groups=2, rows=2, columns=2, seconds_per_group=0.5)
WIDE = Grid(groups=1, rows=2, columns=3, seconds_per_group=0.0)


def lively(depth: int = 1) -> Transformer:
    """A transformer whose zero-started layers are not zero."""
    network = Transformer(size_for(depth, latent_channels=8))
    for weight in network.parameters():
        torch.nn.init.normal_(weight, std=0.05)
    return network.eval()


def line() -> SpokenLine:
    return SpokenLine(features=torch.randn(4, 384), from_seconds=0.0, to_seconds=9.0)


def test_a_packed_clip_is_answered_as_if_alone() -> None:
    network, said = lively(), (line(),)
    pack = lay_out([GRID, GRID, WIDE], [said, (), said])
    noisy, levels = torch.randn(pack.num_tokens, 8), torch.rand(pack.num_tokens)
    together = network(pack, noisy, levels)
    for clip, (grid, lines) in enumerate(zip([GRID, GRID, WIDE], [said, (), said], strict=True)):
        own = pack.clip_of_token == clip
        alone = network(lay_out([grid], [lines]), noisy[own], levels[own])
        torch.testing.assert_close(together[own], alone, rtol=1e-3, atol=1e-4)  # float32, other batch shapes


def test_level_and_line_of_a_frame_change_its_answer() -> None:
    network = lively()
    said, silent = lay_out([GRID], [(line(),)]), lay_out([GRID], [()])
    noisy, levels = torch.randn(8, 8), torch.full((8,), 0.5)
    answer = network(said, noisy, levels)
    assert not torch.allclose(answer, network(silent, noisy, levels))
    assert not torch.allclose(answer, network(said, noisy, levels * 0.5))


def test_a_new_transformer_answers_zero() -> None:
    network = Transformer(size_for(1))
    assert network(lay_out([GRID], [()]), torch.randn(8, 64), torch.rand(8)).abs().max() == 0


def test_it_memorises_one_clip() -> None:
    torch.manual_seed(0)
    sequence, clean = lay_out([GRID], [(line(),)]), torch.randn(8, 8)
    network = Transformer(size_for(1, latent_channels=8))
    optimiser = torch.optim.Adam(network.parameters(), lr=3e-3)
    first = last = 0.0
    for _ in range(300):
        loss = _loss(network, sequence, clean)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        last = loss.item()
        first = first or last
    assert last < 0.05 * first


def _loss(network: Transformer, sequence: Sequence, clean: torch.Tensor) -> torch.Tensor:
    levels = (0.5 + torch.rand(1) / 2).expand(8).contiguous()
    noisy = interpolate(clean, torch.randn_like(clean), levels)
    return velocity_loss(network(sequence, noisy, levels), clean, levels)


def test_text_heard_once_serves_every_level() -> None:
    network, pack = lively(), lay_out([GRID], [(line(),)])
    noisy, heard = torch.randn(pack.num_tokens, 8), network.hear(pack)
    for level in (0.9, 0.1):
        levels = torch.full((pack.num_tokens,), level)
        assert torch.equal(network(pack, noisy, levels, heard=heard), network(pack, noisy, levels))


def test_without_controls_a_transformer_answers_as_before_it_had_maps_for_them() -> None:
    network, pack = lively(), lay_out([GRID], [(line(),)])
    steered = lay_out([GRID], [(line(),)], controls=[Controls(camera=torch.ones(2, 5), track=torch.ones(2, 3))])
    noisy, levels = torch.randn(pack.num_tokens, 8), torch.rand(pack.num_tokens)
    answer = network(pack, noisy, levels)
    assert not torch.allclose(network(replace(pack, camera=steered.camera), noisy, levels), answer)
    assert not torch.allclose(network(replace(pack, track=steered.track), noisy, levels), answer)
    for name in Transformer.added_later:
        torch.nn.init.zeros_(network.get_parameter(name))
    assert torch.equal(network(pack, noisy, levels), answer)
    assert torch.equal(network(replace(pack, camera=steered.camera, track=steered.track), noisy, levels), answer)
