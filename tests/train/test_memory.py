"""Memory: what is reckoned is near what autograd keeps, and what cannot fit is refused in a sentence."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from misora.core.errors import UsageError
from misora.corpus.plan import PlanSettings
from misora.model.autoencoder import Autoencoder, AutoencoderSize
from misora.model.dial import size_for
from misora.model.grid import Grid
from misora.model.sequence import SpokenLine, lay_out
from misora.model.transformer import Transformer
from misora.train import memory
from misora.train.memory import BYTES_PER_WEIGHT, PROGRAM_BYTES, check_memory, needed_bytes
from misora.train.recipes import AutoencoderRecipe, TransformerRecipe, autoencoder_nano, transformer_nano


def kept_bytes(forward) -> int:
    """Bytes that autograd keeps for the backward pass, each storage once; parameters are not counted."""
    storages: dict[int, int] = {}

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        if not isinstance(tensor, torch.nn.Parameter):
            storages[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        result = forward()
    assert result.requires_grad
    return sum(storages.values())


def reckoned(recipe: AutoencoderRecipe | TransformerRecipe, module: torch.nn.Module) -> float:
    """What is reckoned for the backward pass alone."""
    weights = sum(weight.numel() for weight in module.parameters())
    return needed_bytes(recipe) - PROGRAM_BYTES - weights * BYTES_PER_WEIGHT


@pytest.mark.parametrize("depth", [2, 5])
def test_what_a_transformer_keeps_is_reckoned(monkeypatch: pytest.MonkeyPatch, depth: int) -> None:
    monkeypatch.setattr(memory, "pick_dtype", lambda _: torch.float32)
    grid = Grid(groups=8, rows=8, columns=8, seconds_per_group=0.5)
    recipe = replace(transformer_nano(), size=size_for(depth), plan=PlanSettings(max_tokens=2 * grid.num_tokens))
    network, line = (
        Transformer(recipe.size),
        SpokenLine(features=torch.randn(20, 384), from_seconds=0.0, to_seconds=9.0),
    )
    sequence = lay_out([grid] * 2, [(line,)] * 2)
    kept = kept_bytes(lambda: network(sequence, torch.randn(1024, 64), torch.rand(1024)))
    assert reckoned(recipe, network) == pytest.approx(kept, rel=0.3)


def test_what_an_autoencoder_keeps_is_reckoned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "pick_dtype", lambda _: torch.float32)
    recipe = replace(autoencoder_nano(), groups_per_step=4)
    network = Autoencoder(AutoencoderSize())
    pixels = torch.rand(4, 12, 96, 96)
    kept = kept_bytes(lambda: network.decode_groups(network.encode_groups(pixels)[None]))
    assert reckoned(recipe, network) == pytest.approx(kept, rel=0.3)


def test_a_recipe_that_cannot_fit_is_refused_in_one_sentence() -> None:
    huge = replace(transformer_nano(), size=size_for(64))
    with pytest.raises(
        UsageError, match=r"needs about \d+\.\d GiB of memory, and .* free; take a smaller .* max_tokens"
    ):
        check_memory(huge)
    with pytest.raises(UsageError, match="smaller groups_per_step"):
        check_memory(replace(autoencoder_nano(), groups_per_step=96_000))
    check_memory(transformer_nano())


def test_files_that_a_control_group_has_cached_count_as_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "CONTROL_GROUP", tmp_path)
    texts = {
        "memory.max": "1000",
        "memory.current": "900",
        "memory.stat": "anon 300\nactive_file 200\ninactive_file 400",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text + "\n")
    assert memory.free_bytes() == 700
    (tmp_path / "memory.max").write_text("max\n")
    assert memory.free_bytes() > 1000
