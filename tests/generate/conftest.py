"""A tiny model with random weights that listens to its text, and a studio around it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch
from torch import Tensor, nn

from misora.core.seeds import generator
from misora.generate.studio import Studio
from misora.model.autoencoder import Autoencoder, AutoencoderSize
from misora.model.bundle import Limits, Model
from misora.model.dial import TransformerSize
from misora.model.transformer import Transformer

VOCABULARY = frozenset(["a", "red", "blue", "ball", "rolls", "left", "across", "the", "green", "floor"])


class FakeText:
    """Features that depend on each word alone, made without any file."""

    channels = 384

    def encode(self, texts: Sequence[str]) -> list[Tensor]:
        """One token a word."""
        words = [text.split() for text in texts]
        return [torch.stack([torch.randn(384, generator=generator(w)) for w in said]) for said in words]


def tiny_model() -> Model:
    """Random weights everywhere, also where training starts from zero, so that every input matters."""
    torch.manual_seed(0)
    size = TransformerSize(depth=2, width=64, hidden=128, latent_channels=8, refiner_depth=1)
    transformer = Transformer(size)
    for parameter in transformer.parameters():
        if not parameter.any():
            nn.init.normal_(parameter, std=0.1)
    autoencoder = Autoencoder(
        AutoencoderSize(latent_channels=8, widths=(8, 8, 8, 8), encoder_blocks=(1, 1, 1), decoder_blocks=(1, 1, 1, 1))
    )
    model = Model(transformer, autoencoder, limits=Limits(), vocabulary=VOCABULARY, name="tiny", digest="0" * 64)
    model.__dict__["text"] = FakeText()
    return model


@pytest.fixture(scope="session")
def model() -> Model:
    """The tiny model; nobody changes it."""
    return tiny_model()


@pytest.fixture(scope="session")
def studio(model: Model) -> Studio:
    """A studio around it."""
    return Studio(model)
