"""From recipes to a model folder."""

import json
from pathlib import Path

import pytest
import torch

from misora.core.config import to_dict
from misora.core.errors import UsageError, WeightsError
from misora.core.logs import read_metrics
from misora.corpus.table import Corpus
from misora.model.autoencoder import Autoencoder
from misora.model.bundle import BUNDLED, Model, load_model, save_model, save_part
from misora.model.dial import size_for
from misora.model.transformer import Transformer
from misora.train.start import autoencoder_key, find_recipe, load_autoencoder, train
from misora.train.task import looked_at
from tests.train.conftest import TINY

pytestmark = pytest.mark.usefixtures("tiny_recipes")


def test_two_recipes_make_a_model_that_loads(corpus_path: Path, tmp_path: Path) -> None:
    first = train("tiny_autoencoder", corpus=corpus_path, out=tmp_path / "ae")
    assert first.is_finished
    assert first.part == tmp_path / "ae" / "vae"
    assert load_autoencoder(tmp_path / "ae").deviation.min() > 0
    second = train("tiny_transformer", corpus=corpus_path, out=tmp_path / "dit", model=tmp_path / "ae")
    assert second.is_finished
    model = load_model(tmp_path / "dit" / "model")
    assert {"red", "square", "floor"} <= model.vocabulary
    assert model.details["recipe"] == "transformer_nano"
    assert model.details["grammar"] == "first"
    assert list((tmp_path / "dit").glob("strip-*.png"))


def test_a_budget_stops_cleanly_and_the_next_call_ends_on_the_same_curve(corpus_path: Path, tmp_path: Path) -> None:
    train("tiny_autoencoder", corpus=corpus_path, out=tmp_path / "whole")
    halted = train("tiny_autoencoder", corpus=corpus_path, out=tmp_path / "halves", budget_seconds=0.0)
    assert (halted.step, halted.is_finished, halted.part) == (0, False, None)
    while not halted.is_finished:
        halted = train("tiny_autoencoder", corpus=corpus_path, out=tmp_path / "halves", budget_seconds=0.05)
    curves = [_curve(tmp_path / name) for name in ("whole", "halves")]
    assert curves[0] == curves[1]


def test_another_recipe_in_the_same_folder_is_refused(corpus_path: Path, tmp_path: Path) -> None:
    train("tiny_autoencoder", corpus=corpus_path, out=tmp_path, budget_seconds=0.0)
    with pytest.raises(UsageError, match=r"holds another run: .*seed"):
        train("tiny_autoencoder", corpus=corpus_path, out=tmp_path, seed=1)


def test_a_transformer_without_an_autoencoder_says_what_to_give(corpus_path: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="give --model, such as playroom-nano"):
        train("tiny_transformer", corpus=corpus_path, out=tmp_path)
    with pytest.raises(WeightsError, match=r"no vae/config\.json"):
        train("tiny_transformer", corpus=corpus_path, out=tmp_path, model=tmp_path)


def test_the_autoencoder_of_a_bundled_model_is_known_by_name() -> None:
    assert autoencoder_key("playroom-nano") == autoencoder_key(BUNDLED / "playroom-nano")


def test_an_unknown_recipe_lists_the_known_ones() -> None:
    with pytest.raises(UsageError, match="no recipe named 'huge': there are autoencoder_nano"):
        find_recipe("huge")


def _curve(folder: Path) -> list[dict[str, float]]:
    return [{k: v for k, v in line.items() if k != "ms"} for line in read_metrics(folder / "metrics.jsonl")]


def test_a_corpus_that_holds_nothing_out_is_looked_at_with_its_own_clips(footage_path: Path, tmp_path: Path) -> None:
    assert looked_at(Corpus.open(footage_path)) == "train"
    assert train("tiny_autoencoder", corpus=footage_path, out=tmp_path).is_finished


def test_a_run_can_begin_with_the_weights_of_another(corpus_path: Path, tmp_path: Path) -> None:
    train("tiny_autoencoder", corpus=corpus_path, out=tmp_path / "first")
    train("tiny_autoencoder", corpus=corpus_path, out=tmp_path / "second", start_from=tmp_path / "first")
    fresh, further = (_curve(tmp_path / name)[0]["loss"] for name in ("first", "second"))
    assert further < fresh
    settings = json.loads((tmp_path / "second" / "settings.json").read_text())
    assert len(settings["run"]["starts_from"]) == 12


def test_a_transformer_that_read_other_latents_is_brought_to_these_and_that_is_told(
    corpus_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parts = {name: Autoencoder(TINY) for name in ("one", "other")}
    for name, part in parts.items():
        save_part(tmp_path / name / "vae", part, to_dict(TINY))
    save_model(Model(Transformer(size_for(1, latent_channels=8)), parts["one"]), tmp_path / "first")
    capsys.readouterr()
    for name, is_told in (("one", False), ("other", True)):
        train(
            "tiny_transformer",
            corpus=corpus_path,
            out=tmp_path / f"from-{name}",
            model=tmp_path / name,
            start_from=tmp_path / "first",
            budget_seconds=0.0,
        )
        assert ("it is brought to" in capsys.readouterr().out) == is_told


def test_another_decoder_keeps_the_name_of_the_latents(tmp_path: Path) -> None:
    part = Autoencoder(TINY)
    save_part(tmp_path / "run" / "vae", part, to_dict(TINY))
    key = autoencoder_key(tmp_path / "run")
    torch.nn.init.ones_(part.decoder.last.mix.weight)
    save_part(tmp_path / "other" / "vae", part, to_dict(TINY))
    assert autoencoder_key(tmp_path / "other") == key
    torch.nn.init.ones_(part.encoder.last.weight)
    save_part(tmp_path / "other" / "vae", part, to_dict(TINY))
    assert autoencoder_key(tmp_path / "other") != key


def test_weights_of_another_size_are_refused(corpus_path: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"has another size than .* \(latent_channels 64 instead of 8"):
        train("tiny_autoencoder", corpus=corpus_path, out=tmp_path, start_from="playroom-nano")
    with pytest.raises(UsageError, match=r"has no vae/config\.json to start from"):
        train("tiny_autoencoder", corpus=corpus_path, out=tmp_path, start_from=tmp_path)
