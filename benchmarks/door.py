"""What the door costs: help, and one video at default size and steps, each in a fresh process."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.harness import Benchmark, Number, Options, Reading, at_most, main
from misora.core.seeds import numpy_rng

_PROMPTS = ("a red ball rolls left across a green floor", "a blue cube slides right on a wooden floor")
_HELP_RUNS = 7
_GENERATE_RUNS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    seconds: float
    peak_bytes: int


def _run(*words: str) -> _Run:
    """Run a command of misora to its end; wall time, and peak memory of the process."""
    start = time.perf_counter()
    null = os.open(os.devnull, os.O_WRONLY)
    actions = [(os.POSIX_SPAWN_DUP2, null, 1), (os.POSIX_SPAWN_DUP2, null, 2)]
    process = os.posix_spawn(sys.executable, [sys.executable, "-m", "misora", *words], os.environ, file_actions=actions)
    _, status, usage = os.wait4(process, 0)
    os.close(null)
    if code := os.waitstatus_to_exitcode(status):
        raise RuntimeError(f"misora {' '.join(words)} ended with {code}")
    return _Run(seconds=time.perf_counter() - start, peak_bytes=usage.ru_maxrss * 1024)


def measure(options: Options) -> Iterator[Reading]:
    """Time help, then whole generations; the slowest and the largest count.

    Args:
        options: the seed draws prompts and noise.

    Yields:
        Seconds and memory.
    """
    _run("--help")  # once to warm the disk
    helps = [_run("--help").seconds for _ in range(_HELP_RUNS)]
    yield Reading(name="help_seconds", value=median(helps), settings={"runs": _HELP_RUNS, "slowest": max(helps)})
    rng = numpy_rng(options.seed, "door")
    with tempfile.TemporaryDirectory() as folder:
        runs = [
            _run(
                "generate",
                str(rng.choice(_PROMPTS)),
                "-o",
                str(Path(folder, f"{i}.mp4")),
                "--seed",
                str(rng.integers(2**31)),
            )
            for i in range(_GENERATE_RUNS)
        ]
    settings = {"runs": _GENERATE_RUNS, "median_seconds": median(run.seconds for run in runs)}
    yield Reading(name="generate_seconds", value=max(run.seconds for run in runs), settings=settings)
    yield Reading(name="generate_memory_gib", value=max(run.peak_bytes for run in runs) / 2**30, settings=settings)


BENCHMARK = Benchmark(
    name="door",
    about="What the command line costs: help, and a video at default size and steps, start included.",
    minutes=1,
    numbers=(
        Number(name="help_seconds", about="`misora --help`, median", bar=at_most(0.5), floor=0.02),
        Number(name="generate_seconds", about="`misora generate` with its start, slowest", bar=at_most(10)),
        Number(name="generate_memory_gib", about="peak memory of `misora generate`", bar=at_most(2)),
    ),
    measure=measure,
)

if __name__ == "__main__":
    main(BENCHMARK)
