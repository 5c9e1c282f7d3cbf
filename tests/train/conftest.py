"""A corpus of eight clips with a moving square, and recipes small enough for a test."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from misora.corpus.plan import PlanSettings
from misora.corpus.row import Caption, Row
from misora.corpus.table import Corpus
from misora.model.autoencoder import AutoencoderSize
from misora.model.dial import size_for
from misora.train import recipes
from misora.train.schedule import Schedule
from misora.video.clip import Clip
from misora.video.line import Line
from misora.video.lossless import encode_lossless

TINY = AutoencoderSize(latent_channels=8, widths=(4, 8, 8, 8), encoder_blocks=(1, 1, 1), decoder_blocks=(1, 1, 1, 1))


def make_row(number: int, split: str) -> Row:
    frames = torch.full((16, 3, 96, 96), 20 * number, dtype=torch.uint8)
    for index in range(16):
        frames[index, 0, 30:60, 4 * index : 4 * index + 24] = 250
    lines = (Line(f"a red square slides over floor {number}", 0.0, 2.0),)
    captions = tuple(
        Caption(register="plain", variant=0, is_mirrored=is_mirrored, lines=lines) for is_mirrored in (False, True)
    )
    return Row(
        id=f"{split}-{number}",
        source="test",
        seed=number,
        split=split,
        video=encode_lossless(Clip.at_rate(frames, 8.0)),
        width_px=96,
        height_px=96,
        num_frames=16,
        fps=8.0,
        seconds=2.0,
        captions=captions,
        script=None,
        truth=None,
        licence="CC0-1.0",
        renderer="none",
    )


@pytest.fixture(scope="session")
def corpus_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("corpus") / "squares"
    corpus = Corpus.create(path)
    corpus.append([make_row(number, "train") for number in range(6)])
    corpus.append([make_row(number, "held_out") for number in range(6, 8)])
    return path


@pytest.fixture
def footage_path(tmp_path: Path) -> Path:
    """A corpus that holds nothing out, as a folder of footage gives."""
    Corpus.create(tmp_path / "footage").append([make_row(number, "train") for number in range(3)])
    return tmp_path / "footage"


@pytest.fixture
def tiny_recipes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two recipes of a few steps, found by name like the real ones."""

    def tiny_autoencoder() -> recipes.AutoencoderRecipe:
        nano = recipes.autoencoder_nano()
        settings = replace(nano.settings, schedule=Schedule(steps=6, warmup_steps=2), validate_every=3)
        return replace(nano, settings=settings, size=TINY, groups_per_step=8)

    def tiny_transformer() -> recipes.TransformerRecipe:
        nano = recipes.transformer_nano()
        settings = replace(nano.settings, schedule=Schedule(steps=6, warmup_steps=2), validate_every=6)
        return replace(nano, settings=settings, size=size_for(1, latent_channels=8), plan=PlanSettings(max_tokens=300))

    for recipe in (tiny_autoencoder, tiny_transformer):
        monkeypatch.setitem(recipes.RECIPES, recipe.__name__, recipe)
