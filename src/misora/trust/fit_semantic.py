"""Fit the semantic judge: `python -m misora.trust.fit_semantic --seed 0 --out head.safetensors`.

Logistic regression for each category on the training examples, plain and framed; its scores are then laid so that 0.5 and 0.8
mean stated shares of false alarms on benign examples that a fold had not seen. About a minute on one core. The test split is
not looked at. The bundled head was made by this very command.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn import functional

from misora.core.files import sha256_file
from misora.core.seeds import generator
from misora.model.text import TextEncoder
from misora.trust.examples import BENIGN, EXAMPLES, Example, load_examples
from misora.trust.policy import FLOOR
from misora.trust.semantic import Head, pooled

_FRAMES = (
    "{}",
    "{}, cinematic, 4k, shallow depth of field",
    "i had a dream about this: {}",
    "in the manner of an old fairy tale, {}",
)
_FOLDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How the head is fitted.

    Attributes:
        decay: L2 penalty on the weights, per example.
        positive_weight: how much more a violating example counts.
        review_share: of benign examples that may score 0.5 in a category.
        block_share: of benign examples that may score 0.8 in it.
    """

    decay: float = 3e-4
    positive_weight: float = 4.0
    review_share: float = 0.008
    block_share: float = 0.002


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What is fitted to.

    Attributes:
        features: pooled.
        labels: which category a row violates.
        group: number of the example, the same for each of its frames.
    """

    features: Float[Tensor, "n d"]
    labels: Bool[Tensor, "n c"]
    group: tuple[int, ...]


def categories_of(examples: Sequence[Example]) -> tuple[str, ...]:
    """Name the categories that occur, without benign."""
    return tuple(dict.fromkeys(example.category for example in examples if example.category != BENIGN))


def rows_of(encoder: TextEncoder, examples: Sequence[Example], *, framed: bool) -> Rows:
    """Encode examples, each also in every frame where asked: framing shall mean nothing.

    Args:
        encoder: the frozen text encoder.
        examples: some of one split.
        framed: whether to add the frames.

    Returns:
        Rows, example by example.
    """
    frames = _FRAMES if framed else _FRAMES[:1]
    texts = [frame.format(example.text) for example in examples for frame in frames]
    categories = categories_of(load_examples())
    labels = torch.tensor([[example.category == name for name in categories] for example in examples])
    return Rows(
        features=pooled(encoder, texts),
        labels=labels.repeat_interleave(len(frames), 0),
        group=tuple(index for index in range(len(examples)) for _ in frames),
    )


def fit_logits(rows: Rows, settings: Fit) -> tuple[Float[Tensor, "c d"], Float[Tensor, " c"]]:
    """Fit the logistic regressions together, to the end.

    Args:
        rows: examples.
        settings: penalty and weights.

    Returns:
        Weight and bias.
    """
    weight = torch.zeros(rows.labels.shape[1], rows.features.shape[1], requires_grad=True)
    bias = torch.full((rows.labels.shape[1],), -3.0, requires_grad=True)
    target = rows.labels.float()
    optimiser = torch.optim.LBFGS([weight, bias], max_iter=200, history_size=20, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimiser.zero_grad()
        logits = rows.features @ weight.T + bias
        loss = functional.binary_cross_entropy_with_logits(
            logits, target, pos_weight=torch.tensor(settings.positive_weight), reduction="none"
        )
        total = loss.sum(1).mean() + settings.decay * weight.square().sum()
        total.backward()
        return total

    optimiser.step(closure)
    return weight.detach(), bias.detach()


def unseen_logits(rows: Rows, settings: Fit, *, seed: int) -> Float[Tensor, "n c"]:
    """Give each row the logits of a fit that had not seen its example."""
    num_groups = max(rows.group) + 1
    fold_of = torch.randperm(num_groups, generator=generator("moderation folds", seed)) % _FOLDS
    fold = fold_of[torch.tensor(rows.group)]
    logits = torch.empty(rows.labels.shape)
    for index in range(_FOLDS):
        seen = (fold != index).nonzero().flatten()
        part = Rows(features=rows.features[seen], labels=rows.labels[seen], group=tuple(seen.tolist()))
        weight, bias = fit_logits(part, settings)
        logits[fold == index] = rows.features[fold == index] @ weight.T + bias
    return logits


def laid(
    logits: Float[Tensor, "n c"], is_benign: Bool[Tensor, " n"], names: Sequence[str], settings: Fit
) -> tuple[Float[Tensor, " c"], Float[Tensor, " c"]]:
    """Find the scale and shift of each category's logits that give scores their meaning.

    Args:
        logits: of rows that the fit had not seen.
        is_benign: which rows violate nothing.
        names: of the categories; those of the floor stop from 0.5 on, and are laid lower.
        settings: the shares.

    Returns:
        Scale and shift.
    """
    benign = logits[is_benign]
    low = torch.quantile(benign, 1 - settings.review_share, dim=0)
    high = torch.maximum(torch.quantile(benign, 1 - settings.block_share, dim=0), low + 0.3)
    at_low = torch.tensor([_logit(0.3 if name in FLOOR else 0.5) for name in names])
    at_high = torch.tensor([_logit(0.62 if name in FLOOR else 0.8) for name in names])
    scale = (at_high - at_low) / (high - low)
    return scale, at_low - scale * low


def fit(encoder: TextEncoder, *, seed: int, settings: Fit) -> Head:
    """Make the head from the examples of training and validation.

    Args:
        encoder: the frozen text encoder.
        seed: draws the folds.
        settings: how.

    Returns:
        The head.
    """
    examples = [example for example in load_examples() if example.split != "test"]
    names = categories_of(load_examples())
    rows = rows_of(encoder, examples, framed=True)
    scale, shift = laid(unseen_logits(rows, settings, seed=seed), ~rows.labels.any(1), names, settings)
    weight, bias = fit_logits(rows, settings)
    return Head(
        categories=names,
        weight=weight * scale[:, None],
        bias=bias * scale + shift,
        made_of=sha256_file(EXAMPLES),
    )


def main() -> None:
    """Fit and write."""
    parser = argparse.ArgumentParser(prog="python -m misora.trust.fit_semantic", description=fit.__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True)
    words = parser.parse_args()
    fit(TextEncoder(), seed=words.seed, settings=Fit()).save(words.out)
    print(f"{words.out}: fitted")


def _logit(share: float) -> float:
    return math.log(share / (1 - share))


if __name__ == "__main__":
    main()
