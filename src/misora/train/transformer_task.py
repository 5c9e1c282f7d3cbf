"""Train the transformer on cached latents and captions of a corpus."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Bool, Float, UInt8
from torch import Tensor

from misora.core.config import to_dict
from misora.core.machine import pick_dtype
from misora.core.seeds import derive, generator
from misora.corpus.index import corpus_index
from misora.corpus.load import PackedBatch, packed_batches
from misora.corpus.plan import Plan, PlanSettings
from misora.corpus.table import Corpus
from misora.flow import draw_times, interpolate, shift_for, token_levels, velocity_loss
from misora.model.bundle import save_part
from misora.model.controls import NO_CONTROLS, Controls
from misora.model.dial import TransformerSize
from misora.model.sequence import Sequence, SpokenLine, lay_out
from misora.model.transformer import Transformer
from misora.train.optimiser import inner_matrices
from misora.train.patterns import PatternShares, Starts, draw_starts
from misora.train.task import Look, RunSettings, looked_at

OUTSIDE = ("embed", "modulate", "predict", "refiner.embed")
VALIDATION_STEPS = 4
VALIDATION_TIMES = (0.3, 0.6, 0.8, 0.9, 0.97)

Painter = Callable[[Transformer], UInt8[Tensor, "3 H W"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseSettings:
    """Which noise levels are trained, and how often the text is left out.

    Attributes:
        mean: centre of the times in logits before the shift; above 0 leans towards noise.
        sigma: their width in logits.
        silent_share: share of clips whose lines are dropped, for guidance.
        unpinned_share: share of the clips with something known, cards included, that forget it, likewise.
        camera_share: share of the clips with a stored truth that are told how the camera moves; else it is dropped.
        track_share: share of them that are told where one thing is seen, drawn on its own.
        floor: least divisor of the loss.
        patterns: what is known.
    """

    mean: float = 0.6
    sigma: float = 1.3
    silent_share: float = 0.1
    unpinned_share: float = 0.0
    camera_share: float = 0.0
    track_share: float = 0.0
    floor: float = 0.05
    patterns: PatternShares = field(default_factory=PatternShares)


class TransformerTask:
    """Predict clean tokens from noisy ones, clips of all sizes packed together."""

    def __init__(
        self,
        corpus: Corpus,
        size: TransformerSize,
        settings: RunSettings,
        *,
        key: str,
        noise: NoiseSettings | None = None,
        plan: PlanSettings | None = None,
        paint: Painter | None = None,
        device: str = "cpu",
    ) -> None:
        """Make the network from the run's seed.

        Args:
            corpus: with latents of the autoencoder in hand and text features.
            size: of the network.
            settings: of the run.
            key: of the autoencoder whose latents are read.
            noise: levels and dropping.
            plan: packing.
            paint: makes a picture of samples to look at; none when not given.
            device: where to compute.
        """
        self.corpus, self.size, self.settings, self.key = corpus, size, settings, key
        self.noise, self.plan = noise or NoiseSettings(), plan or PlanSettings()
        self.paint, self.device = paint, device
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(derive(settings.seed, "transformer"))
            module = Transformer(size)
        self.module = module.to(device, pick_dtype(device))
        self.matrices = inner_matrices(self.module, outside=OUTSIDE)
        self._held: list[PackedBatch] = []

    def identity(self) -> Mapping[str, Any]:
        """Name the data and sizes that a continued run must share."""
        return {
            "corpus": self.corpus.version,
            "key": self.key,
            "size": to_dict(self.size),
            "noise": to_dict(self.noise),
            "plan": to_dict(self.plan),
        }

    def batches(self, start_step: int, *, split: str = "train") -> Iterator[PackedBatch]:
        """Yield the packed batch of each step."""
        plan = Plan(corpus_index(self.corpus, split=split), self.plan, self.settings.seed)
        return packed_batches(self.corpus, plan, key=self.key, start_step=start_step)

    def loss(self, batch: PackedBatch, step: int) -> tuple[Float[Tensor, ""], Mapping[str, float]]:
        """Draw levels and noise for a batch and weigh the error of the answer as a velocity."""
        draws = generator(self.settings.seed, "noise", step)
        sequence = self._lay_out(batch, draws)
        starts = draw_starts(sequence, self.noise.patterns, draws=draws, forgotten=self.noise.unpinned_share)
        times = self._draw_times(sequence, starts, draws)[sequence.clip_of_token]
        levels = token_levels(times, starts.levels, is_held=starts.is_held)
        loss = self._error(batch, sequence, levels, draws, is_held=starts.is_held)
        return loss, {"tokens": float(sequence.num_tokens), "clips": float(sequence.num_clips)}

    def validate(self) -> Look:
        """Measure the loss on held-out clips at fixed times with fixed noise, and paint samples."""
        if not self._held:
            self._held = list(islice(self.batches(0, split=looked_at(self.corpus)), VALIDATION_STEPS))
        errors: dict[str, list[float]] = {}
        for number, batch in enumerate(self._held):
            for time in VALIDATION_TIMES:
                draws = generator(self.settings.seed, "validation", number)
                sequence = lay_out(batch.grids, batch.lines)  # neither pinned nor steered: the words alone
                levels = torch.full((sequence.num_tokens,), time)
                error = self._error(batch, sequence, levels, draws).item() * time**2
                errors.setdefault(f"held_mse_{time:g}", []).append(error)
        metrics = {name: sum(values) / len(values) for name, values in errors.items()}
        return Look(metrics=metrics, picture=self.paint(self.module) if self.paint else None)

    def finish(self, folder: Path) -> Path:
        """Write the part."""
        save_part(folder / "transformer", self.module, to_dict(self.size))
        return folder / "transformer"

    def _lay_out(self, batch: PackedBatch, draws: torch.Generator) -> Sequence:
        is_silent = torch.rand(len(batch.lines), generator=draws) < self.noise.silent_share
        lines: list[tuple[SpokenLine, ...]] = [
            () if silent else said for silent, said in zip(is_silent.tolist(), batch.lines, strict=True)
        ]
        return lay_out(batch.grids, lines, controls=self._draw_controls(batch.controls, draws))

    def _draw_controls(self, known: tuple[Controls, ...], draws: torch.Generator) -> list[Controls]:
        """Drop the camera's motion and tracks, each on its own."""
        if not (self.noise.camera_share or self.noise.track_share):
            return [NO_CONTROLS] * len(known)
        told = torch.rand(len(known), 2, generator=draws)
        has = (told < torch.tensor([self.noise.camera_share, self.noise.track_share])).tolist()
        return [
            Controls(camera=each.camera if camera else None, track=each.track if track else None)
            for each, (camera, track) in zip(known, has, strict=True)
        ]

    def _draw_times(self, sequence: Sequence, starts: Starts, draws: torch.Generator) -> Float[Tensor, " clips"]:
        """A time for each clip, shifted by how many of its tokens are unknown, as the sampler shifts its own."""
        is_unknown = (starts.levels > 0) & ~starts.is_held
        counts = torch.zeros(sequence.num_clips).index_add_(0, sequence.clip_of_token, is_unknown.float())
        draw = partial(draw_times, 1, generator=draws, mean=self.noise.mean, sigma=self.noise.sigma)
        return torch.cat([draw(shift=shift_for(max(1, int(count)))) for count in counts.tolist()])

    def _error(
        self,
        batch: PackedBatch,
        sequence: Sequence,
        levels: Float[Tensor, " n"],
        draws: torch.Generator,
        *,
        is_held: Bool[Tensor, " n"] | None = None,
    ) -> Float[Tensor, ""]:
        clean = batch.latents
        noisy = interpolate(clean, torch.randn(clean.shape, generator=draws), levels)
        moved = (value.to(self.device) for value in (noisy, levels, clean))
        noisy, levels, clean = moved
        made = self.module(sequence.to(self.device), noisy, levels)
        if is_held is not None:  # context asks for no answer
            levels = levels.masked_fill(is_held.to(self.device), 0.0)
        return velocity_loss(made, clean, levels, floor=self.noise.floor)
