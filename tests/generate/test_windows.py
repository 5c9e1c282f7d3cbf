"""Long canvases as overlapping windows."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from misora.core.errors import UsageError
from misora.core.seeds import derive
from misora.generate.canvas import Canvas
from misora.generate.pin import Pin
from misora.generate.prepare import prepared
from misora.generate.studio import Studio, generate
from misora.generate.windows import (
    Overlap,
    is_long,
    overlap_of,
    plan_windows,
    sample_any,
    sample_windows,
    window_canvas,
)
from misora.model.bundle import Limits, Model
from misora.video.clip import Clip
from misora.video.line import Line

LIMITS = Limits(max_seconds=3.0, default_seconds=2.0)


def canvas(seconds: float = 6.0, **changed: Any) -> Canvas:
    """Twelve groups of 64 x 64."""
    asked: dict = {"fps": 8.0, "width_px": 64, "height_px": 64, "lines": (Line("a red ball", 0.0, seconds),), "seed": 5}
    return Canvas(seconds=seconds, **(asked | changed))


class Kept:
    """A store in memory that counts."""

    def __init__(self, windows: dict[int, Tensor] | None = None) -> None:
        self.windows, self.num_saved = dict(windows or {}), 0

    def load(self, index: int) -> Tensor | None:
        return self.windows.get(index)

    def save(self, index: int, latents: Tensor) -> None:
        self.windows[index], self.num_saved = latents, self.num_saved + 1


def test_windows_cover_everything_and_share_what_is_asked() -> None:
    windows = plan_windows(canvas(), LIMITS, Overlap(groups=1))
    assert [(each.first, each.last) for each in windows] == [(0, 4), (3, 7), (6, 10), (8, 12)]
    windows = plan_windows(canvas(), LIMITS, Overlap(groups=3))
    assert [each.first for each in windows] == list(range(9))


def test_windows_go_outwards_from_what_is_known() -> None:
    windows = plan_windows(canvas(), LIMITS, Overlap(), anchor=7)
    assert [each.index for each in windows] == [2, 3, 1, 0]


def test_a_window_hears_the_lines_that_fall_into_it_and_has_noise_of_its_own() -> None:
    lines = (Line("a red ball", 0.0, 2.0), Line("left", 2.0, 6.0))
    first, second = plan_windows(canvas(), LIMITS, Overlap())[:2]
    whole = canvas(lines=lines)
    assert [line.text for line in window_canvas(whole, first).lines] == ["a red ball"]
    part = window_canvas(whole, second)
    assert [(line.text, line.from_seconds, line.to_seconds) for line in part.lines] == [
        ("a red ball", 0.0, 0.5),
        ("left", 0.5, 2.0),
    ]
    assert (window_canvas(whole, first).seed, part.seed) == (5, derive(5, "window", 1))


def test_what_fits_the_model_is_sampled_in_one_go(model: Model) -> None:
    short = canvas(1.0)
    assert not is_long(short, model.limits)
    assert overlap_of(short, model.limits, None) is None
    assert torch.equal(sample_any(model, short, steps=2), sample_any(model, short, steps=2, overlap=Overlap(groups=2)))
    assert overlap_of(canvas(), LIMITS, None) == Overlap()


def test_the_first_window_is_what_a_short_canvas_would_be(model: Model) -> None:
    made = sample_windows(model, canvas(), steps=2)
    assert made.shape == (12, 8, 4, 4)
    assert torch.equal(made[:4], sample_any(model, canvas(2.0), steps=2))


@pytest.mark.parametrize("overlap", [Overlap(), Overlap(groups=2, hold=0.1)])
def test_the_same_seed_gives_the_same_bits_with_finished_windows_or_without(model: Model, overlap: Overlap) -> None:
    whole = Kept()
    made = sample_windows(model, canvas(), steps=2, overlap=overlap, store=whole)
    some = Kept({index: latents for index, latents in whole.windows.items() if index < 2})
    assert torch.equal(made, sample_windows(model, canvas(), steps=2, overlap=overlap, store=some))
    assert some.num_saved == whole.num_saved - 2


def test_a_crash_costs_the_last_window_only(model: Model) -> None:
    kept = Kept()

    def stop(step: Any) -> None:
        if step.number == 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sample_windows(model, canvas(), steps=2, store=kept, on_step=stop)
    assert sorted(kept.windows) == [0, 1]


def test_steps_are_counted_over_all_windows_and_previews_come_in_order(model: Model) -> None:
    steps: list[tuple[int, int]] = []
    previews: list[float] = []

    def look(frames: Tensor, at_seconds: float) -> None:
        assert frames.shape == (4, 3, 64, 64)
        previews.append(at_seconds)

    sample_windows(
        model,
        canvas(),
        steps=2,
        on_step=lambda step: steps.append((step.number, step.num_steps)),
        on_preview=look,
    )
    assert steps == [(number, 8) for number in range(1, 9)]
    assert previews == sorted(previews)
    assert len(previews) == 4


def test_a_pin_falls_into_its_window_and_is_kept(model: Model) -> None:
    frames = torch.randint(0, 256, (8, 3, 64, 64), dtype=torch.uint8)
    asked = canvas(pins=(Pin(clip=Clip.at_rate(frames, 8.0), at_seconds=4.0),))
    made = sample_windows(model, prepared(asked, model.limits).canvas, steps=2)
    # float32: groups that are encoded with more beside them are rounded another way
    torch.testing.assert_close(
        made[8:10], model.autoencoder.encode_frames(frames.unflatten(0, (2, 4))), rtol=1e-4, atol=1e-4
    )
    assert not torch.equal(made, sample_windows(model, canvas(), steps=2))


def test_a_long_canvas_becomes_a_video_with_its_pins_in_their_pixels(studio: Studio) -> None:
    frames = torch.randint(0, 256, (8, 3, 64, 64), dtype=torch.uint8)
    asked = replace(canvas(7.5), pins=(Pin(clip=Clip.at_rate(frames, 8.0)),))
    video = generate(studio, asked, steps=1)
    assert video.clip.num_frames == 60
    assert torch.equal(video.clip.frames[:8], frames)
    assert video.record.overlap == Overlap()


@pytest.mark.parametrize(
    ("settings", "words"), [({"groups": 0}, "at least one group"), ({"hold": 1.0}, "held at a level")]
)
def test_an_overlap_that_cannot_be_is_refused(settings: dict, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        Overlap(**settings)
