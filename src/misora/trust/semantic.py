"""The semantic judge: the frozen text encoder's features, pooled, and a linear head for each category.

Sentence features with a linear probe (Reimers and Gurevych 2019, arXiv:1908.10084; Alain and Bengio 2016, arXiv:1610.01644),
fitted by `misora.trust.fit_semantic` on examples written for this project.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from misora.core.errors import WeightsError
from misora.core.folder import load_tensors, read_metadata, save_tensors
from misora.model.refiner import MAX_TEXT_TOKENS
from misora.model.text import TextEncoder
from misora.trust.findings import Finding, Prompt
from misora.trust.readings import best

HEAD = Path(__file__).parents[1] / "weights" / "moderation" / "head.safetensors"
MIN_SCORE = 0.2
_WINDOW_WORDS = 40
_CLAUSE_WORDS = 4
_MAX_CLAUSES = 12
_ENDS = re.compile(r"[:;\n]|[.!?…](?=\s|$)|\s[-–—]\s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """One linear map a category, on pooled features.

    Attributes:
        categories: of the policy, in the order of the rows.
        weight: of features.
        bias: of categories.
        made_of: SHA-256 of the examples it was fitted to.
    """

    categories: tuple[str, ...]
    weight: Float[Tensor, "c d"]
    bias: Float[Tensor, " c"]
    made_of: str

    def scores(self, features: Float[Tensor, "n d"]) -> Float[Tensor, "n c"]:
        """Score pooled features, in [0, 1]."""
        return torch.sigmoid(features @ self.weight.T + self.bias)

    def save(self, path: Path) -> None:
        """Write the head as safetensors, half precision."""
        metadata = {"categories": json.dumps(self.categories), "made_of": self.made_of}
        save_tensors(path, {"weight": self.weight.half(), "bias": self.bias.half()}, metadata)

    @classmethod
    def load(cls, path: Path = HEAD) -> Head:
        """Read a head.

        Args:
            path: what `save` wrote.

        Returns:
            The head, float32.

        Raises:
            WeightsError: if it is missing, corrupt or not a head.
        """
        tensors, metadata = load_tensors(path), read_metadata(path)
        try:
            categories = tuple(map(str, json.loads(metadata["categories"])))
            return cls(
                categories=categories,
                weight=tensors["weight"].float(),
                bias=tensors["bias"].float(),
                made_of=metadata["made_of"],
            )
        except (KeyError, ValueError) as error:
            raise WeightsError(f"{path} is no head of the semantic judge ({error}); fit or fetch it again") from error


class SemanticJudge:
    """Scores what a text is about, whatever its words."""

    name = "semantic"

    def __init__(self, encoder: TextEncoder, head: Head | None = None) -> None:
        """Take the parts.

        Args:
            encoder: the frozen text encoder.
            head: the bundled one when not given.
        """
        self._encoder = encoder
        self.head = head or Head.load()

    def judge_prompt(self, prompt: Prompt, /) -> list[Finding]:
        """Score the plain reading and the likeliest other, whole and clause by clause.

        Args:
            prompt: words and their readings.

        Returns:
            The highest score of each category, where it is at least `MIN_SCORE`.
        """
        read = [] if prompt.is_fragment else best(prompt.readings)
        wholes = dict.fromkeys(text for reading in read for text in (reading.text, *clauses(reading.text)))
        texts = [piece for whole in wholes for piece in windows(whole, self._encoder)]
        if not texts:
            return []
        scores, which = self.score(texts).max(0)
        return [
            Finding(
                category=category,
                score=round(score, 4),
                rule=f"semantic/{category}",
                evidence=texts[index][:80],
            )
            for category, score, index in zip(self.head.categories, scores.tolist(), which.tolist(), strict=True)
            if score >= MIN_SCORE
        ]

    def score(self, texts: Sequence[str]) -> Float[Tensor, "n c"]:
        """Score lines of at most 64 tokens, in [0, 1] for each category of the head."""
        return self.head.scores(pooled(self._encoder, texts))


def pooled(encoder: TextEncoder, texts: Sequence[str]) -> Float[Tensor, "n d"]:
    """Pool the features of each text: their mean, made of length one, as the encoder was trained.

    Args:
        encoder: the frozen text encoder.
        texts: lines of at most 64 tokens.

    Returns:
        A row a text.
    """
    return torch.stack([functional.normalize(features.mean(0), dim=0) for features in encoder.encode(texts)])


def clauses(text: str) -> list[str]:
    """Cut a text where one thing ends and another begins, so that a frame around a scene does not water it down.

    Args:
        text: of any length.

    Returns:
        Clauses of at least four words between colons, semicolons and ends of sentences; nothing where there is one alone.

    Example:
        >>> clauses("From my novel, chapter nine: a knight fights a dragon")
        ['From my novel, chapter nine', 'a knight fights a dragon']
    """
    pieces = [piece.strip() for piece in _ENDS.split(text)]
    long = [piece for piece in pieces if len(piece.split()) >= _CLAUSE_WORDS]
    return long[:_MAX_CLAUSES] if len(pieces) > 1 else []


def windows(text: str, encoder: TextEncoder) -> list[str]:
    """Cut a text into pieces that the encoder takes, each overlapping the one before by half.

    Args:
        text: of any length.
        encoder: which counts the tokens.

    Returns:
        The text itself where it fits; nothing where it is empty.
    """
    words = text.split()
    if not words:
        return []
    if len(words) <= MAX_TEXT_TOKENS and encoder.count_tokens(text) <= MAX_TEXT_TOKENS:
        return [text]
    size = min(_WINDOW_WORDS, max(1, len(words) - 1))
    pieces = [" ".join(words[i : i + size]) for i in range(0, max(1, len(words) - size // 2), max(1, size // 2))]
    return [short for piece in pieces for short in _short(piece, encoder)]


def _short(piece: str, encoder: TextEncoder) -> list[str]:
    if encoder.count_tokens(piece) <= MAX_TEXT_TOKENS:
        return [piece]
    middle = len(piece) // 2
    return [*_short(piece[:middle], encoder), *_short(piece[middle:], encoder)]
