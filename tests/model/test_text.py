"""The frozen text encoder."""

import pytest
import torch

from misora.core.errors import UsageError, WeightsError
from misora.model.text import TextEncoder
from misora.model.text_files import find_text_files


@pytest.fixture(scope="module")
def encoder() -> TextEncoder:
    return TextEncoder()


def test_features_do_not_depend_on_company(encoder: TextEncoder) -> None:
    texts = ["a red ball", "a blue box slides to the left across a wooden floor", "hello"]
    together = encoder.encode(texts)
    for text, features in zip(texts, together, strict=True):
        torch.testing.assert_close(encoder.encode([text])[0], features, rtol=1e-4, atol=1e-5)


def test_words_of_like_meaning_lie_near(encoder: TextEncoder) -> None:
    ball, sphere, market = (
        torch.nn.functional.normalize(features.mean(0), dim=0)
        for features in encoder.encode(["a ball rolls left", "a sphere moves to the left", "stock markets fell"])
    )
    assert ball @ sphere > 2 * (ball @ market)


def test_a_known_sentence_has_its_published_vector(encoder: TextEncoder) -> None:
    features = encoder.encode(["This is an example sentence"])[0]
    pooled = torch.nn.functional.normalize(features.mean(0), dim=0)
    published = torch.tensor([0.0677, 0.0635, 0.0487])  # first numbers on the model's own card
    torch.testing.assert_close(pooled[:3], published, rtol=0, atol=2e-4)


def test_a_long_line_is_refused_with_its_length(encoder: TextEncoder) -> None:
    with pytest.raises(UsageError, match="tokens is too long: at most 64 fit"):
        encoder.encode(["ball " * 70])


def test_a_long_caption_of_a_corpus_is_read_as_far_as_it_fits(encoder: TextEncoder) -> None:
    reader = TextEncoder(cuts_long_lines=True)
    [whole], [cut] = encoder.encode(["ball " * 62]), reader.encode(["ball " * 70])
    torch.testing.assert_close(cut, whole, rtol=0, atol=1e-5)


def test_files_are_trusted_by_hash_alone(tmp_path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"not the model")
    (tmp_path / "tokenizer.json").write_bytes(b"{}")
    with pytest.raises(WeightsError, match=r"SHA-256 of .* is not the expected one"):
        find_text_files(tmp_path)


def test_an_empty_folder_says_how_to_get_the_files(tmp_path) -> None:
    with pytest.raises(WeightsError, match="run 'misora fetch text'"):
        find_text_files(tmp_path)
