from pathlib import Path

import pytest

from misora.core.errors import UsageError
from misora.corpus.film import film_corpus
from misora.corpus.table import Corpus
from misora.evaluate.examples import cells_of
from misora.evaluate.library import corpus_examples


def test_films_of_a_corpus_teach_what_they_show(tmp_path: Path) -> None:
    film_corpus(tmp_path / "films", clips=2, workers=0, on_progress=lambda _: None)
    examples = corpus_examples(tmp_path / "films", 5, seed=0)
    assert len(examples) == 2
    for example in examples:
        assert min(example.clip.frames.shape[-2:]) == 96
        assert 0.005 < (cells_of(example) > 0).float().mean() < 0.5
    assert len(corpus_examples(tmp_path / "films", 1, seed=0)) == 1


def test_a_corpus_without_worlds_is_refused(tmp_path: Path) -> None:
    Corpus.create(tmp_path / "empty")
    with pytest.raises(UsageError, match="holds no clip with a script"):
        corpus_examples(tmp_path / "empty", 5, seed=0)
