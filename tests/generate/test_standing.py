"""What stands still keeps its pixels."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from misora.generate.canvas import Canvas
from misora.generate.pin import Pin
from misora.generate.standing import Border, borders_of, standing
from misora.model.bundle import Model
from misora.video.clip import Clip


def flat(*levels: int) -> Tensor:
    return torch.tensor(levels, dtype=torch.uint8)[:, None, None, None].repeat(1, 3, 64, 64)


def canvas(*pins: Pin, **changed: Any) -> Canvas:
    asked: dict = {"seconds": 2.0, "fps": 8.0, "width_px": 64, "height_px": 64, "lines": (), "pins": pins}
    return Canvas(**(asked | changed))


def border(frame: int, *, filmed: int, decoded: int) -> Border:
    return Border(frame=frame, filmed=flat(filmed)[0], decoded=flat(decoded)[0])


def test_where_the_decoder_sees_no_change_the_filmed_pixels_stand_and_what_moves_is_as_it_was_made() -> None:
    frames = flat(100, 100)
    frames[:, :, 20:40, 20:40] = 220
    shown = standing(frames, [border(3, filmed=110, decoded=100)], first_frame=4)
    assert (shown[:, :, 50:, 50:] == 110).all()
    assert torch.equal(shown[:, :, 24:36, 24:36], frames[:, :, 24:36, 24:36])


def test_between_two_pins_each_has_the_share_of_its_nearness() -> None:
    ends = [border(3, filmed=90, decoded=100), border(8, filmed=110, decoded=100)]
    assert standing(flat(*[100] * 4), ends, first_frame=4)[:, 0, 0, 0].tolist() == [94, 98, 102, 106]
    assert torch.equal(standing(flat(7), [], first_frame=4), flat(7))


def test_each_frame_is_laid_by_itself_so_that_a_stream_has_the_same_bits() -> None:
    frames = torch.randint(80, 120, (8, 3, 64, 64), dtype=torch.uint8)
    ends = [border(3, filmed=90, decoded=100), border(12, filmed=110, decoded=100)]
    parts = [standing(frames[first : first + 2], ends, first_frame=4 + first) for first in (0, 2, 4, 6)]
    assert torch.equal(standing(frames, ends, first_frame=4), torch.cat(parts))


@pytest.mark.parametrize(
    ("at_seconds", "frames", "is_loop"),
    [(0.0, [7], False), (0.5, [4, 11], False), (1.0, [8], False), (0.0, [7, 16], True)],
)
def test_borders_stand_where_a_gap_begins_and_ends(
    model: Model, at_seconds: float, frames: list[int], is_loop: bool
) -> None:
    clip = Clip.at_rate(torch.randint(0, 256, (8, 3, 64, 64), dtype=torch.uint8), 8.0)
    asked = canvas(Pin(clip=clip, at_seconds=at_seconds))
    if is_loop:
        asked = replace(asked, pins=(*asked.pins, Pin(clip=clip, at_seconds=2.0)), tail_frames=8)
    latents = torch.randn(asked.grid.groups, 8, 4, 4)
    found = borders_of(model.autoencoder, asked, latents)
    assert [each.frame for each in found] == frames
    whole = model.autoencoder.decode_latents(latents)
    assert all(torch.equal(each.decoded, whole[each.frame]) for each in found)
    assert torch.equal(found[0].filmed, clip.frames[found[0].frame - round(at_seconds * 8)])


def test_a_window_has_the_borders_that_lie_in_it_and_parts_of_the_picture_have_none(model: Model) -> None:
    clip = Clip.at_rate(torch.randint(0, 256, (8, 3, 64, 64), dtype=torch.uint8), 8.0)
    asked = canvas(Pin(clip=clip, at_seconds=0.5))
    assert [b.frame for b in borders_of(model.autoencoder, asked, torch.randn(2, 8, 4, 4), first_group=2)] == [11]
    part = Pin(clip=Clip.at_rate(clip.frames[..., :32], 8.0), region=(0, 0, 32, 64))
    latents = torch.randn(4, 8, 4, 4)
    assert borders_of(model.autoencoder, canvas(part), latents) == ()
    assert borders_of(model.autoencoder, canvas(is_still=True, seconds=1.0), latents) == ()
