"""Every distinct caption is read by the text encoder once; its features stand in a side table of the corpus."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

import lance
import numpy as np
import pyarrow as pa
import torch
from jaxtyping import Float
from torch import Tensor

from misora.corpus.index import CaptionsError
from misora.corpus.progress import Meter, OnProgress, print_progress
from misora.corpus.row import captions_from_json
from misora.corpus.table import Corpus, CorpusError

_TEXTS = "texts.lance"
_TEXTS_IN_FRAGMENT = 8192


class TextsError(CorpusError):
    """Text features that are missing, or that another encoder made."""


@runtime_checkable
class LineEncoder(Protocol):
    """Whatever turns sentences into features, a row a token."""

    def encode(self, texts: list[str]) -> list[Float[Tensor, "l d"]]:
        """Read sentences.

        Args:
            texts: sentences.

        Returns:
            For each sentence one feature vector a token.
        """
        ...


class TextTable:
    """Features by text; they stay on disk, only the texts themselves are held in memory."""

    def __init__(self, table: lance.LanceDataset, rows: dict[str, int], width: int) -> None:
        self._table = table
        self._rows = rows
        self._width = width

    @classmethod
    def open(cls, corpus: Corpus, *, key: str | None = None) -> TextTable:
        """Open the text features of a corpus.

        Args:
            corpus: whose captions were encoded.
            key: of the encoder in hand; None takes whatever encoder made them.

        Returns:
            The table.

        Raises:
            TextsError: if nothing was encoded, or by another encoder.
        """
        path = corpus.path / _TEXTS
        if not path.is_dir():
            raise TextsError(
                f"the captions of {corpus.path} are not encoded; call misora.corpus.texts.encode_texts first"
            )
        table = lance.dataset(str(path))
        _refuse_other_encoder(corpus.path, table, key)
        rows = {text: row for row, text in enumerate(_column(table, "text"))}
        return cls(table, rows, table.take([0], columns=["width"])["width"][0].as_py())

    @property
    def num_texts(self) -> int:
        """How many distinct texts."""
        return len(self._rows)

    def features(self, texts: Sequence[str]) -> list[Float[Tensor, "l d"]]:
        """Read the features of some texts.

        Args:
            texts: captions of the corpus; repeats are read once.

        Returns:
            One row a token, float32, for each text.

        Raises:
            TextsError: if a text was not encoded.
        """
        missing = next((text for text in texts if text not in self._rows), None)
        if missing is not None:
            raise TextsError(f"the caption {missing!r} is not encoded; encode the corpus again after adding clips")
        distinct = sorted({self._rows[text] for text in texts})
        if not distinct:
            return []
        blobs = self._table.take(distinct, columns=["features"])["features"].to_pylist()
        read = {row: self._unpack(blob) for row, blob in zip(distinct, blobs, strict=True)}
        return [read[self._rows[text]] for text in texts]

    def _unpack(self, blob: bytes) -> Float[Tensor, "l d"]:
        values = np.frombuffer(blob, np.float16).reshape(-1, self._width)
        return torch.from_numpy(values.astype(np.float32))


def encode_texts(
    corpus: Corpus, encoder: LineEncoder, *, key: str, batch_texts: int = 256, on_progress: OnProgress = print_progress
) -> int:
    """Encode every caption that has no features yet; a second call goes on where the first stopped.

    Args:
        corpus: whose captions to encode.
        encoder: reads sentences.
        key: names the encoder and its weights.
        batch_texts: sentences read at once.
        on_progress: told every ten seconds.

    Returns:
        How many texts were encoded by this call.

    Raises:
        CaptionsError: if the corpus has no caption.
        TextsError: if another encoder made the features that stand there.
    """
    path = corpus.path / _TEXTS
    texts = distinct_texts(corpus)
    if not texts:
        raise CaptionsError(
            f"no clip of {corpus.path} has a caption; put a text file beside each clip and add them again"
        )
    present: set[str] = set()
    if path.is_dir():
        table = lance.dataset(str(path))
        _refuse_other_encoder(corpus.path, table, key)
        present = set(_column(table, "text"))
    missing = [text for text in texts if text not in present]
    meter = Meter("texts", num_done=len(texts) - len(missing), num_all=len(texts), on_progress=on_progress)
    for start in range(0, len(missing), _TEXTS_IN_FRAGMENT):
        fragment = missing[start : start + _TEXTS_IN_FRAGMENT]
        _append(path, _encode_fragment(fragment, encoder, key, batch_texts, meter))
    return len(missing)


def distinct_texts(corpus: Corpus) -> list[str]:
    """Collect what the captions of a corpus say.

    Args:
        corpus: the table.

    Returns:
        Every text once, in the order of its first use.
    """
    seen: dict[str, None] = {}
    for batch in corpus.scan(["lines"]):
        for lines in batch["lines"]:
            for caption in captions_from_json(lines):
                seen.update(dict.fromkeys(line.text for line in caption.lines))
    return list(seen)


def _encode_fragment(texts: list[str], encoder: LineEncoder, key: str, batch_texts: int, meter: Meter) -> pa.Table:
    by_length = sorted(texts, key=len)  # sentences of like length waste little in a padded batch
    columns: dict[str, list[object]] = {"text": [], "features": [], "num_tokens": [], "width": [], "encoder": []}
    for batch in _batches(by_length, batch_texts):
        for text, features in zip(batch, encoder.encode(batch), strict=True):
            columns["text"].append(text)
            columns["features"].append(features.to(torch.float16).cpu().contiguous().numpy().tobytes())
            columns["num_tokens"].append(features.shape[0])
            columns["width"].append(features.shape[1])
            columns["encoder"].append(key)
        meter.add(len(batch))
    kinds = (pa.string(), pa.large_binary(), pa.int32(), pa.int32(), pa.string())
    return pa.table({name: pa.array(x, kind) for (name, x), kind in zip(columns.items(), kinds, strict=True)})


def _batches(texts: list[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(texts), size):
        yield texts[start : start + size]


def _append(path: Path, table: pa.Table) -> None:
    lance.write_dataset(table, str(path), mode="append" if path.is_dir() else "create")


def _column(table: lance.LanceDataset, name: str) -> list[str]:
    return table.to_table(columns=[name])[name].to_pylist()


def _refuse_other_encoder(folder: Path, table: lance.LanceDataset, key: str | None) -> None:
    found = table.take([0], columns=["encoder"])["encoder"][0].as_py()
    if key is not None and found != key:
        raise TextsError(
            f"the captions of {folder} were encoded by {found!r}, not by {key!r} in hand; "
            f"remove {folder / _TEXTS} and encode again"
        )
