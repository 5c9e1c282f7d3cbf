"""Frames marked: faintly, as they come, stronger where it hides and where it counts."""

import numpy as np
import pytest
import torch

from misora.core.errors import UsageError
from misora.trust.tile import MarkKey
from misora.trust.watermark import FLOOR_DB, LARGE_FLOOR_DB, Marker, embed, gain_of, weights_for

KEY = MarkKey(bytes(range(32)))


def psnr(one: torch.Tensor, two: torch.Tensor) -> torch.Tensor:
    return 10 * torch.log10(255**2 / (one.float() - two.float()).square().mean((1, 2, 3)))


def frames_of(kind: str, num_frames: int = 3, side: int = 96) -> torch.Tensor:
    if kind == "noise":
        return torch.randint(0, 256, (num_frames, 3, side, side), dtype=torch.uint8)
    level = {"black": 0, "grey": 128, "white": 255}[kind]
    return torch.full((num_frames, 3, side, side), level, dtype=torch.uint8)


@pytest.mark.parametrize("kind", ["noise", "grey", "black", "white"])
def test_every_frame_stays_close(kind: str) -> None:
    frames = frames_of(kind)
    marked = embed(frames, mark_id=1, key=KEY)
    assert not torch.equal(marked, frames)
    assert psnr(marked, frames).min() >= FLOOR_DB - 0.2  # rounding to whole levels adds a little


def test_a_large_frame_is_marked_more_faintly() -> None:
    frames = frames_of("noise", 1, 256)
    assert psnr(embed(frames, mark_id=1, key=KEY), frames).min() >= LARGE_FLOOR_DB - 0.2


@pytest.mark.parametrize("size", [(1, 1), (7, 200), (65, 63), (400, 330)])
def test_any_size_can_be_marked(size: tuple[int, int]) -> None:
    frames = torch.full((2, 3, *size), 100, dtype=torch.uint8)
    marked = embed(frames, mark_id=1, key=KEY)
    assert marked.shape == frames.shape
    assert marked.dtype == torch.uint8


def test_a_stream_marked_as_it_comes_is_the_clip_marked_at_once() -> None:
    frames = frames_of("noise", 6, 64)
    marker = Marker(key=KEY, mark_id=9)
    streamed = torch.cat([marker.mark(part) for part in frames.split([1, 2, 3])])
    assert torch.equal(streamed, embed(frames, mark_id=9, key=KEY))


def test_the_frames_given_are_left_alone() -> None:
    frames = frames_of("grey")
    before = frames.clone()
    embed(frames, mark_id=1, key=KEY)
    assert torch.equal(frames, before)


def test_texture_may_bear_more_than_plain_ground_and_a_lone_edge_hardly_more() -> None:
    plain = np.full((64, 64), 120, dtype=np.float32)
    edge = plain.copy()
    edge[:, 32:] = 180
    texture = plain + np.random.default_rng(0).normal(0, 12, plain.shape).astype(np.float32)
    faint, beside, full = (gain_of(luma)[16:-16, 24:40].mean() for luma in (plain, edge, texture))
    assert full > 4 * faint
    assert beside < full


def test_strength_goes_where_it_counts() -> None:
    rng = np.random.default_rng(0)
    seen = (rng.normal(size=400) + 1j * rng.normal(size=400)).astype(np.complex64) * 3
    answer = np.full(400, 2, dtype=np.float32)
    weights = weights_for(seen, answer)
    assert np.mean(np.abs(weights) ** 2) == pytest.approx(1, rel=1e-4)
    plain, informed = (np.cos(np.angle(seen + answer * w)).mean() for w in (1, weights))
    assert informed > 1.15 * plain


def test_an_id_of_more_bits_is_refused() -> None:
    with pytest.raises(UsageError, match="32 bits"):
        embed(frames_of("grey"), mark_id=2**32, key=KEY)
