"""Pins, tokens and frames."""

from dataclasses import replace

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
        (
            Pin(clip=clip(4), at_seconds=1.0),
            r"ends at 1\.5 s, after the end of the canvas at 1\.25 s; begin it 0\.25 s",
        ),
        (Pin(clip=clip(4, size=(32, 32)), region=(48, 0, 80, 32)), "32x32 px at 48, 0 does not fit a canvas of 64x80"),
        (Pin(clip=clip(1, size=(80, 64)), is_card=True), "a card of 80x64 px does not fit"),
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


def test_a_token_is_known_only_where_all_its_pixels_are(model: Model) -> None:
    mask = torch.ones(4, 80, 64, dtype=torch.bool)
    mask[2, 20, 40] = False
    start = known_tokens(model, canvas(Pin(clip=clip(4), mask=mask))).start.view(3, 5, 4)
    assert (start[0] > 0).nonzero().tolist() == [[1, 2]]
    assert (start[1:] == 1).all()


def test_pins_that_share_a_token_know_it_together(model: Model) -> None:
    halves = (Pin(clip=clip(2)), Pin(clip=clip(2), at_seconds=0.25))
    assert (known_tokens(model, replace(canvas(), pins=halves)).start.view(3, -1)[0] == 0).all()
    assert (known_tokens(model, replace(canvas(), pins=halves[:1])).start == 1).all()


def test_a_region_knows_the_cells_it_covers(model: Model) -> None:
    start = known_tokens(model, canvas(Pin(clip=clip(4, size=(32, 40)), region=(16, 16, 48, 56)))).start.view(3, 5, 4)
    assert (start[0] == 0).nonzero().tolist() == [[1, 1], [1, 2], [2, 1], [2, 2]]


def test_rough_pins_are_mixed_by_weight_and_exact_ones_lie_over_them(model: Model) -> None:
    one, other, exact = clip(10), clip(10), clip(4)
    rough = (Pin(clip=one, keep=0.5, weight=0.75), Pin(clip=other, keep=0.3, weight=0.25))
    known = known_tokens(model, replace(canvas(), pins=(*rough, Pin(clip=exact))))
    latents = [model.autoencoder.encode_frames(each.frames[4:8][None]) for each in (one, other)]
    mixed = to_latents(known.clean, canvas().grid)
    torch.testing.assert_close(mixed[1:2], 0.75 * latents[0] + 0.25 * latents[1])
    torch.testing.assert_close(mixed[:1], model.autoencoder.encode_frames(exact.frames[None]))
    torch.testing.assert_close(known.start.view(3, -1)[:, 0], torch.tensor([0.0, 0.55, 0.55]))


def test_keep_may_change_over_time(model: Model) -> None:
    start = known_tokens(model, canvas(Pin(clip=clip(10), keep=((0.25, 0.9), (0.75, 0.5))))).start.view(3, -1)
    torch.testing.assert_close(start[:, 0], torch.tensor([0.1, 0.5, 0.5]))


def test_held_pins_and_cards_are_context(model: Model) -> None:
    card = Pin(clip=clip(1), at_seconds=0.5, hold=0.1, is_card=True)
    asked = replace(canvas(), pins=(Pin(clip=clip(4), hold=0.2), card))
    known = known_tokens(model, asked)
    assert known.start.view(4, -1).unique(dim=1).flatten().tolist() == pytest.approx([0.2, 1.0, 1.0, 0.1])
    assert known.is_held.view(4, -1).all(1).tolist() == [True, False, False, True]
    assert asked.grid.cards_seconds == (0.5625,)
    assert to_latents(known.clean, asked.grid).shape[0] == 3
