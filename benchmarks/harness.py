"""What a benchmark is: named numbers with bars, one JSON line each, a record of the machine beside every line.

A benchmark is a file `benchmarks/NAME.py` that defines `BENCHMARK` and ends with `main(BENCHMARK)`; its heavy imports
happen inside the measuring function, so that listing stays quick.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from misora.core.errors import MisoraError
from misora.core.files import atomic_path
from misora.core.machine import Machine, commit, fingerprint

HERE = Path(__file__).parent
RESULTS = HERE / "results"
_NO_BENCHMARKS = frozenset(
    {
        "__init__",
        "__main__",
        "abilities_strips",
        "contest",
        "damage",
        "gallery",
        "harness",
        "pages",
        "refusals",
        "strip",
        "tail",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What a number must reach.

    Attributes:
        sense: whether the value must be at least or at most the limit.
        limit: the limit itself, in the unit of the number.
    """

    sense: Literal[">=", "<="]
    limit: float

    def holds(self, value: float) -> bool:
        """Judge a value; NaN never holds."""
        return value >= self.limit if self.sense == ">=" else value <= self.limit

    def __str__(self) -> str:
        return f"{self.sense} {self.limit:g}"


def at_least(limit: float) -> Bar:
    """Make a bar that a value must not fall below."""
    return Bar(sense=">=", limit=limit)


def at_most(limit: float) -> Bar:
    """Make a bar that a value must not exceed."""
    return Bar(sense="<=", limit=limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """One number that a benchmark promises to measure.

    Attributes:
        name: how its line is called; ends in its unit where it has one.
        about: what it says, in one line, for the table in the docs.
        bar: what it must reach; None where it is only shown.
        floor: the best value that anything could reach, such as 1.0 for a share; None where unknown.
        family: what the README calls a group of numbers, of which it shows the worst; "" stands alone.
    """

    name: str
    about: str
    bar: Bar | None = None
    floor: float | None = None
    family: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One measured value.

    Attributes:
        name: the number it belongs to.
        value: in the unit of the name.
        settings: what it was measured with, intervals and chance levels included.
        floor: a floor that only the measurement knows; None takes the declared one.
    """

    name: str
    value: float
    settings: Mapping[str, Any] = field(default_factory=dict)
    floor: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line asked for.

    Attributes:
        seed: draws prompts, noise, clips and faults.
        full: go beyond the half hour of a default run.
    """

    seed: int
    full: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """A command that measures some numbers.

    Attributes:
        name: the file's name without its suffix.
        about: what it measures, in one line.
        minutes: how long a default run takes on two cores.
        numbers: what it promises; further readings without a bar are welcome.
        measure: does it, and yields the readings as they come.
    """

    name: str
    about: str
    minutes: float
    numbers: tuple[Number, ...]
    measure: Callable[[Options], Iterator[Reading]]


def run(benchmark: Benchmark, options: Options) -> Iterator[dict[str, Any]]:
    """Measure, and complete every reading to a line of the record.

    Args:
        benchmark: what to measure.
        options: seed and extent.

    Yields:
        One line a reading, as it comes.

    Raises:
        RuntimeError: if a promised number was not measured.
    """
    declared = {number.name: number for number in benchmark.numbers}
    missing = set(declared)
    for reading in benchmark.measure(options):
        missing.discard(reading.name)
        yield _line(declared.get(reading.name, Number(name=reading.name, about="")), reading, options)
    if missing:
        raise RuntimeError(f"benchmark {benchmark.name} promised but did not measure: {', '.join(sorted(missing))}")


def main(benchmark: Benchmark) -> None:
    """Run one benchmark as a command: lines on stdout, words on stderr, exit 1 where a bar does not hold.

    Args:
        benchmark: what to measure.

    Raises:
        SystemExit: with 0 where every bar holds, 1 where one does not, and the code of what a person can mend.
    """
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{benchmark.name}", description=benchmark.about)
    parser.add_argument("--seed", type=int, default=0, help="draws prompts, noise, clips and faults")
    parser.add_argument("--full", action="store_true", help="go beyond the half hour of a default run")
    parser.add_argument("--save", action="store_true", help="write the lines to benchmarks/results too")
    words = parser.parse_args()
    start, lines = time.monotonic(), []
    try:
        for line in run(benchmark, Options(seed=words.seed, full=words.full)):
            lines.append(line)
            print(json.dumps(line), flush=True)
    except MisoraError as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(error.exit_code) from error
    if words.save:
        print(f"saved {save(benchmark.name, lines)}", file=sys.stderr)
    failed = [line["name"] for line in lines if line["holds"] is False]
    print(f"{benchmark.name}: {len(lines)} numbers in {time.monotonic() - start:.0f} s", file=sys.stderr)
    if failed:
        print(f"{benchmark.name}: below the bar: {', '.join(failed)}", file=sys.stderr)
    raise SystemExit(1 if failed else 0)


def save(name: str, lines: list[dict[str, Any]]) -> Path:
    """Write the lines of one run to `results/<thing>_<hardware>_<date>.jsonl`, replacing that day's.

    Args:
        name: the benchmark's name.
        lines: its lines.

    Returns:
        The file.
    """
    path = RESULTS / f"{name}_{_machine().label}_{datetime.now(UTC):%Y-%m-%d}.jsonl"
    with atomic_path(path) as temporary:
        temporary.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def find(folder: Path = HERE) -> tuple[Benchmark, ...]:
    """Import every benchmark of the folder.

    Args:
        folder: where the files lie.

    Returns:
        The benchmarks in order of their names.
    """
    names = sorted(path.stem for path in folder.glob("*.py") if path.stem not in _NO_BENCHMARKS)
    return tuple(import_module(f"benchmarks.{name}").BENCHMARK for name in names)


@cache
def _machine() -> Machine:
    return fingerprint()


def _line(number: Number, reading: Reading, options: Options) -> dict[str, Any]:
    machine = asdict(_machine())
    versions = {"python": machine.pop("python"), **machine.pop("versions")}
    machine.pop("commit")
    return {
        "name": reading.name,
        "value": _plain(reading.value),
        "bar": str(number.bar) if number.bar else None,
        "holds": number.bar.holds(reading.value) if number.bar else None,
        "floor": number.floor if reading.floor is None else reading.floor,
        "settings": _plain({"seed": options.seed, "full": options.full, **reading.settings}),
        "machine": machine,
        "versions": versions,
        "commit": commit(),
    }


def _plain(value: Any) -> Any:
    """Make a value that strict JSON can hold: what is not finite becomes null."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
