"""Pinned pixels before they are laid over."""

import pytest
import torch
from torch import Tensor

from misora.evaluate.kept import pinned_decibels
from misora.generate.canvas import Canvas
from misora.generate.pin import Pin
from misora.model.autoencoder import Autoencoder
from misora.model.bundle import load_model
from misora.video.clip import Clip


@pytest.fixture(scope="module")
def autoencoder() -> Autoencoder:
    return load_model().autoencoder


def ramp(width: int = 64) -> Tensor:
    return torch.linspace(20, 200, width).to(torch.uint8).expand(8, 3, 64, width).contiguous()


def redone(autoencoder: Autoencoder, frames: Tensor) -> Tensor:
    with torch.no_grad():
        return autoencoder.decode_latents(autoencoder.encode_frames(frames.unflatten(0, (-1, 4))))


def canvas(pin: Pin, *, width: int = 64, lead: int = 0) -> Canvas:
    return Canvas(seconds=1.0, fps=8.0, width_px=width, height_px=64, lines=(), pins=(pin,), lead_frames=lead)


def test_what_the_autoencoder_makes_itself_is_no_worse_and_another_picture_is(autoencoder: Autoencoder) -> None:
    clip = Clip.at_rate(ramp(), 8.0)
    own = redone(autoencoder, clip.frames)
    asked = canvas(Pin(clip=clip))
    assert pinned_decibels(autoencoder, asked, own) == pytest.approx(0.0, abs=0.01)
    assert pinned_decibels(autoencoder, asked, 255 - own) < -3


def test_only_tokens_that_are_known_count(autoencoder: Autoencoder) -> None:
    clip = Clip.at_rate(ramp(), 8.0)
    own = redone(autoencoder, clip.frames)
    own[..., 32:] = 0
    mask = torch.ones(8, 64, 64, dtype=torch.bool)
    mask[..., 40:] = False  # the cells from 32 on hide something
    assert pinned_decibels(autoencoder, canvas(Pin(clip=clip, mask=mask)), own) == pytest.approx(0.0, abs=0.01)
    wide = torch.zeros(8, 3, 64, 128, dtype=torch.uint8)
    wide[..., 32:96] = redone(autoencoder, clip.frames)
    part = canvas(Pin(clip=clip, region=(32, 0, 96, 64)), width=128)
    assert pinned_decibels(autoencoder, part, wide) == pytest.approx(0.0, abs=0.01)


def test_a_still_counts_where_it_is_seen(autoencoder: Autoencoder) -> None:
    still = ramp()[:1]
    asked = canvas(Pin(clip=Clip.at_rate(still, 1.0)), lead=3)
    made = torch.zeros(12, 3, 64, 64, dtype=torch.uint8)
    made[:4] = redone(autoencoder, still.expand(4, -1, -1, -1))
    made[:3] = 0  # cut off
    assert pinned_decibels(autoencoder, asked, made) == pytest.approx(0.0, abs=0.01)


def test_a_canvas_without_exact_pins_is_refused(autoencoder: Autoencoder) -> None:
    rough = canvas(Pin(clip=Clip.at_rate(ramp(), 8.0), keep=0.5))
    with pytest.raises(ValueError, match="nothing is pinned"):
        pinned_decibels(autoencoder, rough, ramp())
