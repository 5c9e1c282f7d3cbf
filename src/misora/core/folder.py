"""Model folders in the layout of diffusers: an index, a folder per part, safetensors; no pickle is ever loaded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from misora.core.errors import WeightsError
from misora.core.files import sha256_file, write_atomic

if TYPE_CHECKING:
    from jaxtyping import Shaped
    from torch import Tensor

INDEX_NAME = "model_index.json"
_PICKLE_SUFFIXES = frozenset({".pt", ".pth", ".bin", ".ckpt", ".pkl", ".pickle", ".npy", ".npz", ".joblib"})
_MAX_HEADER_BYTES = 100_000_000  # the format's own limit


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelIndex:
    """What a model folder holds.

    Attributes:
        folder: where it lies.
        parts: name of each part and the class that reads it, as (module, class).
        files: SHA-256 of each file by its path within the folder, with forward slashes.
        details: whatever else the model wants said: limits, recipe, licence, seeds.
    """

    folder: Path
    parts: Mapping[str, tuple[str, str]]
    files: Mapping[str, str]
    details: Mapping[str, Any] = field(default_factory=dict)

    def path(self, name: str) -> Path:
        """Find a file of the folder, and prove that it is the one the index names.

        Args:
            name: its path within the folder, such as `transformer/config.json`.

        Returns:
            The path on disk.

        Raises:
            WeightsError: if the index does not name it, it is missing, or its hash differs.
        """
        if name not in self.files:
            raise WeightsError(f"{self.folder / INDEX_NAME} names no file {name!r}; it names {sorted(self.files)}")
        path = self.folder / name
        check_hash(path, self.files[name])
        return path

    def tensors(self, name: str) -> dict[str, Shaped[Tensor, "..."]]:
        """Load a file of tensors that the index names.

        Args:
            name: its path within the folder, such as `transformer/model.safetensors`.

        Returns:
            The tensors by name, on the CPU.

        Raises:
            WeightsError: if it is missing, altered, corrupt or a pickle.
        """
        if name not in self.files:
            self.path(name)
        return load_tensors(self.folder / name, self.files[name])


def save_tensors(
    path: Path | str, tensors: Mapping[str, Shaped[Tensor, "..."]], metadata: Mapping[str, str] | None = None
) -> None:
    """Write tensors as one safetensors file, whole or not at all; equal tensors give equal bytes.

    Args:
        path: the target, ending in `.safetensors`; replaced if it exists.
        tensors: by name; copied to the CPU where they are elsewhere.
        metadata: words to keep in the header.

    Raises:
        WeightsError: if the name does not end in `.safetensors`.
    """
    from safetensors.torch import save

    if Path(path).suffix != ".safetensors":
        raise WeightsError(f"cannot save tensors as {path}: weights are kept as .safetensors; change the name")
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in sorted(tensors.items())}
    write_atomic(path, _with_sorted_header(save(plain, {"format": "pt", **(metadata or {})})))


def load_tensors(path: Path | str, sha256: str | None = None) -> dict[str, Shaped[Tensor, "..."]]:
    """Load a safetensors file, and nothing else.

    Args:
        path: the file.
        sha256: the hash it must have, 64 hexadecimal digits; None trusts the file.

    Returns:
        The tensors by name, on the CPU.

    Raises:
        WeightsError: if it is missing, a pickle by name or content, corrupt, or has another hash.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    source = Path(path)
    read_metadata(source)
    if sha256 is not None:
        check_hash(source, sha256)
    try:
        return load_file(source)
    except (SafetensorError, OSError, KeyError, ValueError) as error:
        raise WeightsError(f"{source} is corrupt ({error}); fetch or save it again") from error


def read_metadata(path: Path | str) -> dict[str, str]:
    """Read the words in the header of a safetensors file, without its tensors.

    Args:
        path: the file.

    Returns:
        The metadata that `save_tensors` was given, and the format's own.

    Raises:
        WeightsError: if it is missing, a pickle by name or content, or its header is corrupt.
    """
    source = Path(path)
    if not source.is_file():
        raise WeightsError(f"no weights at {source}; check the path, or train or fetch them first")
    if source.suffix.lower() in _PICKLE_SUFFIXES:
        raise WeightsError(f"{source} is refused: a {source.suffix} file can run code when loaded; use .safetensors")
    with source.open("rb") as file:
        start = file.read(9)
        length = int.from_bytes(start[:8], "little")
        if start[8:] != b"{" and _looks_like_pickle(start):
            raise WeightsError(f"{source} is refused: its content is a pickle or an archive of one; use .safetensors")
        if start[8:] != b"{" or length > min(_MAX_HEADER_BYTES, source.stat().st_size):
            raise WeightsError(f"{source} is corrupt: no safetensors header at its start; fetch or save it again")
        header = b"{" + file.read(length - 1)
    try:
        return dict(json.loads(header).get("__metadata__", {}))
    except (ValueError, RecursionError) as error:
        raise WeightsError(f"{source} is corrupt: its header is not JSON ({error}); fetch or save it again") from error


def check_hash(path: Path | str, sha256: str) -> None:
    """Prove that a file is the one that was meant.

    Args:
        path: the file.
        sha256: the hash it must have, 64 hexadecimal digits.

    Raises:
        WeightsError: if it is missing or has another hash.
    """
    if not Path(path).is_file():
        raise WeightsError(f"no file at {path}; the model folder is incomplete: fetch or save it again")
    if (found := sha256_file(path)) != sha256.lower():
        raise WeightsError(f"{path} has SHA-256 {found[:16]}…, expected {sha256[:16]}…; fetch or save it again")


def write_index(
    folder: Path | str, parts: Mapping[str, tuple[str, str]], *, details: Mapping[str, Any] | None = None
) -> ModelIndex:
    """Write `model_index.json` as the last file of a model folder, with the hash of every other file.

    Args:
        folder: the model folder, its parts already written.
        parts: name of each part and the class that reads it, as (module, class).
        details: whatever else the model wants said; JSON values.

    Returns:
        The index as `read_index` will give it.
    """
    root = Path(folder)
    names = sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file() and p.name != INDEX_NAME)
    index = {
        "_class_name": "Studio",
        **{name: list(home) for name, home in sorted(parts.items())},
        "_files": {name: sha256_file(root / name) for name in names},
        "_details": dict(details or {}),
    }
    write_atomic(root / INDEX_NAME, json.dumps(index, indent=2, ensure_ascii=False).encode() + b"\n")
    return read_index(root)


def read_index(folder: Path | str) -> ModelIndex:
    """Read `model_index.json`; the files themselves are proved when they are used.

    Args:
        folder: the model folder.

    Returns:
        Its parts, file hashes and details.

    Raises:
        WeightsError: if there is no index, it is not valid, or it names a path outside of the folder.
    """
    path = Path(folder) / INDEX_NAME
    if not path.is_file():
        raise WeightsError(f"{folder} is no model folder: it has no {INDEX_NAME}; check the path")
    try:
        raw = json.loads(path.read_bytes())
        parts = {name: (str(home[0]), str(home[1])) for name, home in raw.items() if not name.startswith("_")}
        files = {str(name): str(digest) for name, digest in raw["_files"].items()}
        details = dict(raw.get("_details", {}))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        raise WeightsError(
            f"{path} is corrupt ({type(error).__name__}: {error}); fetch or save the model again"
        ) from error
    for name in files:
        pure = PurePosixPath(name)
        if pure.is_absolute() or ".." in pure.parts or "\\" in name:
            raise WeightsError(f"{path} is refused: {name!r} points outside of the model folder")
    return ModelIndex(folder=Path(folder), parts=parts, files=files, details=details)


def _looks_like_pickle(start: bytes) -> bool:
    is_archive = start[:4] in (b"PK\x03\x04", b"PK\x05\x06") or start[:6] == b"\x93NUMPY"
    return is_archive or (start[:1] == b"\x80" and start[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"))


def _with_sorted_header(data: bytes) -> bytes:
    # safetensors writes metadata in hash order, which differs from run to run; sorted, equal content is equal bytes
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + data[8 + length :]
