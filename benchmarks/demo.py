"""What `make demo` writes, for five seeds, read back from the file and judged."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.harness import Benchmark, Number, Options, Reading, at_least, main

if TYPE_CHECKING:
    from misora.worlds.script import Script

PROMPT = "a red ball rolls left across a green floor"
NUM_SEEDS = 5


def wanted() -> Script:
    """Say what the prompt asks for, in the terms of the judge.

    Returns:
        A script of one shot; light, camera and size are not judged.
    """
    from misora.worlds.script import Beat, Script, Shot, Thing

    beat = Beat(kind="roll", thing=0, direction="left", target=None, from_seconds=0.0, to_seconds=2.0)
    ball = Thing(shape="ball", colour="red", size=0.3)
    shot = Shot(
        floor="green", light="bright", camera="still", things=(ball,), beats=(beat,), from_seconds=0.0, to_seconds=2.0
    )
    return Script(seed=0, seconds=2.0, fps=8, width_px=96, height_px=96, shots=(shot,))


def measure(options: Options) -> Iterator[Reading]:
    """Make, write, read and judge.

    Args:
        options: the first of the seeds.

    Yields:
        How many of the files show everything that was asked.
    """
    from misora.evaluate.judge import Judge
    from misora.evaluate.verdict import COUNTED
    from misora.generate.studio import Studio
    from misora.video.decode import decode

    studio, judge, script = Studio.load(), Judge.load(), wanted()
    wrong: dict[str, list[str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(options.seed, options.seed + NUM_SEEDS):
            path = studio.generate(PROMPT, seed=seed).save(Path(folder) / f"{seed}.mp4")
            claims = judge.judge(decode(path), script).claims
            wrong[str(seed)] = [name for name in COUNTED if claims[name] is False]  # the prompt tells no camera
    accepted = sum(not names for names in wrong.values())
    yield Reading(name="demo_accepted", value=accepted, settings={"prompt": PROMPT, "wrong": wrong})


BENCHMARK = Benchmark(
    name="demo",
    about="What `make demo` writes: five seeds, each file judged in every attribute.",
    minutes=1,
    numbers=(
        Number(
            name="demo_accepted",
            about="of five demo files, those that the judge accepts in every attribute",
            bar=at_least(NUM_SEEDS),
            floor=NUM_SEEDS,
        ),
    ),
    measure=measure,
)

if __name__ == "__main__":
    main(BENCHMARK)
