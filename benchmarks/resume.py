"""Runs that are killed and go on: their curves, line by line, against those of runs that were left alone."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.harness import Benchmark, Number, Options, Reading, at_most, main
from misora.core.logs import read_metrics
from misora.core.seeds import derive, numpy_rng

if TYPE_CHECKING:
    from misora.train.recipes import Recipe

STEPS = 24
KILLS = ((2, 8), (14, 20))  # between which lines of the curve each kill falls
CLIPS = {"train": 24, "held_out": 8}
ROOT = Path(__file__).resolve().parents[1]
_PATIENCE_SECONDS = 900
_GLANCE_SECONDS = 0.02
_PROGRAM = "import json, sys; from benchmarks.resume import train_part; train_part(**json.loads(sys.argv[1]))"


def measure(options: Options) -> Iterator[Reading]:
    """Film a corpus, then train each part twice: left alone, and killed at random moments and started again.

    Args:
        options: the seed draws the clips, the weights and the moments.

    Yields:
        How many lines of the two curves differ, the time of a step left out.
    """
    with tempfile.TemporaryDirectory() as folder:
        corpus = _film(Path(folder, "corpus"), seed=options.seed)
        for part in ("autoencoder", "transformer"):
            words = {"part": part, "corpus": str(corpus), "model": f"{folder}/autoencoder-whole", "seed": options.seed}
            whole, killed = Path(folder, f"{part}-whole"), Path(folder, f"{part}-killed")
            _finish(_start(words, whole))
            kills = kill_and_finish(words, killed, seed=derive(options.seed, "resume", part))
            curves = curve(whole), curve(killed)
            settings = {"lines": len(curves[0]), "steps": STEPS, "kills": kills, "clips": CLIPS}
            yield Reading(name=f"resume_{part}_differing_lines", value=num_differing(*curves), settings=settings)


def train_part(*, part: str, corpus: str, out: str, model: str, seed: int) -> None:
    """Train a smoke recipe of few steps by the command's own path; called in a process of its own.

    Args:
        part: `autoencoder` or `transformer`.
        corpus: folder of the corpus.
        out: folder of the run; an unfinished run in it goes on.
        model: folder with the trained autoencoder, for the transformer.
        seed: of weights, noise and data order.
    """
    from misora.train.recipes import RECIPES
    from misora.train.start import train

    name = f"{part}_resume"
    RECIPES[name] = lambda: short(RECIPES[f"{part}_smoke"]())
    train(name, corpus=corpus, out=out, model=model if part == "transformer" else None, seed=seed)


def short(recipe: Recipe) -> Recipe:
    """Vary a recipe: few steps, two looks at held-out clips, a checkpoint after nearly every step.

    Args:
        recipe: a smoke recipe.

    Returns:
        The variation.
    """
    from misora.train.schedule import Schedule

    schedule = Schedule(steps=STEPS, warmup_steps=4)
    settings = replace(recipe.settings, schedule=schedule, validate_every=STEPS // 2, save_every_seconds=0.5)
    return replace(recipe, settings=settings)


def kill_and_finish(words: dict[str, Any], out: Path, *, seed: int) -> list[dict[str, float]]:
    """Start a run, kill it at a random moment, start it again, and let the last start finish.

    Args:
        words: for `train_part`, without `out`.
        out: folder of the run.
        seed: of the moments.

    Returns:
        For each kill, the lines that the curve had and the seconds waited after the last of them.

    Raises:
        RuntimeError: a run failed, or ended before it could be killed.
    """
    rng = numpy_rng(seed)
    kills = []
    for low, high in KILLS:
        process, num_lines = _start(words, out), int(rng.integers(low, high, endpoint=True))
        last = _wait_for(process, out, num_lines)
        wait_seconds = (
            float(rng.uniform(0, 2)) * last / 1000
        )  # up to two steps: in a step, or while a checkpoint is written
        time.sleep(wait_seconds)
        process.send_signal(signal.SIGKILL)
        if process.wait() != -signal.SIGKILL:
            raise RuntimeError(f"the run in {out.name} ended before it could be killed; its steps are too short here")
        kills.append({"after_lines": num_lines, "and_seconds": wait_seconds})
    _finish(_start(words, out))
    return kills


def curve(folder: Path) -> list[dict[str, Any]]:
    """Read the curve of a run.

    Args:
        folder: of the run.

    Returns:
        Its lines without the time that a step took.
    """
    return [{name: value for name, value in line.items() if name != "ms"} for line in _lines(folder)]


def num_differing(one: list[dict[str, Any]], other: list[dict[str, Any]]) -> int:
    """Count the lines in which two curves differ, to the last bit; a line that only one has differs.

    Args:
        one: lines of a curve.
        other: lines of another.

    Returns:
        How many differ.
    """
    return sum(json.dumps(a) != json.dumps(b) for a, b in zip_longest(one, other))


def _film(path: Path, *, seed: int) -> Path:
    from misora.corpus.film import film_corpus

    for split, clips in CLIPS.items():
        film_corpus(path, clips=clips, seed=seed, split=split, on_progress=lambda _: None)
    return path


def _start(words: dict[str, Any], out: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", _PROGRAM, json.dumps({**words, "out": str(out)})]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)


def _finish(process: subprocess.Popen[bytes]) -> None:
    if code := process.wait(_PATIENCE_SECONDS):
        raise RuntimeError(f"a training run ended with {code}; its words stand above")


def _wait_for(process: subprocess.Popen[bytes], out: Path, num_lines: int) -> float:
    """Wait until the curve has so many lines; the milliseconds of the last step."""
    patience = time.monotonic() + _PATIENCE_SECONDS
    while len(lines := _lines(out)) < num_lines:
        if process.poll() is not None or time.monotonic() > patience:
            process.kill()
            raise RuntimeError(f"the run in {out.name} stopped at {len(lines)} lines; its words stand above")
        time.sleep(_GLANCE_SECONDS)
    return next((line["ms"] for line in reversed(lines) if "ms" in line), 0.0)


def _lines(folder: Path) -> list[dict[str, Any]]:
    path = folder / "metrics.jsonl"
    return read_metrics(path) if path.exists() else []


BENCHMARK = Benchmark(
    name="resume",
    about="Training runs killed twice at random moments and started again, against runs left alone.",
    minutes=2,
    numbers=tuple(
        Number(
            name=f"resume_{part}_differing_lines",
            about=f"lines of the {part}'s curve that differ from a run left alone",
            bar=at_most(0),
            floor=0,
        )
        for part in ("autoencoder", "transformer")
    ),
    measure=measure,
)

if __name__ == "__main__":
    main(BENCHMARK)
