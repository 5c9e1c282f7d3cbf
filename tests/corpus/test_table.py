from collections.abc import Callable
from pathlib import Path

import pytest

from misora.core.errors import OutputError
from misora.corpus.row import Row
from misora.corpus.table import Corpus, CorpusError


def test_rows_come_back_in_the_order_asked_for(corpus: Corpus) -> None:
    assert corpus.num_rows == 12
    assert corpus.read([9, 0, 9, 3], ["id"])["id"] == ["clip-9", "clip-0", "clip-9", "clip-3"]
    assert corpus.read([], ["id"])["id"] == []


def test_equal_clips_have_equal_versions_however_they_were_written(
    corpus: Corpus, tmp_path: Path, row: Callable[..., Row]
) -> None:
    other = Corpus.create(tmp_path / "other")
    other.append([row(number) for number in range(8)])
    before = other.version
    other.append([row(number, width_px=128, num_frames=24, seconds=3.0) for number in range(8, 12)])
    assert other.version == corpus.version != before


def test_a_judgement_leaves_the_version_and_the_rows_as_they_are(corpus: Corpus) -> None:
    version, ids = corpus.version, corpus.column("id")
    corpus.add_empty_columns(["score"])
    assert corpus.num_missing("score") == 12
    for fragment in corpus.fragments_missing("score"):
        rows = corpus.read_fragment(fragment, ["id"])
        corpus.fill_fragment(fragment, rows["_rowid"], {"score": [name.encode() for name in rows["id"]]})
    again = Corpus.open(corpus.path)
    assert (again.version, again.column("id")) == (version, ids)
    assert again.column("score") == [name.encode() for name in ids]


def test_clips_added_after_a_judgement_wait_for_theirs(corpus: Corpus, row: Callable[..., Row]) -> None:
    corpus.add_empty_columns(["score"])
    for fragment in corpus.fragments_missing("score"):
        rows = corpus.read_fragment(fragment, ["id"])
        corpus.fill_fragment(fragment, rows["_rowid"], {"score": [b""] * len(rows["id"])})
    corpus.append([row(12)])
    assert corpus.num_missing("score") == 1
    assert len(corpus.fragments_missing("score")) == 1


def test_an_open_corpus_sees_new_rows_after_refresh(corpus: Corpus, row: Callable[..., Row]) -> None:
    reader = Corpus.open(corpus.path)
    corpus.append([row(12)])
    assert reader.num_rows == 12
    reader.refresh()
    assert reader.num_rows == 13
    assert reader.version == corpus.version


def test_a_dropped_judgement_is_gone(corpus: Corpus) -> None:
    corpus.add_empty_columns(["score"])
    corpus.drop_columns(["score"])
    assert "score" not in corpus.columns


def test_a_missing_corpus_is_refused_with_the_command_that_makes_one(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"no corpus at .*`misora corpus film"):
        Corpus.open(tmp_path)


def test_a_corpus_is_never_overwritten(corpus: Corpus) -> None:
    with pytest.raises(OutputError, match="holds a corpus already"):
        Corpus.create(corpus.path)
    assert Corpus.open_or_create(corpus.path).num_rows == 12


def test_unknown_columns_and_rows_are_refused(corpus: Corpus) -> None:
    with pytest.raises(CorpusError, match="no column 'colour'"):
        corpus.read([0], ["colour"])
    with pytest.raises(CorpusError, match=r"rows 0\.\.12 asked of a corpus of 12 rows"):
        corpus.read([0, 12], ["id"])
