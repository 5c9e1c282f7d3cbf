"""Costs told beforehand."""

import pytest

from misora.core.errors import UsageError
from misora.generate.estimate import estimate
from misora.generate.studio import Studio


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
