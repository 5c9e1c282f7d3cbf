"""What the suites are tried on: an untrained model that was taught everything, the fitted judge, films instead of videos."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import ModuleType

import pytest
import torch
from torch import Tensor

from misora.core.seeds import generator
from misora.evaluate.cases import Case, film_cases
from misora.evaluate.judge import Judge
from misora.model.autoencoder import Autoencoder, AutoencoderSize
from misora.model.bundle import Limits, Model
from misora.model.dial import TransformerSize
from misora.model.transformer import Transformer
from misora.video.clip import Clip


class _Text:
    channels = 384

    def encode(self, texts: list[str]) -> list[Tensor]:
        return [torch.randn(len(text.split()), 384, generator=generator(text)) for text in texts]


@pytest.fixture(scope="module")
def untrained() -> Model:
    """A small model that knows nothing; it takes paths, tracks and boxes."""
    torch.manual_seed(0)
    size = TransformerSize(depth=1, width=64, hidden=64, latent_channels=8, refiner_depth=1)
    autoencoder = Autoencoder(
        AutoencoderSize(latent_channels=8, widths=(8, 8, 8, 8), encoder_blocks=(1, 1, 1), decoder_blocks=(1, 1, 1, 1))
    )
    limits = Limits(default_seconds=1.0, max_seconds=2.0)
    limits = replace(limits, taught=(*limits.taught, "box", "camera", "track"))
    model = Model(Transformer(size), autoencoder, limits=limits, name="untrained")
    model.__dict__["text"] = _Text()
    return model


@pytest.fixture(scope="module")
def judge() -> Judge:
    """The fitted one."""
    return Judge.load()


@pytest.fixture
def films_for_videos(monkeypatch: pytest.MonkeyPatch) -> Callable[[ModuleType], list[Case]]:
    """Let a suite's own films stand for what the model makes of them; the list fills as they are filmed."""

    def patch(suite: ModuleType) -> list[Case]:
        filmed: list[Case] = []

        def keep(*asked: object) -> tuple[Case, ...]:
            filmed.extend(film_cases(*asked))  # type: ignore[arg-type]
            return tuple(filmed)

        def made(_model: Model, canvases: list[object], *, steps: int) -> list[Clip]:
            assert steps >= 1
            assert len(canvases) == len(filmed)
            return [case.clip for case in filmed]

        monkeypatch.setattr(suite, "film_cases", keep)
        monkeypatch.setattr(suite, "made_clips", made)
        return filmed

    return patch
