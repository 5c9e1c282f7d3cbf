import math

import numpy as np
import pytest

from misora.evaluate.report import Score, bootstrap, percent, ratio, ratio_interval, score, shuffled, wilson


def test_wilson_matches_a_published_example() -> None:
    interval = wilson(81, 263)  # Newcombe 1998, table I
    assert interval.low == pytest.approx(0.2553, abs=1e-4)
    assert interval.high == pytest.approx(0.3662, abs=1e-4)


def test_wilson_stays_within_zero_and_one_at_the_ends() -> None:
    assert wilson(0, 20).low == pytest.approx(0)
    assert wilson(20, 20).high == pytest.approx(1)
    assert 0 < wilson(0, 20).high < 0.2
    assert (wilson(0, 0).low, wilson(0, 0).high) == (0, 1)


def test_a_claim_that_does_not_apply_is_not_a_trial() -> None:
    measured = score([True, None, False, True])
    assert (measured.num_right, measured.num_all) == (2, 3)
    assert math.isnan(score([None]).value)


def test_more_right_than_trials_is_refused() -> None:
    with pytest.raises(ValueError, match="3 right of 2"):
        Score(num_right=3, num_all=2)


def test_bootstrap_of_a_mean_agrees_with_the_normal_interval() -> None:
    values = np.random.default_rng(0).normal(size=400)
    interval = bootstrap(values, lambda sample: float(sample.mean()), seed=1)
    half = 1.96 * values.std() / math.sqrt(len(values))
    # 1000 draws put each end within about a tenth of the half width
    assert interval.low == pytest.approx(values.mean() - half, abs=0.15 * half)
    assert interval.high == pytest.approx(values.mean() + half, abs=0.15 * half)


def test_nobody_keeps_their_own_prompt() -> None:
    for num in (2, 3, 50):
        partners = shuffled(num, seed=7)
        assert sorted(partners) == list(range(num))
        assert all(partner != index for index, partner in enumerate(partners))
    assert shuffled(50, seed=7) != shuffled(50, seed=8)


def test_one_prompt_cannot_be_exchanged() -> None:
    with pytest.raises(ValueError, match="at least 2"):
        shuffled(1, seed=0)


def test_people_read_share_interval_and_trials() -> None:
    assert percent(Score(num_right=124, num_all=128)) == "96.9 % [92.2, 98.8] of 128"
    assert percent(Score(num_right=0, num_all=0)) == "does not apply"


def test_the_interval_of_a_quotient_covers_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    above, below = rng.binomial(300, 0.8, 2000), rng.binomial(300, 0.97, 2000)
    intervals = [
        ratio_interval(Score(num_right=int(a), num_all=300), Score(num_right=int(b), num_all=300))
        for a, b in zip(above, below, strict=True)
    ]
    covered = np.mean([each.low <= 0.8 / 0.97 <= each.high for each in intervals])
    assert 0.93 < covered < 0.98
    assert np.mean([each.low > 0.8 / 0.97 for each in intervals]) < 0.04


def test_a_perfect_model_is_not_certain_to_be_perfect() -> None:
    full = Score(num_right=1024, num_all=1024)
    assert ratio(full, full) == 1
    assert 0.99 < ratio_interval(full, full).low < 1
    assert math.isnan(ratio(full, Score(num_right=0, num_all=5)))
    assert ratio_interval(Score(num_right=0, num_all=0), full).low == 0
