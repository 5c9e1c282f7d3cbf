"""What a video looks like."""

import pytest
import torch
from torch import Tensor
from torch.nn.functional import interpolate

from misora.trust.fingerprint import SAME, Collector, likeness


def stored(frames: Tensor) -> bytes:
    seen = Collector()
    seen.add(frames)
    return seen.to_bytes()


def test_the_same_frames_are_alike_and_others_are_not(frames: Tensor, other_frames: Tensor) -> None:
    assert likeness(stored(frames), frames) > 0.999
    assert likeness(stored(frames), other_frames) < SAME - 0.2


@pytest.mark.parametrize(
    "change",
    [
        lambda f: f.flip(3),
        lambda f: f[:, :, 5:-5, 6:-6],
        lambda f: (f.float() * 0.8).to(torch.uint8),
        lambda f: interpolate(f.float(), scale_factor=0.7, mode="area").to(torch.uint8),
        lambda f: f[1:3],
        lambda f: (f.float() + 6 * torch.randn(f.shape)).clamp(0, 255).to(torch.uint8),
    ],
    ids=["mirror", "crop", "dark", "small", "some", "noise"],
)
def test_likeness_survives_what_people_do(frames: Tensor, change) -> None:
    assert likeness(stored(frames), change(frames)) > SAME


def test_a_stream_is_kept_in_constant_memory_and_evenly(frames: Tensor) -> None:
    seen, whole = Collector(), Collector()
    for _ in range(50):
        seen.add(frames)
    whole.add(frames.repeat(50, 1, 1, 1))
    assert seen.to_bytes() == whole.to_bytes()
    assert len(seen.frames) <= 16
    assert seen.num_seen == 200
    assert seen.stride == 16


@pytest.mark.parametrize("broken", [b"", b"x", b"\0" * 255, b"\0" * 300])
def test_a_broken_fingerprint_is_like_nothing(frames: Tensor, broken: bytes) -> None:
    assert likeness(broken, frames) == 0.0


def test_flat_frames_make_no_trouble() -> None:
    flat = torch.full((2, 3, 32, 32), 90, dtype=torch.uint8)
    assert abs(likeness(stored(flat), flat)) <= 1
