from itertools import islice
from typing import Any

import numpy as np
import pytest
import torch

from misora.core.errors import UsageError
from misora.corpus.encode import LatentsError, encode_corpus
from misora.corpus.index import corpus_index
from misora.corpus.load import RUN_GROUPS, PackedBatch, load_packed, packed_batches, pixel_batches
from misora.corpus.plan import Plan, PlanSettings
from misora.corpus.progress import ignore_progress
from misora.corpus.table import Corpus, CorpusError
from misora.corpus.texts import TextTable, encode_texts
from misora.video.decode import decode


@pytest.fixture
def encoded(filmed: Corpus, mean_encoder: Any, length_encoder: Any) -> Corpus:
    encode_corpus(filmed, mean_encoder, key="mean", on_progress=ignore_progress)
    encode_texts(filmed, length_encoder, key="length", on_progress=ignore_progress)
    return filmed


def plan_of(corpus: Corpus, **settings: Any) -> Plan:
    return Plan(corpus_index(corpus), PlanSettings(max_tokens=1000, **settings), 0)


def test_a_packed_batch_holds_what_its_keys_say(encoded: Corpus) -> None:
    plan = plan_of(encoded, still_share=0.3)
    for batch in islice(packed_batches(encoded, plan, key="mean", start_step=0, text_key="length"), 6):
        assert batch.keys == plan.batch(batch.step)
        assert batch.latents.dtype == torch.float32
        parts = batch.latents.split([grid.num_tokens for grid in batch.grids])
        for key, grid, tokens, lines in zip(batch.keys, batch.grids, parts, batch.lines, strict=True):
            frames = decode(encoded.read([key.row], ["video"])["video"][0]).frames
            frames = frames.flip(-1) if key.is_mirrored else frames
            shown = frames[key.frame].expand(4, -1, -1, -1) if key.is_still else frames[:4]
            first = shown[:, :, ::16, ::16].float().flatten(0, 1).flatten(1).T / 256
            assert torch.allclose(tokens[: grid.rows * grid.columns], first, atol=1e-3)  # float16 near 1
            text = f"{key.register} {key.register_seed} of {key.row}{' mirrored' * key.is_mirrored}"
            spoken = [text, f"then {key.row}"]
            if key.is_still:
                spoken = [spoken[key.frame >= 8]]
                assert (grid.groups, grid.seconds_per_group, lines[0].from_seconds) == (1, 0.0, 0.0)
            assert [line.features[0, 0].item() for line in lines] == [len(words) for words in spoken]


def test_prefetching_changes_nothing(encoded: Corpus) -> None:
    plan = plan_of(encoded)
    batches = {
        prefetch: list(islice(packed_batches(encoded, plan, key="mean", start_step=3, prefetch=prefetch), 4))
        for prefetch in (0, 3)
    }
    for plain, early in zip(*batches.values(), strict=True):
        assert plain.step == early.step
        assert plain.keys == early.keys
        assert torch.equal(plain.latents, early.latents)


def test_one_batch_can_be_loaded_alone(encoded: Corpus) -> None:
    plan = plan_of(encoded)
    names = PackedBatch.__dataclass_fields__
    assert set(names) == {"step", "latents", "grids", "lines", "keys"}
    from misora.corpus.encode import latent_columns

    alone = load_packed(encoded, plan, 5, columns=latent_columns("mean"), texts=TextTable.open(encoded))
    streamed = next(packed_batches(encoded, plan, key="mean", start_step=5))
    assert torch.equal(alone.latents, streamed.latents)


def test_a_plan_of_another_corpus_or_autoencoder_is_refused(encoded: Corpus) -> None:
    plan = plan_of(encoded)
    with pytest.raises(LatentsError, match="no latents of the autoencoder 'other'"):
        packed_batches(encoded, plan, key="other", start_step=0)
    encoded.append([])
    plan = Plan(corpus_index(encoded), PlanSettings(), 0)
    object.__setattr__(plan.index, "version", "another")
    with pytest.raises(CorpusError, match="made for corpus version another"):
        packed_batches(encoded, plan, key="mean", start_step=0)


def test_pixel_runs_are_consecutive_groups_of_one_clip_under_one_crop(filmed: Corpus) -> None:
    batch = next(pixel_batches(filmed, seed=0, start_step=0, groups_per_step=40, crop_px=48))
    assert tuple(batch.shape) == (40, 4, 3, 48, 48)
    clips = [decode(video).frames for video in filmed.read([0, 1, 2, 4, 5, 6], ["video"])["video"]]
    for run in batch.split(RUN_GROUPS):
        assert any(_is_cut_from(run.flatten(0, 1), clip) for clip in clips)


def _is_cut_from(run: torch.Tensor, clip: torch.Tensor) -> bool:
    def stands_in(clip: torch.Tensor) -> bool:
        windows = clip.unfold(2, 48, 1).unfold(3, 48, 1)  # f 3 y x 48 48
        start = (windows == run[0].view(1, 3, 1, 1, 48, 48)).all(-1).all(-1).all(1).nonzero()
        for frame, top, left in start.tolist():
            cut = clip[frame : frame + 16, :, top : top + 48, left : left + 48]
            still = run[:1].expand_as(run)
            if torch.equal(run, still) or (len(cut) == 16 and torch.equal(run, cut)):
                return True
        return False

    return stands_in(clip) or stands_in(clip.flip(-1))


def test_pixel_batches_are_the_same_from_any_start_with_any_threads(filmed: Corpus) -> None:
    onward = list(islice(pixel_batches(filmed, seed=1, start_step=0, groups_per_step=8, num_threads=0), 5))
    late = list(islice(pixel_batches(filmed, seed=1, start_step=2, groups_per_step=8, num_threads=2), 3))
    assert all(torch.equal(a, b) for a, b in zip(onward[2:], late, strict=True))
    other = next(pixel_batches(filmed, seed=2, start_step=0, groups_per_step=8))
    assert not torch.equal(onward[0], other)


def test_some_runs_are_stills(filmed: Corpus) -> None:
    batches = pixel_batches(filmed, seed=0, start_step=0, groups_per_step=40, crop_px=32, num_threads=0)
    runs = torch.cat(list(islice(batches, 20))).unflatten(0, (-1, 16 // 4)).flatten(1, 2)
    stills = np.array([bool((run == run[:1]).all()) for run in runs])
    assert 4 <= stills.sum() <= 32  # 200 runs at 8 percent: 16 expected, 3 standard deviations are 12


def test_pixels_that_cannot_be_cut_are_refused(filmed: Corpus) -> None:
    with pytest.raises(UsageError, match="multiple of 4, got 6"):
        pixel_batches(filmed, seed=0, start_step=0, groups_per_step=6)
    with pytest.raises(CorpusError, match="at least 16 frames and 112 px a side"):
        pixel_batches(filmed, seed=0, start_step=0, crop_px=112)
