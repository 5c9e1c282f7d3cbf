"""A minute of video: what it costs, and whether floor, colour, count and motion last."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.harness import Benchmark, Number, Options, Reading, at_most, main

PROMPT = "a red ball rolls left across a green floor"
SHORT_SECONDS, LONG_SECONDS = 12, 60


def measure(options: Options) -> Iterator[Reading]:
    """Make a short and a long video in processes of their own, then look at minutes of held-out sentences.

    Args:
        options: the seed, and whether to take 64 sentences instead of 4.

    Yields:
        Memory, time, and what is right in the worst ten seconds.
    """
    with tempfile.TemporaryDirectory() as folder:
        (_, short), (seconds, long) = (
            _generate(Path(folder), each, options.seed) for each in (SHORT_SECONDS, LONG_SECONDS)
        )
    settings = {"prompt": PROMPT, "seconds": LONG_SECONDS, "short_seconds": SHORT_SECONDS, "short_gib": short / 2**30}
    yield Reading(name="minute_memory_gib", value=long / 2**30, settings=settings)
    yield Reading(name="minute_memory_growth", value=long / short, settings=settings)
    yield Reading(name="minute_wall_seconds", value=seconds, settings=settings)
    yield from _looked_at(options)


def _looked_at(options: Options) -> Iterator[Reading]:
    from misora.evaluate.judge import Judge
    from misora.evaluate.minute import CLAIMS, MinuteSettings, as_dict, run_minute_suite, worst
    from misora.model.bundle import load_model

    settings = MinuteSettings(num_prompts=64 if options.full else 4, seed=options.seed)
    report = run_minute_suite(load_model(), Judge.load(), settings=settings)
    known = as_dict(report)
    for name in CLAIMS:
        least = worst(report, name)
        ends = {"low": least.interval.low, "high": least.interval.high}
        yield Reading(name=f"minute_{name}", value=least.value, settings={**known, **ends})
    yield Reading(name="minute_motion", value=min(each.motion for each in report.stretches), settings=known)


def _generate(folder: Path, seconds: int, seed: int) -> tuple[float, int]:
    """Wall time and peak memory of `misora generate`."""
    words = ["generate", PROMPT, "--seconds", str(seconds), "-o", str(folder / f"{seconds}.mp4"), "--seed", str(seed)]
    start, null = time.perf_counter(), os.open(os.devnull, os.O_WRONLY)
    actions = [(os.POSIX_SPAWN_DUP2, null, 1), (os.POSIX_SPAWN_DUP2, null, 2)]
    process = os.posix_spawn(sys.executable, [sys.executable, "-m", "misora", *words], os.environ, file_actions=actions)
    _, status, usage = os.wait4(process, 0)
    os.close(null)
    if code := os.waitstatus_to_exitcode(status):
        raise RuntimeError(f"misora {' '.join(words)} ended with {code}")
    return time.perf_counter() - start, usage.ru_maxrss * 1024


BENCHMARK = Benchmark(
    name="minute",
    about="A video of 60 s at the default size: memory, time, and what is right every ten seconds.",
    minutes=15,
    numbers=(
        Number(name="minute_memory_gib", about="peak memory of `misora generate --seconds 60`", bar=at_most(2.5)),
        Number(
            name="minute_memory_growth",
            about=f"that peak over the peak of {SHORT_SECONDS} s",
            bar=at_most(1.1),
            floor=1.0,
        ),
        Number(name="minute_wall_seconds", about="wall time of `misora generate --seconds 60`, start included"),
        Number(name="minute_floor", about="minutes whose floor is right in the worst ten seconds", floor=1.0),
        Number(name="minute_colour", about="minutes whose colours are right in the worst ten seconds", floor=1.0),
        Number(name="minute_count", about="minutes whose count is right in the worst ten seconds", floor=1.0),
        Number(name="minute_motion", about="median motion in the worst ten seconds, as a share of filmed clips'"),
    ),
    measure=measure,
)

if __name__ == "__main__":
    main(BENCHMARK)
