"""Joints, their seams, and how editors bridge them."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from misora.evaluate.joins import Joined, cross_faded, hard_cut, kept_decibels, seams_of, steps_of, undissolved
from misora.generate.canvas import Canvas
from misora.generate.pin import Pin
from misora.model.bundle import load_model
from misora.video.clip import Clip


def grey(*levels: int) -> Tensor:
    return torch.tensor(levels, dtype=torch.uint8)[:, None, None, None].expand(-1, 3, 16, 16)


JOINED = Joined(parts=(grey(0, 10), grey(40, 50), grey(90, 90)), gaps=(2, 3))


def test_a_gap_has_two_seams_and_the_last_one_only_where_something_follows() -> None:
    assert JOINED.spans == ((2, 4), (6, 9))
    assert seams_of(JOINED, 11) == (2, 4, 6, 9)
    assert seams_of(JOINED, 9) == (2, 4, 6)
    assert JOINED.cuts == (2, 4)


def test_a_loop_is_played_until_it_begins_anew() -> None:
    loop = Joined(parts=(grey(0, 10), grey(0, 10)), gaps=(1,), is_loop=True)
    assert len(loop.played(grey(0, 10, 5))) == 5
    assert len(replace(loop, is_loop=False).played(grey(0, 10, 5))) == 3


def test_editors_fade_evenly_or_leave_the_gap_out() -> None:
    assert cross_faded(JOINED)[:, 0, 0, 0].tolist() == [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 90]
    assert hard_cut(JOINED)[:, 0, 0, 0].tolist() == [0, 10, 40, 50, 90, 90]


def test_an_even_change_has_no_acceleration_and_a_jump_has_much() -> None:
    assert steps_of(grey(0, 10, 20, 30)).tolist() == [[10, 0], [10, 0], [10, 0]]
    assert steps_of(grey(0, 10, 60, 70)).tolist() == [[10, 40], [50, 40], [10, 40]]


def test_of_a_cross_fade_no_change_is_left_and_of_what_moves_much() -> None:
    assert undissolved(cross_faded(JOINED)[3:7]).abs().max() < 1
    moving = torch.zeros(4, 3, 8, 8, dtype=torch.uint8)
    for index in range(4):
        moving[index, :, :, 2 * index : 2 * index + 2] = 90
    assert undissolved(moving).abs().mean() > 15


def test_pinned_frames_are_held_against_what_the_autoencoder_can_do() -> None:
    autoencoder = load_model().autoencoder
    ramp = torch.linspace(20, 60, 64).to(torch.uint8).expand(4, 3, 64, 64).contiguous()
    canvas = Canvas(
        seconds=1.0, fps=8.0, width_px=64, height_px=64, lines=(), pins=(Pin(clip=Clip.at_rate(ramp, 8.0)),)
    )
    with torch.no_grad():
        own = autoencoder.decode_latents(autoencoder.encode_frames(ramp[None]))
    assert kept_decibels(autoencoder, canvas, torch.cat((own, own))) == pytest.approx(0.0, abs=0.01)
    assert kept_decibels(autoencoder, canvas, torch.cat((255 - own, own))) < -3
    with pytest.raises(ValueError, match="nothing is pinned"):
        kept_decibels(autoencoder, replace(canvas, pins=()), own)
