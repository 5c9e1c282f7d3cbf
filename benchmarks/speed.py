"""Our transformer's step against diffusers' `WanTransformer3DModel` on the same clips: tokens a second, ours over theirs.

All networks of one comparison run in one process, in turn, with the same threads and the same memory allocator; glibc's
default gives large blocks back after every step, and the page faults that follow cost both sides alike.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from benchmarks.harness import Benchmark, Number, Options, Reading, main
from misora.core.errors import UsageError

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from benchmarks.contest import Clips, Contestant
    from misora.model.dial import TransformerSize

MODES, DTYPES, FORMS = ("train", "sample"), ("bf16", "fp32"), ("eager", "compiled")
COUNTS: dict[str, Callable[[Contestant], int]] = {
    "equal_parameters": lambda network: network.num_parameters,
    "equal_flops": lambda network: network.forward_flops,
}
HIDDEN_STEP = 32
TOLERANCE = 0.03


def measure(options: Options) -> Iterator[Reading]:
    """Race both networks in every form.

    Args:
        options: the seed draws latents, text and times; a full run compiles whole networks instead of their blocks.

    Yields:
        Ratios of tokens a second, ours over theirs; skipped ones have a reason instead of a value.
    """
    from benchmarks.contest import use_all_cores, why_no_dtype
    from misora.train.recipes import transformer_nano

    wan_class()  # says at once what is missing
    use_all_cores()
    size = transformer_nano().size
    for mode in MODES:
        for dtype in DTYPES:
            for form in FORMS:
                reason = why_no_dtype(dtype, is_full=options.full) or why_no_form(form)
                args = (mode, dtype, form)
                yield from _skipped(*args, reason) if reason else ratios(size, *args, options=options)


def ratios(
    size: TransformerSize, mode: str, dtype: str, form: str, *, options: Options, num_clips: int | None = None
) -> Iterator[Reading]:
    """Race ours against a Wan network of equal parameters and one of equal operations.

    Args:
        size: of ours.
        mode: `train` for forward and backward, `sample` for forward alone.
        dtype: `bf16` or `fp32`.
        form: `eager` or `compiled`.
        options: seed and extent.
        num_clips: of a step; those of the mode when not given.

    Yields:
        Two ratios; a compiler that fails leaves its reason instead.
    """
    from benchmarks import contest

    num_clips = num_clips or contest.CLIPS[mode]
    clips, kind = contest.draw_clips(size, num_clips=num_clips, seed=options.seed), contest.DTYPES[dtype]
    mine = contest.ours(size, clips, kind)
    hidden = fitted(size, num_clips=num_clips)
    theirs = {match: wan(size, clips, kind, hidden=width) for match, width in hidden.items()}
    try:
        seconds = _race({"ours": mine, **theirs}, mode, form, is_full=options.full)
    except Exception as error:
        if form == "eager":
            raise
        yield from _skipped(mode, dtype, form, f"compiling failed: {type(error).__name__}: {str(error)[:200]}")
        return
    for match, their in theirs.items():
        settings = {
            "ours_ms": 1000 * seconds["ours"],
            "wan_ms": 1000 * seconds[match],
            "wan_hidden": hidden[match],
            "wan_parameters_over_ours": their.num_parameters / mine.num_parameters,
            "wan_flops_over_ours": their.forward_flops / mine.forward_flops,
            **contest.described(mode, num_clips),
            "diffusers": version("diffusers"),
        }
        yield Reading(name=_name(mode, dtype, form, match), value=seconds[match] / seconds["ours"], settings=settings)


def wan(size: TransformerSize, clips: Clips, dtype: torch.dtype, *, hidden: int) -> Contestant:
    """Build diffusers' Wan transformer with our depth, width and heads; the clips are one batch, one level each.

    One cell is one token (a patch of one), and all weights take the type of the arithmetic, which is its quickest form.

    Args:
        size: whose depth, width, heads and channels it takes.
        clips: to work on.
        dtype: of the arithmetic.
        hidden: width of its feed-forward layers.

    Returns:
        The contestant.

    Raises:
        UsageError: diffusers is not installed.
    """
    from benchmarks.contest import TEXT_TOKENS, attention_flops, contestant, seeded
    from misora.model.dial import HEAD_WIDTH

    build = wan_class()
    module = seeded(
        lambda: build(
            patch_size=(1, 1, 1),
            num_attention_heads=size.num_heads,
            attention_head_dim=HEAD_WIDTH,
            in_channels=size.latent_channels,
            out_channels=size.latent_channels,
            text_dim=size.text_channels,
            ffn_dim=hidden,
            num_layers=size.depth,
            rope_max_seq_len=64,
        )
    ).to(dtype)
    noisy, text, times = clips.noisy.to(dtype), clips.text.to(dtype), 1000 * clips.times

    def predict() -> Tensor:
        return module(noisy, timestep=times, encoder_hidden_states=text, return_dict=False)[0].float()

    keys = clips.grid.num_tokens + TEXT_TOKENS
    attention = size.depth * attention_flops(clips.num_tokens, keys, size.width)
    return contestant(module, predict, clips.target, attention=attention)


@cache
def fitted(size: TransformerSize, *, num_clips: int) -> dict[str, int]:
    """Find the feed-forward widths at which a Wan transformer of our depth and width has as much as ours.

    Args:
        size: of our network.
        num_clips: of a step.

    Returns:
        For equal parameters and for equal operations a multiple of 32.

    Raises:
        ValueError: no width comes within three per cent.
    """
    import torch

    from benchmarks.contest import draw_clips, ours

    clips = draw_clips(size, num_clips=num_clips, seed=0)
    mine = ours(size, clips, torch.float32)
    low, high = (wan(size, clips, torch.float32, hidden=times * size.width) for times in (2, 4))
    return {match: _fit(size.width, count(mine), count(low), count(high)) for match, count in COUNTS.items()}


def wan_class() -> Any:
    """Find diffusers' Wan transformer; nothing is downloaded, the weights are random.

    Returns:
        The class.

    Raises:
        UsageError: diffusers is not installed.
    """
    try:
        from diffusers import WanTransformer3DModel  # pyright: ignore[reportMissingImports]
        from diffusers.utils import logging  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise UsageError(
            "the comparison needs diffusers, an extra: pip install 'misora[rivals]' (in a checkout: pip install -e '.[rivals]')"
        ) from error
    logging.set_verbosity_error()  # about norms that it would rather keep in float32; here one type holds for all
    return WanTransformer3DModel


def why_no_form(form: str) -> str | None:
    """Say why torch cannot compile here; None where it can, or need not."""
    compiler = os.environ.get("CXX", "g++")
    if form == "eager" or shutil.which(compiler):
        return None
    return f"torch.compile needs a C++ compiler, and {compiler} is not installed"


def _fit(width: int, target: int, low: int, high: int) -> int:
    """Find where a straight line through a count at two and at four times the width meets the target."""
    slope = (high - low) / (2 * width)
    hidden = max(HIDDEN_STEP, round((2 * width + (target - low) / slope) / HIDDEN_STEP) * HIDDEN_STEP)
    reached = low + slope * (hidden - 2 * width)
    if abs(reached / target - 1) > TOLERANCE:
        raise ValueError(f"no feed-forward width makes {target} equal: {hidden} gives {reached:.0f}")
    return hidden


def _race(networks: dict[str, Contestant], mode: str, form: str, *, is_full: bool) -> dict[str, float]:
    import torch
    from torch._dynamo import config

    from benchmarks.contest import TIMED, gradient_step, race

    if form == "compiled":
        torch.compiler.reset()
        for network in networks.values():
            blocks: Any = network.module.blocks
            for part in (network.module,) if is_full else blocks:
                part.compile(dynamic=False)
    step = gradient_step if mode == "train" else lambda network: torch.no_grad()(network.predict)
    with config.patch(recompile_limit=64, fail_on_recompile_limit_hit=True):  # no silent way back to eager
        return race({name: step(network) for name, network in networks.items()}, timed=TIMED[mode])


def _skipped(mode: str, dtype: str, form: str, reason: str) -> Iterator[Reading]:
    for match in COUNTS:
        yield Reading(name=_name(mode, dtype, form, match), value=float("nan"), settings={"skipped": reason})


def _name(mode: str, dtype: str, form: str, match: str) -> str:
    return f"{mode}_{dtype}_{form}_over_wan_{match}"


_STEPS = {"train": "forward and backward of a full pack", "sample": "forward of a clip with its text and without"}

BENCHMARK = Benchmark(
    name="speed",
    about="Tokens a second of our transformer over those of diffusers' Wan on the same clips; above 1 is quicker.",
    minutes=9,
    numbers=tuple(
        Number(name=_name(mode, dtype, form, match), about=f"{_STEPS[mode]}, {dtype}, {form}, {match}")
        for mode in MODES
        for dtype in DTYPES
        for form in FORMS
        for match in COUNTS
    ),
    measure=measure,
)

if __name__ == "__main__":
    main(BENCHMARK)
