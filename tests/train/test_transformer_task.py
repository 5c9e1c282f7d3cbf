"""The task of the transformer with everything on: patterns, cards, controls, each dropped on its own."""

from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
import torch
from safetensors.torch import save

from misora.corpus.encode import encode_corpus
from misora.corpus.progress import ignore_progress
from misora.corpus.table import Corpus
from misora.corpus.texts import encode_texts
from misora.model.autoencoder import Autoencoder
from misora.model.dial import size_for
from misora.train.recipes import transformer_wide
from misora.train.transformer_task import NoiseSettings, TransformerTask
from tests.train.conftest import TINY, make_row

NUM_FRAMES = 16
TRUTH = save(
    {
        "camera_positions_m": torch.arange(NUM_FRAMES)[:, None] * torch.tensor([0.1, 0.0, 0.0]),
        "camera_axes": torch.tensor([[1.0, 0, 0], [0, 0, 1], [0, 1, 0]]).repeat(NUM_FRAMES, 1, 1),
        "centres_px": torch.full((NUM_FRAMES, 1, 2), 48.0),
        "visible": torch.ones(NUM_FRAMES, 1, dtype=torch.bool),
        "shots": torch.zeros(NUM_FRAMES, dtype=torch.int32),
    }
)


class Words:
    """A text encoder that no file is needed for."""

    def encode(self, texts: list[str]) -> list[torch.Tensor]:
        return [torch.ones(len(text.split()), 384) for text in texts]


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    made = Corpus.create(tmp_path / "corpus")
    made.append([replace(make_row(number, "train"), truth=TRUTH) for number in range(6)])
    encode_corpus(made, Autoencoder(TINY), key="tiny", on_progress=ignore_progress)
    encode_texts(made, Words(), key="words", on_progress=ignore_progress)
    return made


def task_of(corpus: Corpus, noise: NoiseSettings) -> TransformerTask:
    wide = transformer_wide()
    plan = replace(wide.plan, max_tokens=600, card_share=1.0)
    return TransformerTask(corpus, size_for(1, latent_channels=8), wide.settings, key="tiny", noise=noise, plan=plan)


def test_controls_reach_their_maps_in_the_shares_that_are_set(corpus: Corpus) -> None:
    noise = transformer_wide().noise
    for camera, track in ((1.0, 0.0), (0.0, 1.0)):
        task = task_of(corpus, replace(noise, camera_share=camera, track_share=track))
        for weight in task.module.parameters():
            torch.nn.init.normal_(weight, std=0.02)
        for step, batch in enumerate(islice(task.batches(0), 2)):
            loss, _ = task.loss(batch, step)
            loss.backward()
        grads = [task.module.get_parameter(f"embed_{name}.weight").grad for name in ("camera", "track")]
        assert [grad is not None and bool(grad.any()) for grad in grads] == [camera > 0, track > 0]


def test_a_batch_has_the_same_loss_again_and_another_one_when_steered(corpus: Corpus) -> None:
    task = task_of(corpus, replace(transformer_wide().noise, camera_share=1.0))
    for weight in task.module.parameters():
        torch.nn.init.normal_(weight, std=0.05)
    batch = next(task.batches(3))
    with torch.no_grad():
        losses = [task.loss(batch, 3)[0].item() for _ in range(2)]
        task.noise = replace(task.noise, camera_share=0.0, track_share=0.0)
        unsteered = task.loss(batch, 3)[0].item()
    assert losses[0] == losses[1] != unsteered


def test_cards_are_known_unless_pins_are_forgotten(corpus: Corpus) -> None:
    task = task_of(corpus, transformer_wide().noise)
    batches = list(islice(task.batches(0), 3))
    assert any(grid.cards_seconds for batch in batches for grid in batch.grids)
    assert {key.has_card for batch in batches for key in batch.keys if not key.is_mirrored and not key.is_still} == {
        True
    }
