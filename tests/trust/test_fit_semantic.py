"""Fitting the semantic judge, on points that can be told apart."""

import pytest
import torch

from misora.core.seeds import generator
from misora.trust.examples import load_examples
from misora.trust.fit_semantic import Fit, Rows, categories_of, fit_logits, laid, rows_of, unseen_logits
from misora.trust.moderator import Moderator


@pytest.fixture(scope="module")
def rows() -> Rows:
    draw = generator("moderation test")
    which = torch.arange(150) % 3  # two categories, and benign
    centres = torch.eye(3, 8)
    features = torch.nn.functional.normalize(centres[which] + 0.3 * torch.randn(150, 8, generator=draw), dim=1)
    labels = torch.stack([which == 0, which == 1], dim=1)
    return Rows(features=features, labels=labels, group=tuple(range(150)))


def test_categories_are_told_apart_on_rows_that_were_not_seen(rows: Rows) -> None:
    logits = unseen_logits(rows, Fit(), seed=0)
    assert ((logits > 0) == rows.labels).float().mean() > 0.9
    torch.testing.assert_close(unseen_logits(rows, Fit(), seed=0), logits)


def test_scores_mean_their_share_of_false_alarms(rows: Rows) -> None:
    settings = Fit(review_share=0.1, block_share=0.02)
    weight, bias = fit_logits(rows, settings)
    logits = rows.features @ weight.T + bias
    is_benign = ~rows.labels.any(1)
    scale, shift = laid(logits, is_benign, ("hate", "sexual_minors"), settings)
    assert bool((scale > 0).all())
    scores = torch.sigmoid(logits * scale + shift)[is_benign]
    assert (scores[:, 0] >= 0.5).float().mean() == pytest.approx(0.1, abs=0.03)
    assert (scores[:, 1] >= 0.3).float().mean() == pytest.approx(
        0.1, abs=0.03
    )  # the floor stops from 0.5 on: laid lower
    assert (scores[:, 0] >= 0.8).float().mean() <= 0.03


def test_each_example_comes_in_every_frame(moderator: Moderator) -> None:
    examples = load_examples()[:2]
    rows = rows_of(moderator.text_encoder, examples, framed=True)
    assert rows.group[0] == 0
    assert rows.group[-1] == 1
    assert len(rows.group) == rows.features.shape[0] == rows.labels.shape[0]
    assert rows.labels.shape[1] == len(categories_of(load_examples()))
    assert bool((rows.labels.sum(1) == 1).all())
