"""Where the text encoder is looked for."""

from pathlib import Path

from misora.model.text_files import SHA256, find_text_files


def test_the_installed_package_or_a_cache_holds_both_files() -> None:
    files = find_text_files()
    assert {files.weights.name, files.tokenizer.name} == set(SHA256)


def test_the_folder_given_is_the_only_one_looked_at() -> None:
    folder = find_text_files().weights.parent
    assert find_text_files(folder).weights == Path(folder) / "model.safetensors"
