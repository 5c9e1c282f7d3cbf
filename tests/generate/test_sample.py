"""The one sampler."""

from dataclasses import replace
from typing import Any

import pytest
import torch

from misora.core.errors import NumericsError, UsageError
from misora.flow.guidance import guided
from misora.flow.loss import velocity_from_clean
from misora.generate.canvas import Canvas, Guidance, Pin
from misora.generate.latents import known_tokens
from misora.generate.sample import lay_out_pack, pack_velocity, sample, start_noise
from misora.generate.studio import Studio
from misora.model.bundle import Model
from misora.model.sequence import lay_out
from misora.video.clip import Clip
from misora.video.line import Line


def canvas(text: str = "a red ball", **changed: Any) -> Canvas:
    """Half a second, 64 x 64."""
    asked: dict = {"seconds": 1.0, "fps": 8.0, "width_px": 64, "height_px": 64, "lines": (Line(text, 0.0, 1.0),)}
    return Canvas(**(asked | changed))


def test_guided_pair_in_one_pack_agrees_with_two_single_calls(model: Model) -> None:
    asked = canvas(negative="a blue ball", guidance=Guidance(lines=3.0))
    tokens = torch.randn(32, 8)
    levels = torch.full((32,), 0.8)
    single = [
        model.transformer(lay_out([asked.grid], [model.describe((Line(text, 0.0, 1.0),))]), tokens, levels)
        for text in ("a red ball", "a blue ball")
    ]
    expected = velocity_from_clean(tokens, guided(single[0], single[1], 3.0), levels)
    pack = lay_out_pack(model, [asked], [known_tokens(model, asked)])
    # float32: the products of a pack are summed in another order than those of a single clip
    torch.testing.assert_close(pack_velocity(model, pack)(tokens, 0.8), expected, rtol=1e-3, atol=1e-4)


def test_guidance_ends_and_the_plain_prediction_goes_on(model: Model) -> None:
    asked = canvas(guidance=Guidance(lines=3.0, down_to=0.5))
    pack = lay_out_pack(model, [asked], [known_tokens(model, asked)])
    plain = lay_out_pack(model, [replace(asked, guidance=Guidance(lines=1.0))], [known_tokens(model, asked)])
    tokens = torch.randn(32, 8)
    for time, is_alike in ((0.5, False), (0.49, True)):
        pair = [pack_velocity(model, each)(tokens, time) for each in (pack, plain)]
        assert torch.allclose(*pair, rtol=1e-3, atol=1e-4) == is_alike


def test_each_canvas_of_a_pack_ends_its_own_guidance(model: Model) -> None:
    asked = [canvas(seed=1, guidance=Guidance(down_to=0.2)), canvas("left", seed=2, guidance=Guidance(down_to=0.9))]
    together = sample(model, asked, steps=3, shift=2.0)
    for one, latents in zip(asked, together, strict=True):
        [alone] = sample(model, [one], steps=3, shift=2.0)
        torch.testing.assert_close(latents, alone, rtol=1e-3, atol=1e-3)


def test_canvases_of_different_size_in_one_pack_agree_with_each_alone(model: Model) -> None:
    asked = [canvas(seed=1), canvas("a blue ball", width_px=80, seed=2, guidance=Guidance(lines=1.0))]
    together = sample(model, asked, steps=3, shift=2.0)
    for one, latents in zip(asked, together, strict=True):
        [alone] = sample(model, [one], steps=3, shift=2.0)
        torch.testing.assert_close(latents, alone, rtol=1e-3, atol=1e-3)


def test_without_guidance_each_clip_stands_once(model: Model) -> None:
    asked = canvas(guidance=Guidance(lines=1.0))
    plain = lay_out_pack(model, [asked], [known_tokens(model, asked)])
    assert plain.layout.num_tokens == 32
    both = lay_out_pack(model, [canvas(), asked], [known_tokens(model, each) for each in (canvas(), asked)])
    assert both.layout.num_tokens == 96


def test_text_and_negative_text_change_the_result(model: Model) -> None:
    [first] = sample(model, [canvas()], steps=2)
    [other] = sample(model, [canvas("a blue ball")], steps=2)
    [without] = sample(model, [canvas(negative="left")], steps=2)
    assert not torch.allclose(first, other)
    assert not torch.allclose(first, without)


def test_same_seed_gives_the_same_bits_and_another_seed_others(model: Model) -> None:
    [first], [again], [other] = (sample(model, [canvas(seed=seed)], steps=2) for seed in (5, 5, 6))
    assert torch.equal(first, again)
    assert not torch.allclose(first, other)


def test_pinned_frames_come_back_to_the_bit(model: Model) -> None:
    frames = torch.randint(0, 256, (4, 3, 64, 64), dtype=torch.uint8)
    [latents] = sample(model, [canvas(pins=(Pin(clip=Clip.at_rate(frames, 8.0), at_seconds=0.5),))], steps=3)
    assert torch.equal(latents[1:], model.autoencoder.encode_frames(frames[None]))


def test_a_roughly_kept_pin_starts_between_noise_and_itself(model: Model) -> None:
    frames = torch.randint(0, 256, (8, 3, 64, 64), dtype=torch.uint8)
    asked = canvas(pins=(Pin(clip=Clip.at_rate(frames, 8.0), keep=0.6),))
    known = known_tokens(model, asked)
    free = start_noise(replace(asked, pins=()), known_tokens(model, canvas()))
    torch.testing.assert_close(start_noise(asked, known), 0.6 * known.clean + 0.4 * free)


def test_steps_are_reported(model: Model) -> None:
    numbers: list[int] = []
    sample(model, [canvas()], steps=3, on_step=lambda step: numbers.append(step.number))
    assert numbers == [1, 2, 3]


@pytest.mark.parametrize("steps", [0, -1, 10_000])
def test_steps_out_of_range_are_refused(model: Model, steps: int) -> None:
    with pytest.raises(UsageError, match="steps must lie between 1 and 1000"):
        sample(model, [canvas()], steps=steps)


def test_a_number_that_is_not_finite_names_the_step(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = model.transformer.forward
    monkeypatch.setattr(model.transformer, "forward", lambda *given, **named: whole(*given, **named) * torch.nan)
    with pytest.raises(NumericsError, match="step 1 of 2"):
        sample(model, [canvas()], steps=2)


def test_fast_differs_little_and_says_so_in_the_record(model: Model) -> None:
    exact, fast = (sample(model, [canvas(seed=4)], steps=12, speed=speed)[0] for speed in ("exact", "fast"))
    assert not torch.equal(exact, fast)
    assert (exact - fast).square().mean() < 0.1 * exact.var()
    assert (
        Studio(model).generate("a red ball", seconds=1.0, size=(64, 64), steps=2, speed="fast").record.speed == "fast"
    )
