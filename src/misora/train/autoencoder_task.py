"""Train the autoencoder on closed groups of frames from a corpus."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from einops import rearrange
from jaxtyping import Float, UInt8
from torch import Tensor

from misora.core.config import to_dict
from misora.core.machine import pick_dtype
from misora.core.seeds import derive, generator
from misora.corpus.load import RUN_GROUPS, pixel_batches
from misora.corpus.table import Corpus
from misora.model.autoencoder import Autoencoder, AutoencoderSize, to_frames, to_pixels
from misora.model.bundle import save_part
from misora.train.optimiser import inner_matrices
from misora.train.picture_loss import PictureWeights, moving_pixels, picture_loss, psnr
from misora.train.task import Look, RunSettings, looked_at

OUTSIDE = ("encoder.stem", "encoder.last", "decoder.stem", "decoder.last")
SHOWN_RUNS = 4
STATISTICS_BATCHES = 16


class AutoencoderTask:
    """Reconstruct runs of four groups; the code carries a little noise, as the transformer's answer will."""

    def __init__(
        self,
        corpus: Corpus,
        size: AutoencoderSize,
        settings: RunSettings,
        *,
        weights: PictureWeights | None = None,
        groups_per_step: int = 96,
        crop_px: int = 96,
        code_noise: float = 0.05,
        alone_share: float = 0.15,
        is_encoder_kept: bool = False,
        device: str = "cpu",
    ) -> None:
        """Make the network from the run's seed.

        Args:
            corpus: where the clips are.
            size: of the network.
            settings: of the run.
            weights: of the loss.
            groups_per_step: groups of four frames in a step.
            crop_px: side of the square crops.
            code_noise: deviation of the noise on codes of unit mean square.
            alone_share: share of runs whose groups are decoded without their neighbours.
            is_encoder_kept: train the decoder alone, so that transformers keep their latents.
            device: where to compute.
        """
        self.corpus, self.size, self.settings = corpus, size, settings
        self.weights = weights or PictureWeights()
        self.groups_per_step, self.crop_px = groups_per_step, crop_px
        self.code_noise, self.alone_share, self.device = code_noise, alone_share, device
        self.is_encoder_kept = is_encoder_kept
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(derive(settings.seed, "autoencoder"))
            module = Autoencoder(size)
        self.module = module.to(device, pick_dtype(device)).to(memory_format=torch.channels_last)  # pyright: ignore
        self.module.encoder.requires_grad_(not is_encoder_kept)
        self.matrices = inner_matrices(self.module, outside=OUTSIDE)
        self._shown: list[UInt8[Tensor, "g 4 3 H W"]] = []

    def identity(self) -> Mapping[str, Any]:
        """Name the data and sizes that a continued run must share."""
        return {
            "corpus": self.corpus.version,
            "size": to_dict(self.size),
            "picture": to_dict(self.weights),
            "groups_per_step": self.groups_per_step,
            "crop_px": self.crop_px,
            "code_noise": self.code_noise,
            "alone_share": self.alone_share,
            **({"is_encoder_kept": True} if self.is_encoder_kept else {}),
        }

    def batches(self, start_step: int, *, split: str = "train") -> Iterator[UInt8[Tensor, "g 4 3 H W"]]:
        """Yield the batch of each step."""
        return pixel_batches(
            self.corpus,
            seed=self.settings.seed,
            start_step=start_step,
            groups_per_step=self.groups_per_step,
            crop_px=self.crop_px,
            split=split,
        )

    def loss(self, batch: UInt8[Tensor, "g 4 3 H W"], step: int) -> tuple[Float[Tensor, ""], Mapping[str, float]]:
        """Compute the picture loss of a batch."""
        real = to_pixels(batch.to(self.device))
        code = self.module.encode_groups(real)
        draws = generator(self.settings.seed, "code", step)
        code = code + self.code_noise * torch.randn(code.shape, generator=draws).to(code)
        made = self._decode(code, draws)
        loss = picture_loss(made, real, self.weights, run_groups=RUN_GROUPS)
        return loss, {"psnr_db": psnr((made.detach() - real).square().mean())}

    def validate(self) -> Look:
        """Measure reconstruction of held-out clips, over all and on moving pixels."""
        errors, moving_errors, moving_counts, shown = [], [], [], []
        for batch in self._held_out():
            real = to_pixels(batch.to(self.device))
            code = self.module.encode_groups(real)
            made = self.module.decode_groups(code.unflatten(0, (-1, RUN_GROUPS))).flatten(0, 1)
            error, moves = (made.clamp(-1, 1) - real).square(), moving_pixels(real)
            errors.append(error.mean())
            moving_errors.append((error.mean(1, keepdim=True) * moves).sum())
            moving_counts.append(moves.sum())
            shown.append((real, made))
        moving = torch.stack(moving_errors).sum() / torch.stack(moving_counts).sum().clamp(min=1)
        metrics = {"held_psnr_db": psnr(torch.stack(errors).mean()), "held_moving_db": psnr(moving)}
        return Look(metrics=metrics, picture=_pairs(*shown[0]))

    def finish(self, folder: Path) -> Path:
        """Measure the latent statistics, unless the latents stay what they were, and write the part."""
        if not self.is_encoder_kept:
            self._measure_statistics()
        save_part(folder / "vae", self.module, to_dict(self.size))
        return folder / "vae"

    def _decode(self, code: Float[Tensor, "g c h w"], draws: torch.Generator) -> Float[Tensor, "g 12 H W"]:
        runs = code.unflatten(0, (-1, RUN_GROUPS))
        num_alone = round(self.alone_share * runs.shape[0])
        order = torch.randperm(runs.shape[0], generator=draws)
        alone, together = order[:num_alone], order[num_alone:]
        made = torch.cat(
            (
                self.module.decode_groups(runs[alone].flatten(0, 1).unsqueeze(1)).view(
                    num_alone, RUN_GROUPS, 12, *_sides(runs)
                ),
                self.module.decode_groups(runs[together]),
            )
        )
        return made[order.argsort()].flatten(0, 1)

    def _held_out(self) -> list[UInt8[Tensor, "g 4 3 H W"]]:
        if not self._shown:
            self._shown = list(islice(self.batches(0, split=looked_at(self.corpus)), SHOWN_RUNS))
        return self._shown

    @torch.no_grad()
    def _measure_statistics(self) -> None:
        codes = [
            self.module.encode_groups(to_pixels(batch.to(self.device)))
            for batch in islice(self.batches(0), STATISTICS_BATCHES)
        ]
        channels = rearrange(torch.cat(codes), "g c h w -> c (g h w)").double()
        self.module.mean.copy_(channels.mean(1).bfloat16())
        self.module.deviation.copy_(channels.std(1).bfloat16())


def _sides(code: Tensor) -> tuple[int, int]:
    return code.shape[-2] * 16, code.shape[-1] * 16


def _pairs(real: Float[Tensor, "g 12 H W"], made: Float[Tensor, "g 12 H W"]) -> UInt8[Tensor, "3 h w"]:
    """Lay real frames above their reconstructions, a run a row."""
    num_frames = RUN_GROUPS * 4
    runs = min(SHOWN_RUNS, real.shape[0] // RUN_GROUPS)
    both = torch.stack([to_frames(part[: runs * RUN_GROUPS].cpu()) for part in (real, made)])
    return rearrange(both, "k (r f) rgb h w -> rgb (r k h) (f w)", f=num_frames)
