"""A corpus or an autoencoder that cannot be trained with is refused in one sentence, before anything is encoded."""

from dataclasses import replace
from pathlib import Path

import pytest

from misora.core.errors import UsageError
from misora.corpus.index import CaptionsError
from misora.corpus.plan import PlanSettings
from misora.corpus.table import Corpus, CorpusError
from misora.model.autoencoder import Autoencoder, AutoencoderSize
from misora.model.dial import size_for
from misora.train.checks import check_channels, check_clips, check_pixels
from misora.train.start import train
from tests.train.conftest import TINY, make_row

CLIP_TOKENS = 4 * 36


@pytest.fixture
def empty(tmp_path: Path) -> Corpus:
    return Corpus.create(tmp_path / "corpus")


def test_clips_of_another_decoder_are_refused_before_a_step(empty: Corpus, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="has no clips yet"):
        check_pixels(empty)
    empty.append([replace(make_row(0, "train"), video=b"MISORA99 of some other kind")])
    with pytest.raises(CorpusError, match="was written for another decoder: clip train-0 cannot be read"):
        train("autoencoder_nano", corpus=empty.path, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_corpus_without_captions_is_refused_before_it_is_encoded(empty: Corpus) -> None:
    empty.append([replace(make_row(0, "train"), captions=())])
    with pytest.raises(CaptionsError, match="none of the 1 clips"):
        check_clips(empty, PlanSettings())


def test_latents_of_another_kind_are_refused() -> None:
    with pytest.raises(UsageError, match=r"somewhere makes latents of 8 numbers a cell and this recipe reads 64"):
        check_channels(size_for(1), Autoencoder(TINY), where="somewhere")
    check_channels(size_for(1), Autoencoder(AutoencoderSize()), where="somewhere")


def test_clips_that_are_left_out_are_counted_and_told(empty: Corpus) -> None:
    empty.append([make_row(number, "train") for number in range(3)])
    assert check_clips(empty, PlanSettings()) == ""
    longer = replace(make_row(3, "train"), num_frames=32)
    mute = replace(make_row(4, "train"), captions=())
    empty.append([longer, mute])
    settings = PlanSettings(max_clip_tokens=CLIP_TOKENS)
    assert check_clips(empty, settings) == (
        "of 5 clips, 1 have more than 144 tokens and 1 have no caption; they are left out"
    )
    with pytest.raises(UsageError, match="no clip fits into max_tokens=100; the smallest has 144"):
        check_clips(empty, PlanSettings(max_clip_tokens=100))
