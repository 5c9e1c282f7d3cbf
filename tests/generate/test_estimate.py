"""Costs told beforehand."""

import time

import pytest

from misora.core.errors import UsageError
from misora.generate import estimate as module
from misora.generate.canvas import Canvas
from misora.generate.estimate import estimate
from misora.generate.studio import Studio
from misora.model.bundle import Model


def test_tokens_double_with_guidance_and_time_grows_with_steps(studio: Studio) -> None:
    canvas = studio.canvas("a red ball", guidance=2.0, seed=0)
    cost = estimate(studio.model, canvas, steps=10)
    assert (cost.tokens, cost.tokens_a_step) == (144, 288)
    assert cost.seconds == pytest.approx(10 * cost.step_seconds + cost.decode_seconds)
    assert 0 < cost.step_seconds < 5
    assert 50 * 2**20 < cost.memory_bytes < 16 * 2**30
    plain = estimate(studio.model, studio.canvas("a red ball", guidance=1.0, seed=0), steps=10)
    assert plain.tokens_a_step == 144


def test_a_canvas_too_large_is_refused_before_anything_is_measured(studio: Studio) -> None:
    with pytest.raises(UsageError, match="too long"):
        estimate(studio.model, studio.canvas("a red ball", seconds=10_000.0), steps=10)


def test_fast_is_reckoned_by_what_it_takes_of_exact_on_a_small_sketch(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, int, int]] = []

    def sample(model: Model, canvases: list[Canvas], *, steps: int, speed: str) -> None:
        asked.append((speed, steps, canvases[0].grid.num_tokens))
        time.sleep(0.04 if speed == "exact" else 0.01)

    canvas = studio.canvas("a red ball", seed=0)
    monkeypatch.setattr(module, "sample", sample)
    share = module._share_of_fast(studio.model, canvas, steps=7)
    assert share == pytest.approx(0.25, rel=0.5)
    assert {speed for speed, *_ in asked} == {"exact", "fast"}
    assert all(steps == 7 and tokens < canvas.grid.num_tokens for _, steps, tokens in asked)
    monkeypatch.setattr(module, "_time", lambda *_, **__: 1.0)
    monkeypatch.setattr(module, "_share_of_fast", lambda *_, **__: 0.25)
    costs = [estimate(studio.model, canvas, steps=7, speed=speed) for speed in ("exact", "fast")]
    assert [cost.step_seconds for cost in costs] == [1.0, 0.25]
