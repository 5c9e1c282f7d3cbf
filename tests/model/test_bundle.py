"""Model folders."""

from pathlib import Path

import pytest
import torch

from misora.core.errors import UsageError, WeightsError
from misora.model.autoencoder import Autoencoder, AutoencoderSize
from misora.model.bundle import WEIGHTS_NAME, Model, load_model, load_state, save_model
from misora.model.controls import Controls
from misora.model.dial import size_for
from misora.model.grid import Grid
from misora.model.sequence import lay_out
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


def test_weights_from_before_there_were_controls_load_with_zeros_for_them(folder: Path) -> None:
    older = {
        name: value
        for name, value in load_model(folder).transformer.state_dict().items()
        if name not in Transformer.added_later
    }
    fresh = Transformer(size_for(1, latent_channels=8))
    for name in Transformer.added_later:
        torch.nn.init.ones_(fresh.get_parameter(name))
    load_state(fresh, older, where="older")
    assert all(fresh.get_parameter(name).abs().max() == 0 for name in Transformer.added_later)
    with pytest.raises(WeightsError, match="does not fit its config"):
        load_state(fresh, {name: value for name, value in older.items() if name != "embed.bias"}, where="broken")


def test_the_bundled_weights_take_no_notice_of_controls_until_they_are_trained() -> None:
    transformer = load_model("playroom-nano").transformer
    if (transformer.embed_camera.weight == 0).all() and (transformer.embed_track.weight == 0).all():
        grid = Grid(groups=2, rows=4, columns=4, seconds_per_group=0.5)
        told = Controls(camera=torch.ones(2, 5), track=torch.ones(2, 3))
        plain, steered = lay_out([grid], [()]), lay_out([grid], [()], controls=[told])
        noisy, levels = torch.randn(32, 64), torch.rand(32)
        assert torch.equal(transformer(plain, noisy, levels), transformer(steered, noisy, levels))
