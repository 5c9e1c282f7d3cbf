from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from misora.corpus.index import CaptionsError
from misora.corpus.progress import ignore_progress
from misora.corpus.row import Row
from misora.corpus.table import Corpus
from misora.corpus.texts import TextsError, TextTable, distinct_texts, encode_texts


def encode(corpus: Corpus, encoder: Any, key: str = "length") -> int:
    return encode_texts(corpus, encoder, key=key, batch_texts=5, on_progress=ignore_progress)


def test_every_distinct_text_is_encoded_once(corpus: Corpus, length_encoder: Any, row: Callable[..., Row]) -> None:
    texts = distinct_texts(corpus)
    assert encode(corpus, length_encoder) == len(texts) == len(set(texts)) == length_encoder.num_texts
    assert encode(corpus, length_encoder) == 0
    corpus.append([row(12)])
    assert encode(corpus, length_encoder) == 13  # twelve wordings and "then 12"


def test_features_come_back_in_the_order_asked_for(corpus: Corpus, length_encoder: Any) -> None:
    encode(corpus, length_encoder)
    table = TextTable.open(corpus, key="length")
    asked = ["then 11", "plain 0 of 3 mirrored", "then 11"]
    features = table.features(asked)
    assert [tuple(x.shape) for x in features] == [(2, 8), (5, 8), (2, 8)]
    assert all(torch.equal(x, torch.full_like(x, len(text))) for x, text in zip(features, asked, strict=True))
    assert table.num_texts == len(distinct_texts(corpus))
    assert table.features([]) == []


def test_a_text_that_was_not_encoded_is_refused(corpus: Corpus, length_encoder: Any) -> None:
    with pytest.raises(TextsError, match="are not encoded; call"):
        TextTable.open(corpus)
    encode(corpus, length_encoder)
    with pytest.raises(TextsError, match="'a cat' is not encoded"):
        TextTable.open(corpus).features(["a cat"])


def test_features_of_another_encoder_are_refused(corpus: Corpus, length_encoder: Any) -> None:
    encode(corpus, length_encoder)
    with pytest.raises(TextsError, match="by 'length', not by 'other'"):
        TextTable.open(corpus, key="other")
    with pytest.raises(TextsError, match="by 'length', not by 'other'"):
        encode(corpus, length_encoder, key="other")


def test_a_corpus_without_captions_is_refused(tmp_path: Path, length_encoder: Any, row: Callable[..., Row]) -> None:
    corpus = Corpus.create(tmp_path / "mute")
    corpus.append([row(0, captions=())])
    with pytest.raises(CaptionsError, match=r"no clip of .* has a caption"):
        encode(corpus, length_encoder)
