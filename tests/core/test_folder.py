import io
import json
import pickle
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from misora.core.errors import WeightsError
from misora.core.files import sha256_file
from misora.core.folder import load_tensors, read_index, read_metadata, save_tensors, write_index

TENSORS = {"b": torch.arange(6.0).view(2, 3).T, "a": torch.tensor([1, 2], dtype=torch.bfloat16), "empty": torch.ones(0)}


def test_tensors_and_words_come_back_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    save_tensors(path, TENSORS, {"why": "test", "λ": "é"})
    found = load_tensors(path, sha256_file(path))
    assert set(found) == set(TENSORS)
    assert all(torch.equal(found[name], TENSORS[name]) for name in TENSORS)
    assert read_metadata(path) == {"format": "pt", "why": "test", "λ": "é"}


def test_equal_tensors_give_equal_bytes(tmp_path: Path) -> None:
    words = {str(i): "x" for i in range(12)}
    save_tensors(tmp_path / "1.safetensors", TENSORS, words)
    save_tensors(tmp_path / "2.safetensors", dict(reversed(TENSORS.items())), dict(reversed(words.items())))
    assert (tmp_path / "1.safetensors").read_bytes() == (tmp_path / "2.safetensors").read_bytes()


def _torch_bytes() -> bytes:
    buffer = io.BytesIO()
    torch.save({"a": torch.ones(1)}, buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("content", [pickle.dumps({"a": 1}, protocol=p) for p in (2, 5)] + [_torch_bytes()])
@pytest.mark.parametrize("name", ["w.safetensors", "w.pt", "w.BIN"])
def test_a_pickle_is_refused_by_name_and_by_content(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(WeightsError, match="is refused"):
        load_tensors(tmp_path / name)


def test_other_hash_missing_and_misnamed_files_are_refused(tmp_path: Path) -> None:
    save_tensors(tmp_path / "w.safetensors", TENSORS)
    with pytest.raises(WeightsError, match="expected 0000"):
        load_tensors(tmp_path / "w.safetensors", "0" * 64)
    with pytest.raises(WeightsError, match="no weights at"):
        load_tensors(tmp_path / "none.safetensors")
    with pytest.raises(WeightsError, match=r"kept as \.safetensors"):
        save_tensors(tmp_path / "w.pt", TENSORS)


@given(st.integers(0, 400), st.binary(max_size=8))
def test_a_damaged_file_is_a_typed_error_or_the_tensors(
    tmp_path_factory: pytest.TempPathFactory, cut: int, bytes_over: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.safetensors"
    save_tensors(path, TENSORS)
    whole = path.read_bytes()
    path.write_bytes((whole[:cut] + bytes_over + whole[cut + len(bytes_over) :])[: max(cut, len(whole) - cut)])
    try:
        load_tensors(path)
    except WeightsError as error:
        assert "fetch or save it again" in str(error) or "is refused" in str(error)  # noqa: PT017


def test_index_proves_every_file(tmp_path: Path) -> None:
    save_tensors(tmp_path / "transformer" / "model.safetensors", TENSORS)
    (tmp_path / "transformer" / "config.json").write_text("{}")
    write_index(tmp_path, {"transformer": ("misora.model", "Transformer")}, details={"limits": {"seconds": 3}})
    index = read_index(tmp_path)
    assert index.parts == {"transformer": ("misora.model", "Transformer")}
    assert index.details == {"limits": {"seconds": 3}}
    assert set(index.tensors("transformer/model.safetensors")) == set(TENSORS)
    (tmp_path / "transformer" / "config.json").write_text("{ }")
    with pytest.raises(WeightsError, match="SHA-256"):
        index.path("transformer/config.json")
    with pytest.raises(WeightsError, match="names no file"):
        index.tensors("vae/model.safetensors")


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a\\..\\b"])
def test_index_cannot_point_outside_of_its_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "model_index.json").write_text(json.dumps({"_files": {name: "0" * 64}}))
    with pytest.raises(WeightsError, match="points outside"):
        read_index(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"_files": 3}', '{"a": 1, "_files": {}}', "[" * 100_000])
def test_a_broken_index_is_a_typed_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(WeightsError, match="no model folder"):
        read_index(tmp_path)
    (tmp_path / "model_index.json").write_text(text)
    with pytest.raises(WeightsError, match="is corrupt"):
        read_index(tmp_path)
