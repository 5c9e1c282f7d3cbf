import pytest

from misora.core.errors import UsageError
from misora.corpus import ledger
from misora.corpus.ledger import Failure
from misora.corpus.show import sheet, summary
from misora.corpus.table import Corpus
from misora.video.lossless import encode_lossless

from .conftest import make_clip, make_row


@pytest.fixture
def corpus(tmp_path) -> Corpus:
    corpus = Corpus.create(tmp_path / "corpus")
    video = encode_lossless(make_clip(1))
    corpus.append([make_row(number, video=video, split="train" if number else "held_out") for number in range(5)])
    corpus.append([make_row(5, video=video, captions=(), width_px=128)])
    return corpus


def test_a_summary_counts_rows_by_what_they_are(corpus: Corpus) -> None:
    ledger.record(corpus.path, Failure(path="bad.mp4", stage="decode", cause="torn"))
    found = summary(corpus)
    assert (found.num_rows, found.seconds, found.num_failures) == (6, 12.0, 1)
    assert found.splits == {"train": 5, "held_out": 1}
    assert found.sizes == {"96x96": 5, "128x96": 1}
    assert found.num_encoded == {}
    assert "6 clips, 0.2 min" in str(found)
    assert "splits: train 5, held_out 1" in str(found)


def test_a_sheet_shows_some_clips(corpus: Corpus) -> None:
    assert sheet(corpus, clips=2).shape[2] < sheet(corpus, clips=99).shape[2]
    with pytest.raises(UsageError, match="nothing to show"):
        sheet(corpus, clips=0)
