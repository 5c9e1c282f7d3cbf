"""Recipes: functions that return a run. Each states its command, hours, hardware and the score it must reach.

A variation is `dataclasses.replace` of a recipe's settings, or a function of its own below.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from typing import Literal

from misora.corpus.plan import PlanSettings
from misora.model.autoencoder import AutoencoderSize
from misora.model.bundle import Limits
from misora.model.dial import TransformerSize, size_for
from misora.train.optimiser import OptimiserSettings
from misora.train.patterns import PatternShares
from misora.train.picture_loss import PictureWeights
from misora.train.schedule import Schedule
from misora.train.task import RunSettings
from misora.train.transformer_task import NoiseSettings

NANO_LIMITS = Limits(min_side_px=64, max_side_px=160, max_seconds=3.0, min_fps=6.0, max_fps=12.0, max_tokens=512)
"""What footage of 96 to 128 px, 1 to 3 s and 8 or 12 frames/s can teach, and a little beyond."""
WIDE_LIMITS = Limits(max_side_px=160, min_fps=6.0, max_fps=12.0, default_fps=12.0)
"""What footage of 64 to 160 px, 1 to 4 s and 8 or 12 frames/s can teach."""
WIDE_PATTERNS = PatternShares(ends=0.12, middle=0.04, groups=0.05, box=0.07, rough=0.07, rising=0.04, held=0.06)
"""All that abilities ask; more than half of the clips know nothing, since most videos are asked with words alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoencoderRecipe:
    """An autoencoder to train.

    Attributes:
        settings: of the run.
        size: of the network.
        groups_per_step: groups of four frames in a step.
        crop_px: side of the square crops.
        code_noise: deviation of the noise on codes.
        weights: of the loss.
        is_encoder_kept: train the decoder alone, so that transformers keep their latents.
    """

    settings: RunSettings
    size: AutoencoderSize
    groups_per_step: int = 96
    crop_px: int = 96
    code_noise: float = 0.05
    weights: PictureWeights = field(default_factory=PictureWeights)
    is_encoder_kept: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TransformerRecipe:
    """A transformer to train.

    Attributes:
        settings: of the run.
        size: of the network.
        plan: how clips are drawn and packed.
        noise: levels, what is known, what is dropped.
        limits: what the model will be asked at most, and by default.
    """

    settings: RunSettings
    size: TransformerSize
    plan: PlanSettings = field(default_factory=PlanSettings)
    noise: NoiseSettings = field(default_factory=NoiseSettings)
    limits: Limits = NANO_LIMITS


Recipe = AutoencoderRecipe | TransformerRecipe
Part = Literal["autoencoder", "transformer"]


def taught_by(recipe: TransformerRecipe) -> tuple[str, ...]:
    """Name what a transformer is taught to know besides words.

    Args:
        recipe: of its run.

    Returns:
        The patterns that are drawn, `cards`, and the kinds of control, as `Limits.taught` wants them.
    """
    patterns, noise = recipe.noise.patterns, recipe.noise
    shares = {spec.name: getattr(patterns, spec.name) for spec in fields(patterns)}
    shares |= {"cards": recipe.plan.card_share}
    if recipe.plan.has_controls:
        shares |= {"camera": noise.camera_share, "track": noise.track_share}
    return tuple(name for name, share in shares.items() if share > 0)


def autoencoder_nano() -> AutoencoderRecipe:
    """Autoencoder of `playroom-nano`: 4 x 16 x 16 pixels to 64 numbers.

    Command: misora train autoencoder_nano --corpus data/playroom --out runs/autoencoder
    Hardware: two CPU cores with bfloat16 products, about half an hour.
    Score: 31 dB over all and 23 dB on moving pixels of held-out clips.
    """
    return AutoencoderRecipe(
        settings=RunSettings(
            recipe="autoencoder_nano",
            schedule=Schedule(steps=1300, warmup_steps=40, decay_share=0.28),
            optimiser=OptimiserSettings(matrix_rate=0.004, vector_rate=1.5e-3, average=0.99),
            validate_every=200,
        ),
        size=AutoencoderSize(),
    )


def transformer_nano() -> TransformerRecipe:
    """Transformer of `playroom-nano`: 6 blocks, 12.8 M parameters.

    Command: misora train transformer_nano --corpus data/playroom --model runs/autoencoder --out runs/transformer
    Hardware: two CPU cores with bfloat16 products, two hours and a half.
    Score: held-out prompts, floor 0.90, object colour 0.80, motion 0.70; what it reached stands in docs/numbers.md.
    """
    return TransformerRecipe(
        settings=RunSettings(
            recipe="transformer_nano",
            schedule=Schedule(steps=5400, warmup_steps=60, decay_share=0.35),
            optimiser=OptimiserSettings(matrix_rate=0.012, vector_rate=2e-3, average=0.998),
            validate_every=250,
        ),
        size=size_for(6),
    )


def autoencoder_wide() -> AutoencoderRecipe:
    """Autoencoder of the wide playroom, which begins with that of `playroom-nano` and keeps its size.

    Command: misora train autoencoder_wide --start-from playroom-nano --corpus data/wide --out runs/autoencoder-wide
    Hardware: two CPU cores; --steps N ends it at any length.
    Score: 33 dB over all and 25 dB on moving pixels of held-out clips.
    """
    nano = autoencoder_nano()
    settings = replace(
        nano.settings,
        recipe="autoencoder_wide",
        schedule=Schedule(steps=1500, warmup_steps=30, decay_share=0.35),
        optimiser=replace(nano.settings.optimiser, matrix_rate=0.003, vector_rate=1e-3),
        validate_every=100,
    )
    return replace(nano, settings=settings, groups_per_step=48)


def transformer_wide() -> TransformerRecipe:
    """Transformer of the wide playroom: all patterns and controls, on clips of many sizes, beginning with `playroom-nano`.

    Command: misora train transformer_wide --start-from playroom-nano --corpus data/wide --model runs/autoencoder-wide
        --out runs/wide
    Hardware: two CPU cores; --steps N ends it at any length, at its quality for that length.
    Score: held-out prompts, floor 0.95, object colour 0.93, motion 0.88, count 0.85, shape 0.75.
    """
    nano = transformer_nano()
    settings = replace(
        nano.settings, recipe="transformer_wide", schedule=Schedule(steps=6000, warmup_steps=60, decay_share=0.35)
    )
    return replace(
        nano,
        settings=settings,
        plan=PlanSettings(max_tokens=4608, max_clip_tokens=WIDE_LIMITS.max_tokens, card_share=0.15, has_controls=True),
        noise=NoiseSettings(unpinned_share=0.1, camera_share=0.3, track_share=0.3, patterns=WIDE_PATTERNS),
        limits=WIDE_LIMITS,
    )


def autoencoder_adapt() -> AutoencoderRecipe:
    """The bundled autoencoder, brought to footage of one's own.

    Command: misora train autoencoder_adapt --start-from playroom-nano --corpus data/street --out runs/street-autoencoder
    Hardware: two CPU cores with bfloat16 products; not yet timed.
    Score: more signal to noise on footage than before; not yet measured.
    """
    nano = autoencoder_nano()
    settings = _adapting(nano.settings, "autoencoder_adapt", steps=600, matrix_rate=0.003, average=0.98)
    return replace(nano, settings=settings, groups_per_step=64)


def decoder_nano() -> AutoencoderRecipe:
    """The decoder of `playroom-nano` trained on alone: better pictures of the same latents, which transformers keep.

    Command: misora train decoder_nano --start-from playroom-nano --corpus data/playroom --out runs/decoder
    Hardware: two CPU cores, about an hour where they have no bfloat16 products.
    Score: 33 dB as the mean of held-out clips and 25 dB on moving pixels.
    """
    nano = autoencoder_nano()
    settings = replace(
        nano.settings,
        recipe="decoder_nano",
        schedule=Schedule(steps=1200, warmup_steps=30, decay_share=0.6),
        optimiser=replace(nano.settings.optimiser, matrix_rate=0.003, vector_rate=1e-3, average=0.99),
        validate_every=100,
    )
    return replace(nano, settings=settings, groups_per_step=64, is_encoder_kept=True)


def transformer_adapt() -> TransformerRecipe:
    """The bundled transformer, brought to footage of one's own and to the latents of its autoencoder.

    Command: misora train transformer_adapt --start-from playroom-nano --corpus data/street --model runs/street-autoencoder
        --out runs/street
    Hardware: two CPU cores with bfloat16 products; not yet timed.
    Score: a falling loss; not yet measured.
    """
    nano = transformer_nano()
    settings = _adapting(nano.settings, "transformer_adapt", steps=800, matrix_rate=0.005, average=0.99)
    return replace(nano, settings=settings)


def _adapting(settings: RunSettings, recipe: str, *, steps: int, matrix_rate: float, average: float) -> RunSettings:
    """Settings of a short run that begins with trained weights: gentler rates, and half of it falling."""
    return replace(
        settings,
        recipe=recipe,
        schedule=Schedule(steps=steps, warmup_steps=30, decay_share=0.5),
        optimiser=replace(settings.optimiser, matrix_rate=matrix_rate, vector_rate=1e-3, average=average),
        validate_every=steps // 4,
    )


def autoencoder_smoke() -> AutoencoderRecipe:
    """A tiny autoencoder that shows in two minutes that everything runs; its pictures are blurred.

    Command: misora train autoencoder_smoke --corpus data/playroom --out runs/smoke-autoencoder --budget 2m
    Hardware: two CPU cores, two minutes.
    Score: 20 dB over all.
    """
    nano = autoencoder_nano()
    return replace(
        nano,
        settings=replace(
            nano.settings,
            recipe="autoencoder_smoke",
            schedule=Schedule(steps=200, warmup_steps=10),
            validate_every=50,
        ),
        size=AutoencoderSize(widths=(16, 32, 64, 96), encoder_blocks=(1, 1, 1), decoder_blocks=(1, 1, 1, 1)),
        groups_per_step=32,
    )


def transformer_smoke() -> TransformerRecipe:
    """A tiny transformer that shows in two minutes that everything runs; it learns little more than floors.

    Command: misora train transformer_smoke --corpus data/playroom --model runs/smoke-autoencoder --out runs/smoke --budget 2m
    Hardware: two CPU cores, two minutes.
    Score: a falling loss.
    """
    nano = transformer_nano()
    return replace(
        nano,
        settings=replace(
            nano.settings,
            recipe="transformer_smoke",
            schedule=Schedule(steps=200, warmup_steps=10),
            validate_every=100,
        ),
        size=size_for(2),
        plan=replace(nano.plan, max_tokens=3456),
    )


RECIPES: dict[str, Callable[[], Recipe]] = {
    recipe.__name__: recipe
    for recipe in (
        autoencoder_nano,
        transformer_nano,
        decoder_nano,
        autoencoder_adapt,
        transformer_adapt,
        autoencoder_wide,
        transformer_wide,
        autoencoder_smoke,
        transformer_smoke,
    )
}
