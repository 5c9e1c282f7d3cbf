from collections.abc import Callable
from pathlib import Path

import pytest

from misora.corpus.index import CaptionsError, corpus_index, still_frame
from misora.corpus.row import Row
from misora.corpus.table import Corpus, CorpusError


def test_clips_of_another_split_or_without_captions_are_left_out(corpus: Corpus, row: Callable[..., Row]) -> None:
    corpus.append([row(12, split="held_out"), row(13, captions=()), row(14)])
    index = corpus_index(corpus)
    assert [entry.row for entry in index.entries] == [*range(12), 14]
    assert index.num_without_captions == 1
    assert len(index.entries[0].voices) == len(index.entries[0].mirrored_voices) == 6


def test_a_corpus_without_captions_is_refused(tmp_path: Path, row: Callable[..., Row]) -> None:
    corpus = Corpus.create(tmp_path / "mute")
    corpus.append([row(0, captions=())])
    with pytest.raises(CaptionsError, match="none of the 1 clips"):
        corpus_index(corpus)


def test_an_empty_split_is_refused(corpus: Corpus) -> None:
    with pytest.raises(CorpusError, match="no clip of split 'held_out'"):
        corpus_index(corpus, split="held_out")


def test_the_still_of_a_clip_is_always_the_same_frame_the_first_or_of_its_middle() -> None:
    frames = [still_frame(f"clip-{n}", 16) for n in range(200)]
    assert frames == [still_frame(f"clip-{n}", 16) for n in range(200)]
    assert set(frames) == {0, *range(4, 12)}
    assert 0.2 < frames.count(0) / len(frames) < 0.45
    assert still_frame("short", 1) == 0
