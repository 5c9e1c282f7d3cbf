"""Small corpora without a simulator: clips of noise with captions that name their number."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from jaxtyping import Float, UInt8
from safetensors.torch import save
from torch import Tensor

from misora.corpus.row import Caption, Row
from misora.corpus.table import Corpus
from misora.video.clip import Clip
from misora.video.line import Line
from misora.video.lossless import encode_lossless

MakeRow = Callable[..., Row]


def make_row(number: int, **changes: object) -> Row:
    """A clip whose pixels are wanted nowhere."""
    standard = {
        "id": f"clip-{number}",
        "source": "test",
        "seed": number,
        "split": "train",
        "video": b"no video",
        "width_px": 96,
        "height_px": 96,
        "num_frames": 16,
        "fps": 8.0,
        "seconds": 2.0,
        "captions": make_captions(number),
        "script": None,
        "truth": None,
        "licence": "CC0-1.0",
        "renderer": "none",
    }
    return Row(**{**standard, **changes})  # type: ignore[arg-type]


def make_captions(number: int) -> tuple[Caption, ...]:
    return tuple(
        Caption(
            register=register,
            variant=variant,
            is_mirrored=is_mirrored,
            lines=(
                Line(f"{register} {variant} of {number}{' mirrored' * is_mirrored}", 0.0, 1.0),
                Line(f"then {number}", 1.0, 2.0),
            ),
        )
        for is_mirrored in (False, True)
        for register in ("tags", "plain", "story")
        for variant in (0, 1)
    )


def make_clip(number: int, *, num_frames: int = 16, height_px: int = 96, width_px: int = 96) -> Clip:
    """Coarse noise, so that lossless files stay small; every frame differs."""
    draw = torch.Generator().manual_seed(number)
    cells = torch.randint(256, (num_frames, 3, height_px // 16, width_px // 16), generator=draw, dtype=torch.uint8)
    return Clip.at_rate(cells.repeat_interleave(16, 2).repeat_interleave(16, 3), 8.0)


class MeanEncoder:
    """An autoencoder whose latents are the mean colours of the cells, frame by frame."""

    def __init__(self) -> None:
        self.num_groups = 0

    def encode_frames(self, frames: UInt8[Tensor, "g 4 3 H W"]) -> Float[Tensor, "g c h w"]:
        self.num_groups += len(frames)
        cells = frames.float().unfold(3, 16, 16).unfold(4, 16, 16).mean((-1, -2))
        return cells.flatten(1, 2) / 256


class LengthEncoder:
    """A text encoder whose token features are the length of the text."""

    def __init__(self) -> None:
        self.num_texts = 0

    def encode(self, texts: list[str]) -> list[Float[Tensor, "l d"]]:
        self.num_texts += len(texts)
        return [torch.full((len(text.split()), 8), float(len(text))) for text in texts]


@pytest.fixture
def row() -> MakeRow:
    return make_row


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    """Twelve clips of two sizes in two fragments, without pixels."""
    made = Corpus.create(tmp_path / "corpus")
    made.append([make_row(number) for number in range(8)])
    made.append([make_row(number, width_px=128, num_frames=24, seconds=3.0) for number in range(8, 12)])
    return made


@pytest.fixture
def mean_encoder() -> MeanEncoder:
    return MeanEncoder()


@pytest.fixture
def length_encoder() -> LengthEncoder:
    return LengthEncoder()


@pytest.fixture
def filmed(tmp_path: Path) -> Corpus:
    """Eight clips with pixels, of three grids, in two fragments."""
    shapes = [(16, 96, 96), (24, 96, 96), (16, 96, 128), (10, 96, 96)]
    made = Corpus.create(tmp_path / "filmed")
    for first in (0, 4):
        made.append([_filmed_row(first + n, *shape) for n, shape in enumerate(shapes)])
    return made


def _filmed_row(number: int, num_frames: int, height_px: int, width_px: int) -> Row:
    clip = make_clip(number, num_frames=num_frames, height_px=height_px, width_px=width_px)
    return make_row(
        number,
        video=encode_lossless(clip),
        num_frames=num_frames,
        height_px=height_px,
        width_px=width_px,
        seconds=num_frames / 8,
        truth=make_truth(number, num_frames),
    )


def make_truth(number: int, num_frames: int) -> bytes:
    """A camera that goes `number` metres to the right in every frame; one thing in the middle of the picture."""
    places = torch.arange(num_frames)[:, None] * torch.tensor([number, 0.0, 0.0])
    axes = torch.tensor([[1.0, 0, 0], [0, 0, 1], [0, 1, 0]]).repeat(num_frames, 1, 1)
    return save(
        {
            "camera_positions_m": places,
            "camera_axes": axes,
            "centres_px": torch.full((num_frames, 1, 2), 48.0),
            "visible": torch.ones(num_frames, 1, dtype=torch.bool),
            "shots": torch.zeros(num_frames, dtype=torch.int32),
        }
    )
