"""A model folder in memory: transformer, autoencoder, text encoder, limits and vocabulary, laid out as diffusers does.

model_index.json   transformer/   vae/   text.json   vocabulary.json
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from misora.core.config import from_dict, to_dict
from misora.core.errors import UsageError, WeightsError
from misora.core.files import sha256_file, write_atomic
from misora.core.folder import ModelIndex, read_index, save_tensors, write_index
from misora.core.machine import pick_dtype
from misora.model.autoencoder import Autoencoder, AutoencoderSize
from misora.model.dial import TransformerSize
from misora.model.sequence import SpokenLine
from misora.model.text import TextEncoder
from misora.model.text_files import HUB_NAME, SHA256
from misora.model.transformer import Transformer
from misora.video.line import Line

WEIGHTS_NAME = "diffusion_pytorch_model.safetensors"
Part = TypeVar("Part", bound=nn.Module)
BUNDLED = Path(__file__).parent.parent / "weights"
DEFAULT_NAME = "playroom-nano"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a model was trained for, and therefore what a canvas may ask.

    Attributes:
        min_side_px: shortest side in pixels.
        max_side_px: longest side in pixels.
        max_seconds: longest clip.
        min_fps: slowest frame rate.
        max_fps: fastest frame rate.
        max_tokens: most tokens in one canvas.
        default_size: width and height in pixels when not asked.
        default_seconds: duration when not asked.
        default_fps: frame rate when not asked.
        taught: what it was trained to know besides words: names of `train.patterns.PatternShares`, `cards`, and the
            kinds of control it follows, `camera` and `track`.
    """

    min_side_px: int = 64
    max_side_px: int = 192
    max_seconds: float = 4.0
    min_fps: float = 4.0
    max_fps: float = 16.0
    max_tokens: int = 768
    default_size: tuple[int, int] = (96, 96)
    default_seconds: float = 2.0
    default_fps: float = 8.0
    taught: tuple[str, ...] = ("ends", "groups", "rough")


class Model:
    """The parts of a model, ready to be called."""

    def __init__(
        self,
        transformer: Transformer,
        autoencoder: Autoencoder,
        *,
        limits: Limits | None = None,
        vocabulary: frozenset[str] = frozenset(),
        name: str = "unnamed",
        text_folder: Path | str | None = None,
        digest: str = "",
        details: Mapping[str, Any] | None = None,
    ) -> None:
        """Put the parts together.

        Args:
            transformer: removes noise from tokens.
            autoencoder: between pixels and latents.
            limits: what may be asked; the defaults when not given.
            vocabulary: words met in training; empty when unknown.
            name: of the model, for records.
            text_folder: where the text encoder's files lie; the usual places when not given.
            digest: SHA-256 of the model index, when loaded from a folder.
            details: recipe, seeds and scores, for the model card.
        """
        self.transformer = transformer.eval()
        self.autoencoder = autoencoder.eval()
        self.limits = limits or Limits()
        self.vocabulary = vocabulary
        self.name = name
        self.digest = digest
        self.details = dict(details or {})
        self._text_folder = text_folder

    @cached_property
    def text(self) -> TextEncoder:
        """The frozen text encoder, loaded when first used."""
        return TextEncoder(self._text_folder)

    @property
    def device(self) -> torch.device:
        """Where the transformer computes."""
        return next(self.transformer.parameters()).device

    def describe(self, lines: Sequence[Line]) -> tuple[SpokenLine, ...]:
        """Encode lines of text; empty ones are silence and are left out.

        Args:
            lines: what is said, and when.

        Returns:
            Their features with the same times.
        """
        said = [line for line in lines if line.text]
        return tuple(
            SpokenLine(features=features, from_seconds=line.from_seconds, to_seconds=line.to_seconds)
            for line, features in zip(said, self.text.encode([line.text for line in said]), strict=True)
        )


def load_model(
    name_or_folder: str | Path = DEFAULT_NAME, *, device: str = "cpu", text_folder: Path | str | None = None
) -> Model:
    """Load a model folder; every file is proved by its hash.

    Args:
        name_or_folder: name of a bundled model, or a folder.
        device: where to compute.
        text_folder: where the text encoder's files lie; the usual places when not given.

    Returns:
        The model, in the arithmetic type that the device does fast.

    Raises:
        UsageError: no such model.
        WeightsError: a file is missing, changed, corrupt or a pickle.
    """
    folder = _find(name_or_folder)
    index = read_index(folder)
    details = dict(index.details)
    vocabulary = json.loads(index.path("vocabulary.json").read_text()) if "vocabulary.json" in index.files else []
    return Model(
        _prepared(_load_transformer(index), device),
        _prepared(_load_autoencoder(index), device),
        limits=from_dict(Limits, details.pop("limits", {}), where=f"{folder}/model_index.json limits"),
        vocabulary=frozenset(vocabulary),
        name=folder.name,
        text_folder=text_folder,
        digest=_digest(index),
        details=details,
    )


def save_model(model: Model, folder: Path | str, *, details: Mapping[str, Any] | None = None) -> ModelIndex:
    """Write a model folder, weights in bfloat16; the index comes last.

    Args:
        model: the parts.
        folder: made if missing.
        details: recipe, seeds and scores; JSON values.

    Returns:
        The index written.
    """
    folder = Path(folder)
    save_part(folder / "transformer", model.transformer, to_dict(model.transformer.size))
    save_part(folder / "vae", model.autoencoder, to_dict(model.autoencoder.size))
    write_atomic(folder / "text.json", _json({"name": HUB_NAME, "sha256": SHA256}))
    write_atomic(folder / "vocabulary.json", _json(sorted(model.vocabulary)))
    parts = {
        "transformer": ("misora.model.transformer", "Transformer"),
        "vae": ("misora.model.autoencoder", "Autoencoder"),
    }
    return write_index(folder, parts, details={"limits": to_dict(model.limits), **(details or model.details)})


def save_part(folder: Path, part: nn.Module, config: Mapping[str, Any]) -> None:
    """Write one part of a model: its config and its weights in bfloat16.

    Args:
        folder: made if missing.
        part: the module.
        config: its sizes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_atomic(folder / "config.json", _json(config))
    save_tensors(folder / WEIGHTS_NAME, {k: v.to(torch.bfloat16) for k, v in part.state_dict().items()})


def load_state(part: nn.Module, tensors: Mapping[str, Float[Tensor, "..."]], *, where: str) -> None:
    """Put tensors into a module, strictly; what an older file lacks, and the part names as `added_later`, is zeros.

    Args:
        part: the module.
        tensors: weights by name.
        where: what to call the file in an error.

    Raises:
        WeightsError: names or shapes differ.
    """
    expected = {name: tuple(value.shape) for name, value in part.state_dict().items()}
    missing = getattr(part, "added_later", frozenset()) - tensors.keys()
    tensors = {**tensors, **{name: torch.zeros(expected[name]) for name in missing}}
    found = {name: tuple(value.shape) for name, value in tensors.items()}
    if expected != found:
        odd = sorted(set(expected.items()) ^ set(found.items()))[:3]
        raise WeightsError(f"{where} does not fit its config.json, first at {odd}; fetch or save the model again")
    part.load_state_dict(dict(tensors))


def _find(name_or_folder: str | Path) -> Path:
    for folder in (Path(name_or_folder), BUNDLED / str(name_or_folder)):
        if (folder / "model_index.json").is_file():
            return folder
    if Path(name_or_folder).exists():
        raise WeightsError(f"{name_or_folder} is not a model folder: it has no model_index.json")
    bundled = sorted(path.parent.name for path in BUNDLED.glob("*/model_index.json"))
    raise UsageError(f"no model named {name_or_folder!r}: bundled are {', '.join(bundled) or 'none'}; or give a folder")


def _load_transformer(index: ModelIndex) -> Transformer:
    size = from_dict(
        TransformerSize, json.loads(index.path("transformer/config.json").read_text()), where="transformer"
    )
    part = Transformer(size)
    load_state(part, index.tensors(f"transformer/{WEIGHTS_NAME}"), where=f"{index.folder}/transformer")
    return part


def _load_autoencoder(index: ModelIndex) -> Autoencoder:
    size = from_dict(AutoencoderSize, json.loads(index.path("vae/config.json").read_text()), where="vae")
    part = Autoencoder(size)
    load_state(part, index.tensors(f"vae/{WEIGHTS_NAME}"), where=f"{index.folder}/vae")
    return part


def _prepared(part: Part, device: str) -> Part:
    part = part.to(device, pick_dtype(device)).requires_grad_(False)
    return part.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]


def _digest(index: ModelIndex) -> str:
    return sha256_file(index.folder / "model_index.json")


def _json(value: Any) -> bytes:
    return json.dumps(value, indent=2, sort_keys=True).encode() + b"\n"
