"""Pins, tokens and frames."""

import pytest
import torch
from einops import rearrange

from misora.core.errors import UsageError
from misora.generate.canvas import Canvas, Pin
from misora.generate.latents import decode, known_tokens, to_latents
from misora.model.bundle import Model
from misora.video.clip import Clip
from misora.video.line import Line


def canvas(pin: Pin | None = None, **changed: object) -> Canvas:
    """One and a quarter seconds at eight frames/s: ten frames, three groups."""
    asked: dict = {"seconds": 1.25, "fps": 8.0, "width_px": 64, "height_px": 80, "lines": (Line("a", 0.0, 1.0),)}
    return Canvas(**(asked | changed), pins=() if pin is None else (pin,))


def clip(num_frames: int, *, size: tuple[int, int] = (64, 80), fps: float = 8.0) -> Clip:
    """Random pixels."""
    frames = torch.randint(0, 256, (num_frames, 3, size[1], size[0]), dtype=torch.uint8)
    return Clip.at_rate(frames, fps)


def test_without_pins_every_token_is_unknown(model: Model) -> None:
    known = known_tokens(model, canvas())
    assert known.clean.shape == (3 * 5 * 4, 8)
    assert (known.start == 1).all()


def test_a_pin_fixes_the_tokens_of_its_groups(model: Model) -> None:
    pinned = clip(4)
    known = known_tokens(model, canvas(Pin(clip=pinned, at_seconds=0.5, keep=0.75)))
    assert known.start.view(3, -1).unique(dim=1).flatten().tolist() == [1.0, 0.25, 1.0]
    expected = model.autoencoder.encode_frames(pinned.frames[None])
    torch.testing.assert_close(to_latents(known.clean, canvas().grid)[1:2], expected)


def test_a_pinned_still_is_kept_whole(model: Model) -> None:
    known = known_tokens(model, canvas(Pin(clip=clip(1)), is_still=True))
    assert (known.start == 0).all()


@pytest.mark.parametrize(
    ("pin", "message"),
    [
        (Pin(clip=clip(4, size=(80, 64))), "resize it first"),
        (Pin(clip=clip(4, fps=12.0)), "resample it first"),
        (Pin(clip=clip(3)), "whole groups of 4"),
        (Pin(clip=clip(4), at_seconds=0.25), "whole groups of 4"),
        (Pin(clip=clip(4), at_seconds=1.0), "within the canvas's 10 frames"),
    ],
)
def test_a_pin_that_does_not_fit_is_refused(model: Model, pin: Pin, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        known_tokens(model, canvas(pin))


def test_a_still_refuses_a_moving_pin(model: Model) -> None:
    with pytest.raises(UsageError, match="one pinned frame"):
        known_tokens(model, canvas(Pin(clip=clip(4)), is_still=True))


def test_tokens_return_to_their_cells() -> None:
    grid = canvas().grid
    latents = torch.randn(3, 8, 5, 4)
    assert torch.equal(to_latents(rearrange(latents, "t c h w -> (t h w) c"), grid), latents)


def test_overhanging_frames_are_cut_and_a_still_is_one(model: Model) -> None:
    moving = decode(model, torch.randn(3, 8, 5, 4), canvas())
    assert (moving.num_frames, moving.size, moving.fps) == (10, (64, 80), 8.0)
    assert decode(model, torch.randn(1, 8, 5, 4), canvas(is_still=True)).num_frames == 1
