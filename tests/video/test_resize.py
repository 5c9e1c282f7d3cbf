"""Resizing: sizes as asked, no aliasing, no shift."""

from collections.abc import Callable

import pytest
import torch

from misora.core.errors import UsageError
from misora.video.clip import Clip
from misora.video.resize import pad_to_even, resize, resize_frames


@pytest.mark.parametrize("size", [(32, 24), (128, 96), (64, 48), (17, 91)])
@pytest.mark.parametrize("fit", ["stretch", "cover", "contain"])
@pytest.mark.parametrize("method", ["lanczos", "bicubic", "area", "nearest"])
def test_any_size_comes_out_as_asked_with_its_times(size: tuple[int, int], fit: str, method: str, clip: Clip) -> None:
    found = resize(clip, size, fit=fit, method=method)
    assert found.size == size
    assert torch.equal(found.pts_seconds, clip.pts_seconds)


def test_area_halving_is_the_mean_of_four() -> None:
    frames = torch.tensor([[0, 40], [80, 120]], dtype=torch.uint8).expand(1, 3, 2, 2).contiguous()
    assert resize_frames(frames, (1, 1), method="area").flatten().tolist() == [60, 60, 60]


def test_a_fine_pattern_becomes_grey_and_not_stripes() -> None:
    stripes = (torch.arange(96) % 2 * 255).to(torch.uint8).expand(1, 3, 96, 96).contiguous()
    small = resize_frames(stripes, (37, 37)).float()
    assert (small - 127.5).abs().max() < 30  # nearest would give 0 and 255


def test_enlarging_and_shrinking_does_not_shift(squares: Callable[..., Clip]) -> None:
    frames = squares(1).frames
    back = resize_frames(resize_frames(frames, (256, 192)), (64, 48), method="area")
    assert (back.float() - frames.float()).abs().mean() < 1


def test_cover_cuts_the_middle_and_contain_lays_on_black() -> None:
    frames = torch.zeros(1, 3, 4, 8, dtype=torch.uint8)
    frames[..., 2:6] = 200
    assert resize_frames(frames, (4, 4), fit="cover").unique().tolist() == [200]
    boxed = resize_frames(frames, (8, 8), fit="contain")
    assert torch.equal(boxed[:, :, 2:6], frames)
    assert boxed[:, :, :2].max() == 0


def test_padding_repeats_the_edge(squares: Callable[..., Clip]) -> None:
    odd = squares(2, width=63, height=47)
    even = pad_to_even(odd)
    assert even.size == (64, 48)
    assert torch.equal(even.frames[..., 63], even.frames[..., 62])
    assert torch.equal(even.frames[..., 47, :], even.frames[..., 46, :])
    assert pad_to_even(even) is even


def test_nothing_to_resize_to_is_refused(clip: Clip) -> None:
    with pytest.raises(UsageError, match="at least one pixel"):
        resize(clip, (0, 5))
