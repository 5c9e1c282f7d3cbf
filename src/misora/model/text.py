"""The frozen text encoder: six layers of all-MiniLM-L6-v2 (Wang et al. 2020, arXiv:2002.10957; Reimers and Gurevych 2019).

A BERT (Devlin et al. 2018, arXiv:1810.04805) whose token features, not its pooled sentence vector, are what we use.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from einops import rearrange
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn import functional

from misora.core.errors import UsageError
from misora.core.folder import load_tensors
from misora.model.refiner import MAX_TEXT_TOKENS
from misora.model.text_files import SHA256, WEIGHTS_NAME, find_text_files

NUM_LAYERS = 6
NUM_HEADS = 12
NORM_EPSILON = 1e-12
BATCH = 64


class TextEncoder:
    """Turn lines of text into features of their tokens; nothing here is trained."""

    channels = 384

    def __init__(
        self,
        folder: Path | str | None = None,
        *,
        dtype: torch.dtype = torch.float32,
        cuts_long_lines: bool = False,
    ) -> None:
        """Load the files.

        Args:
            folder: where they lie; the usual places when not given.
            dtype: arithmetic type; bfloat16 reads a whole corpus several times faster where the processor has it.
            cuts_long_lines: read a line that is too long as far as it fits, as for captions of a corpus, instead of refusing
                it, as for prompts.

        Raises:
            WeightsError: the files are missing or not the expected ones.
        """
        from tokenizers import Tokenizer

        self.cuts_long_lines = cuts_long_lines
        files = find_text_files(folder)
        weights = load_tensors(files.weights, SHA256[WEIGHTS_NAME])
        self._weights = {
            name: value.to(dtype) if value.is_floating_point() else value for name, value in weights.items()
        }
        self._tokenizer = Tokenizer.from_file(str(files.tokenizer))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    def count_tokens(self, text: str) -> int:
        """Count the tokens of a line, with the two that mark its ends."""
        return len(self._tokenizer.encode(text).ids)

    def words(self) -> list[str]:
        """Name the whole words that the tokenizer knows, lower case, about the commonest first."""
        by_number = sorted(self._tokenizer.get_vocab().items(), key=lambda entry: entry[1])
        return [word for word, _ in by_number if word.isalpha() and len(word) > 1]

    @torch.no_grad()
    def encode(self, texts: Sequence[str]) -> list[Float[Tensor, "l 384"]]:
        """Encode lines.

        Args:
            texts: lines of at most 64 tokens, the two end marks among them.

        Returns:
            Features of every token of each line, float32.

        Raises:
            UsageError: a line is longer, and this encoder does not cut lines.
        """
        ids = [self._tokenizer.encode(text).ids for text in texts]
        if self.cuts_long_lines:
            ids = [row if len(row) <= MAX_TEXT_TOKENS else [*row[: MAX_TEXT_TOKENS - 1], row[-1]] for row in ids]
        for text, tokens in zip(texts, ids, strict=True):
            if len(tokens) > MAX_TEXT_TOKENS:
                raise UsageError(
                    f"a line of {len(tokens)} tokens is too long: at most {MAX_TEXT_TOKENS} fit, about "
                    f"{MAX_TEXT_TOKENS * 3 // 4} words; shorten {text[:60]!r}…"
                )
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))  # equal lengths together: little is padded
        found: dict[int, Tensor] = {}
        for first in range(0, len(order), BATCH):
            chosen = order[first : first + BATCH]
            found |= zip(chosen, self._encode_batch([ids[i] for i in chosen]), strict=True)
        return [found[i] for i in range(len(ids))]

    def _encode_batch(self, ids: list[list[int]]) -> list[Float[Tensor, "l 384"]]:
        length = max(map(len, ids))
        padded = torch.tensor([row + [0] * (length - len(row)) for row in ids])
        is_real = torch.tensor([[True] * len(row) + [False] * (length - len(row)) for row in ids])
        tokens = self._embed(padded)
        for index in range(NUM_LAYERS):
            tokens = self._layer(tokens, is_real, f"encoder.layer.{index}.")
        return [row[: len(real)].float() for row, real in zip(tokens, ids, strict=True)]

    def _embed(self, ids: Int[Tensor, "b l"]) -> Float[Tensor, "b l 384"]:
        table = self._weights
        words = table["embeddings.word_embeddings.weight"][ids]
        places = table["embeddings.position_embeddings.weight"][: ids.shape[1]]
        return self._norm(words + places + table["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")

    def _layer(
        self, tokens: Float[Tensor, "b l 384"], is_real: Bool[Tensor, "b l"], prefix: str
    ) -> Float[Tensor, "b l 384"]:
        q, k, v = (
            rearrange(self._linear(tokens, f"{prefix}attention.self.{name}"), "b l (h c) -> b h l c", h=NUM_HEADS)
            for name in ("query", "key", "value")
        )
        mixed = functional.scaled_dot_product_attention(q, k, v, attn_mask=is_real[:, None, None, :])
        mixed = self._linear(rearrange(mixed, "b h l c -> b l (h c)"), f"{prefix}attention.output.dense")
        tokens = self._norm(tokens + mixed, f"{prefix}attention.output.LayerNorm")
        hidden = functional.gelu(self._linear(tokens, f"{prefix}intermediate.dense"))
        return self._norm(tokens + self._linear(hidden, f"{prefix}output.dense"), f"{prefix}output.LayerNorm")

    def _linear(self, tokens: Float[Tensor, "b l i"], name: str) -> Float[Tensor, "b l o"]:
        return functional.linear(tokens, self._weights[f"{name}.weight"], self._weights[f"{name}.bias"])

    def _norm(self, tokens: Float[Tensor, "b l d"], name: str) -> Float[Tensor, "b l d"]:
        weight, bias = self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]
        return functional.layer_norm(tokens, tokens.shape[-1:], weight, bias, NORM_EPSILON)
