"""The lossless form: every bit back, every damage noticed."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from misora.core.errors import MediaError
from misora.video.clip import Clip
from misora.video.limits import DecodeLimits
from misora.video.lossless import decode_lossless, encode_lossless


@settings(max_examples=25, deadline=None, derandomize=True)
@given(shape=st.tuples(*[st.integers(1, 9)] * 3), seed=st.integers(0, 1 << 30), start=st.floats(-1e3, 1e6))
def test_any_clip_comes_back_bit_for_bit(shape: tuple[int, int, int], seed: int, start: float) -> None:
    frames, height, width = shape
    random = torch.Generator().manual_seed(seed)
    pixels = torch.randint(0, 256, (frames, 3, height, width), generator=random).to(torch.uint8)
    clip = Clip.at_rate(pixels, 29.97, start_seconds=start)
    back = decode_lossless(encode_lossless(clip), DecodeLimits())
    assert torch.equal(back.frames, clip.frames)
    assert torch.equal(back.pts_seconds, clip.pts_seconds)


def test_frames_that_share_memory_oddly_are_packed_all_the_same(clip: Clip) -> None:
    turned = Clip(frames=clip.frames.transpose(2, 3).flip(3), pts_seconds=clip.pts_seconds)
    assert torch.equal(decode_lossless(encode_lossless(turned), DecodeLimits()).frames, turned.frames)


def test_rest_costs_next_to_nothing(clip: Clip) -> None:
    still = Clip.at_rate(clip.frames[:1].expand(24, -1, -1, -1).contiguous(), 8)
    assert len(encode_lossless(still)) < 2000


@pytest.mark.parametrize("place", [9, 13, 25, 60, -1])
def test_one_changed_byte_is_noticed(place: int, clip: Clip) -> None:
    data = bytearray(encode_lossless(clip))
    data[place] ^= 0x40
    with pytest.raises(MediaError):
        decode_lossless(bytes(data), DecodeLimits(max_frames=1 << 40))


@pytest.mark.parametrize("length", [8, 23, 40, 200])
def test_a_cut_clip_is_noticed(length: int, clip: Clip) -> None:
    with pytest.raises(MediaError, match=r"cut short"):
        decode_lossless(encode_lossless(clip)[:length], DecodeLimits())
