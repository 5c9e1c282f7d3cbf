"""How much of the rate of plain matrix products a whole training step and a sampling step reach, as misora runs them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.harness import Benchmark, Number, Options, Reading, main

if TYPE_CHECKING:
    import torch

    from benchmarks.contest import Contestant
    from misora.model.dial import TransformerSize

MODES, DTYPES = ("train", "sample"), ("bf16", "fp32")
LAPTOP = {"ONEDNN_MAX_CPU_ISA": "AVX2", "MKL_ENABLE_INSTRUCTIONS": "AVX2", "ATEN_CPU_CAPABILITY": "avx2"}
_TIMED_PRODUCTS = 7
_PROGRAM = "import sys; from benchmarks.share import print_laptop_shares; print_laptop_shares(seed=int(sys.argv[1]))"


def measure(options: Options) -> Iterator[Reading]:
    """Measure here, and again as on an ordinary laptop.

    Args:
        options: the seed draws latents, text and times.

    Yields:
        Shares; skipped ones have a reason instead of a value.
    """
    from benchmarks.contest import use_all_cores, why_no_dtype
    from misora.train.recipes import transformer_nano

    use_all_cores()
    size = transformer_nano().size
    for dtype in DTYPES:
        reason = why_no_dtype(dtype, is_full=options.full)
        for mode in MODES:
            yield _skipped(mode, dtype, reason) if reason else share(size, mode, dtype, seed=options.seed)
    command = [sys.executable, "-c", _PROGRAM, str(options.seed)]
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run(
        command, env={**os.environ, **LAPTOP}, cwd=root, stdout=subprocess.PIPE, text=True, check=True
    )
    yield from (Reading(**json.loads(line)) for line in done.stdout.splitlines())


def share(
    size: TransformerSize, mode: str, dtype: str, *, seed: int, num_clips: int | None = None, label: str | None = None
) -> Reading:
    """Measure one share: operations of a step over its time, over the rate of its matrix products alone.

    Args:
        size: of the network.
        mode: `train` for forward, backward and optimiser; `sample` for forward alone.
        dtype: `bf16` or `fp32`.
        seed: of latents, text and times.
        num_clips: of a step; those of the mode when not given.
        label: stands for the dtype in the name.

    Returns:
        The share; its settings hold both rates.
    """
    from benchmarks.contest import CLIPS, TIMED, described, draw_clips, ours, race
    from benchmarks.contest import DTYPES as TYPES

    num_clips = num_clips or CLIPS[mode]
    clips = draw_clips(size, num_clips=num_clips, seed=seed)
    network = ours(size, clips, TYPES[dtype])
    is_training = mode == "train"
    seconds = race({"": (_training_step if is_training else _sampling_step)(network)}, timed=TIMED[mode])[""]
    rate = network.forward_flops * (3 if is_training else 1) / seconds
    best = matrix_rate(size, num_rows=clips.num_tokens, dtype=TYPES[dtype], is_training=is_training)
    settings = {
        "ms": 1000 * seconds,
        "gflops_per_second": rate / 1e9,
        "matrix_gflops_per_second": best / 1e9,
        **described(mode, num_clips),
    }
    return Reading(name=f"{mode}_{label or dtype}_share", value=rate / best, settings=settings)


def matrix_rate(size: TransformerSize, *, num_rows: int, dtype: torch.dtype, is_training: bool) -> float:
    """Time the plain products of tokens with weights that a block is made of.

    Args:
        size: whose widths they have.
        num_rows: tokens.
        dtype: of the arithmetic.
        is_training: with both products of the backward pass.

    Returns:
        Operations a second.
    """
    import torch

    from benchmarks.contest import race

    width, hidden = size.width, size.hidden
    draws = torch.Generator().manual_seed(0)
    num_flops, seconds = 0, 0.0
    for inner, outer in ((width, 3 * width), *3 * ((width, width),), (width, hidden), (hidden, width)):
        shapes = ((num_rows, inner), (outer, inner), (num_rows, outer))
        rows, weight, grad = (torch.randn(shape, generator=draws).to(dtype) for shape in shapes)
        products: dict[str, Callable[[], Any]] = {"forward": lambda a=rows, b=weight: a @ b.T}
        if is_training:
            products |= {"rows": lambda a=grad, b=weight: a @ b, "weights": lambda a=grad, b=rows: a.T @ b}
        num_flops += 2 * num_rows * inner * outer * len(products)
        seconds += sum(race(products, timed=_TIMED_PRODUCTS).values())
    return num_flops / seconds


def print_laptop_shares(*, seed: int, num_clips: Mapping[str, int] | None = None) -> None:
    """Measure in the arithmetic that misora picks under the present environment; one JSON line a share.

    Args:
        seed: of latents, text and times.
        num_clips: of a step of each mode; the usual ones when not given.
    """
    from benchmarks.contest import CLIPS, use_all_cores
    from benchmarks.contest import DTYPES as TYPES
    from misora.core.machine import capability, pick_dtype
    from misora.train.recipes import transformer_nano

    use_all_cores()
    picked = pick_dtype()
    dtype = next(name for name, value in TYPES.items() if value == picked)
    for mode, number in (num_clips or CLIPS).items():
        reading = share(transformer_nano().size, mode, dtype, seed=seed, num_clips=number, label="avx2")
        settings = {**reading.settings, "dtype": dtype, "capability": capability(), "environment": _environment()}
        print(json.dumps(asdict(Reading(name=reading.name, value=reading.value, settings=settings))), flush=True)


def _training_step(network: Contestant) -> Callable[[], None]:
    from misora.train.optimiser import Optimiser, inner_matrices
    from misora.train.recipes import transformer_nano
    from misora.train.transformer_task import OUTSIDE

    matrices = inner_matrices(network.module, outside=OUTSIDE)
    optimiser = Optimiser(network.module, transformer_nano().settings.optimiser, matrices=matrices)

    def step() -> None:
        (network.predict() - network.target).square().mean().backward()
        optimiser.step(0, rate=0.0)

    return step


def _sampling_step(network: Contestant) -> Callable[[], Any]:
    import torch

    return torch.no_grad()(network.predict)


def _skipped(mode: str, dtype: str, reason: str) -> Reading:
    return Reading(name=f"{mode}_{dtype}_share", value=float("nan"), settings={"skipped": reason})


def _environment() -> dict[str, str]:
    return {name: os.environ[name] for name in LAPTOP if name in os.environ}


_STEPS = {"train": "a training step with its optimiser", "sample": "a sampling step of one clip with guidance"}

BENCHMARK = Benchmark(
    name="share",
    about="Operations a second of whole steps over those of plain matrix products of the same shapes, same run.",
    minutes=2,
    numbers=tuple(
        Number(name=f"{mode}_{label}_share", about=f"{_STEPS[mode]}, {words}", floor=1.0)
        for label, words in (("bf16", "bf16"), ("fp32", "fp32"), ("avx2", "libraries held to AVX2, as on a laptop"))
        for mode in MODES
    ),
    measure=measure,
)

if __name__ == "__main__":
    main(BENCHMARK)
