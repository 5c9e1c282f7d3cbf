"""Model folders."""

from pathlib import Path

import pytest
import torch

from misora.core.errors import UsageError, WeightsError
from misora.model.autoencoder import Autoencoder, AutoencoderSize
from misora.model.bundle import WEIGHTS_NAME, Model, load_model, save_model
from misora.model.dial import size_for
from misora.model.transformer import Transformer

TINY = AutoencoderSize(latent_channels=8, widths=(4, 8, 8, 8), encoder_blocks=(1, 1, 1), decoder_blocks=(1, 1, 1, 1))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    model = Model(Transformer(size_for(1, latent_channels=8)), Autoencoder(TINY), vocabulary=frozenset({"ball", "red"}))
    save_model(model, tmp_path / "tiny", details={"recipe": "none"})
    return tmp_path / "tiny"


def test_a_saved_model_comes_back(folder: Path) -> None:
    model = load_model(folder)
    assert (model.name, model.vocabulary, model.details) == ("tiny", {"ball", "red"}, {"recipe": "none"})
    assert len(model.digest) == 64
    again = load_model(folder)
    for one, other in zip(model.transformer.parameters(), again.transformer.parameters(), strict=True):
        assert torch.equal(one, other)


def test_an_unknown_name_lists_what_is_bundled() -> None:
    with pytest.raises(UsageError, match="no model named 'sora-3': bundled are"):
        load_model("sora-3")


def test_changed_weights_are_refused(folder: Path) -> None:
    path = folder / "transformer" / WEIGHTS_NAME
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(WeightsError, match="SHA-256"):
        load_model(folder)


def test_missing_weights_are_refused(folder: Path) -> None:
    (folder / "vae" / WEIGHTS_NAME).unlink()
    with pytest.raises(WeightsError, match=r"no weights|no file"):
        load_model(folder)


def test_a_folder_without_an_index_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="is not a model folder"):
        load_model(tmp_path)
