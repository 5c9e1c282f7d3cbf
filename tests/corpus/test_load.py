from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from misora.core.errors import UsageError
from misora.corpus.encode import LatentsError, encode_corpus, latent_columns
from misora.corpus.index import corpus_index
from misora.corpus.load import RUN_GROUPS, load_packed, packed_batches, pixel_batches
from misora.corpus.plan import Plan, PlanSettings
from misora.corpus.progress import ignore_progress
from misora.corpus.row import Row
from misora.corpus.table import Corpus, CorpusError
from misora.corpus.texts import TextTable, encode_texts
from misora.model.controls import NO_CONTROLS
from misora.video.clip import Clip
from misora.video.decode import decode
from misora.video.lossless import encode_lossless


@pytest.fixture
def encoded(filmed: Corpus, mean_encoder: Any, length_encoder: Any) -> Corpus:
    encode_corpus(filmed, mean_encoder, key="mean", on_progress=ignore_progress)
    encode_texts(filmed, length_encoder, key="length", on_progress=ignore_progress)
    return filmed


def plan_of(corpus: Corpus, **settings: Any) -> Plan:
    return Plan(corpus_index(corpus), PlanSettings(max_tokens=1000, **settings), 0)


def test_a_packed_batch_holds_what_its_keys_say(encoded: Corpus) -> None:
    plan = plan_of(encoded, still_share=0.3, card_share=0.5)
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
            if key.has_card:
                card = frames[round(grid.cards_seconds[0] * encoded.read([key.row], ["fps"])["fps"][0] - 0.5)]
                still = card[None, :, ::16, ::16].expand(4, -1, -1, -1).float().flatten(0, 1).flatten(1).T / 256
                assert torch.allclose(tokens[grid.num_clip_tokens :], still, atol=1e-3)
            if key.is_still:
                spoken = [spoken[1 <= key.frame / encoded.read([key.row], ["fps"])["fps"][0] < 2]]
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
    alone = load_packed(encoded, plan, 5, columns=latent_columns("mean"), texts=TextTable.open(encoded))
    streamed = next(packed_batches(encoded, plan, key="mean", start_step=5))
    assert torch.equal(alone.latents, streamed.latents)


def test_a_plan_of_another_corpus_or_autoencoder_is_refused(encoded: Corpus) -> None:
    plan = plan_of(encoded)
    with pytest.raises(LatentsError, match="no latents of the autoencoder 'other'"):
        packed_batches(encoded, plan, key="other", start_step=0)
    plan = Plan(replace(plan.index, version="another"), PlanSettings(), 0)
    with pytest.raises(CorpusError, match="made for corpus version another"):
        packed_batches(encoded, plan, key="mean", start_step=0)


@pytest.fixture
def coded(tmp_path: Path, row: Callable[..., Row]) -> Corpus:
    """Three clips whose pixels say where they are: column, row, frame and clip."""
    corpus = Corpus.create(tmp_path / "coded")
    corpus.append([row(n, num_frames=20, width_px=128, video=encode_lossless(coded_clip(n))) for n in range(3)])
    return corpus


def coded_clip(number: int) -> Clip:
    frame, top, left = torch.meshgrid(torch.arange(20), torch.arange(96), torch.arange(128), indexing="ij")
    return Clip.at_rate(torch.stack([left, top, frame + 32 * number], dim=1).to(torch.uint8), 8.0)


def test_pixel_runs_are_consecutive_groups_of_one_clip_under_one_crop(coded: Corpus) -> None:
    batch = next(pixel_batches(coded, seed=0, start_step=0, groups_per_step=160, crop_px=48))
    assert tuple(batch.shape) == (160, 4, 3, 48, 48)
    clips = [coded_clip(number).frames for number in range(3)]
    seen = []
    for run in batch.split(RUN_GROUPS):
        frames = run.flatten(0, 1)
        is_mirrored = bool(frames[0, 0, 0, 0] > frames[0, 0, 0, -1])
        frames = frames.flip(-1) if is_mirrored else frames
        left, top, code = frames[0, :, 0, 0].tolist()
        number, first = divmod(code, 32)
        cut = clips[number][first : first + 16, :, top : top + 48, left : left + 48]
        is_still = torch.equal(frames, frames[:1].expand_as(frames))
        assert is_still or torch.equal(frames, cut)
        seen.append((number, first, top, left, is_mirrored))
    assert all(len(set(values)) > 1 for values in zip(*seen, strict=True))


def test_pixel_batches_are_the_same_from_any_start_with_any_threads(filmed: Corpus) -> None:
    onward = list(islice(pixel_batches(filmed, seed=1, start_step=0, groups_per_step=8, num_threads=0), 5))
    late = list(islice(pixel_batches(filmed, seed=1, start_step=2, groups_per_step=8, num_threads=2), 3))
    assert all(torch.equal(a, b) for a, b in zip(onward[2:], late, strict=True))
    other = next(pixel_batches(filmed, seed=2, start_step=0, groups_per_step=8))
    assert not torch.equal(onward[0], other)


def test_some_runs_are_stills(filmed: Corpus) -> None:
    batches = pixel_batches(filmed, seed=0, start_step=0, groups_per_step=400, crop_px=32, num_threads=0)
    runs = torch.cat(list(islice(batches, 2))).unflatten(0, (-1, RUN_GROUPS)).flatten(1, 2)
    stills = np.array([bool((run == run[:1]).all()) for run in runs])
    assert 4 <= stills.sum() <= 32  # 200 runs at 8 percent: 16 expected, 3 standard deviations are 12


def test_pixels_that_cannot_be_cut_are_refused(filmed: Corpus) -> None:
    with pytest.raises(UsageError, match="multiple of 4, got 6"):
        pixel_batches(filmed, seed=0, start_step=0, groups_per_step=6)
    with pytest.raises(CorpusError, match="at least 16 frames and 112 px a side"):
        pixel_batches(filmed, seed=0, start_step=0, crop_px=112)


def test_controls_are_read_from_the_truth_of_each_sample(encoded: Corpus) -> None:
    columns, texts = latent_columns("mean"), TextTable.open(encoded)
    plain = load_packed(encoded, plan_of(encoded), 0, columns=columns, texts=texts)
    assert plain.controls == (NO_CONTROLS,) * len(plain.keys)
    plan = plan_of(encoded, has_controls=True, still_share=0.5)
    for step in range(4):
        told = load_packed(encoded, plan, step, columns=columns, texts=texts)
        for key, grid, controls in zip(told.keys, told.grids, told.controls, strict=True):
            assert controls.track is not None
            assert controls.track[:, 2].sum() == grid.groups
            if key.is_still:
                assert controls.camera is None
                continue
            metres = -key.row if key.is_mirrored else key.row
            assert controls.camera is not None
            assert controls.camera[0, 2] == 2 * metres  # the middle of the first group is its frame 2
