"""`python -m benchmarks`: name the benchmarks, run them all, or draw the pages made from their results."""

from __future__ import annotations

import argparse
import subprocess
import sys

from benchmarks import pages, refusals, strip, tail
from benchmarks.harness import Benchmark, find


def main() -> int:
    """Parse, call, print.

    Returns:
        The exit code: 0 where all ran and every bar holds.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    wish = parser.add_mutually_exclusive_group(required=True)
    wish.add_argument("--list", action="store_true", help="name every number with its bar and time")
    wish.add_argument("--all", action="store_true", help="run every benchmark, each in a process of its own")
    wish.add_argument(
        "--docs", action="store_true", help="draw docs/numbers.md, docs/commands.md, the README's table and strip"
    )
    parser.add_argument("--seed", type=int, default=0, help="draws prompts, noise, clips and faults")
    parser.add_argument("--full", action="store_true", help="go beyond the half hour of a default run")
    parser.add_argument("--save", action="store_true", help="write the lines to benchmarks/results too")
    words = parser.parse_args()
    benchmarks = find()
    if words.list:
        print("\n".join(_listing(benchmarks)))
        return 0
    if words.docs:
        for path in pages.write(benchmarks):
            print(f"drew {path.relative_to(pages.ROOT)}")
        print(f"drew {strip.draw().relative_to(pages.ROOT)}")
        if lines := tail.newest_lines():
            print(f"drew {tail.draw(lines).relative_to(pages.ROOT)}")
        if lines := tail.newest_lines(of="moderation"):
            print(f"drew {refusals.draw(lines).relative_to(pages.ROOT)}")
        return 0
    flags = ["--seed", str(words.seed), *(["--full"] if words.full else []), *(["--save"] if words.save else [])]
    return max(_run(benchmark, flags) for benchmark in benchmarks)


def _run(benchmark: Benchmark, flags: list[str]) -> int:
    # a process of its own: peak memory and thread settings of one benchmark must not reach the next
    print(f"{benchmark.name}: about {benchmark.minutes:g} min", file=sys.stderr, flush=True)
    return abs(subprocess.run([sys.executable, "-m", f"benchmarks.{benchmark.name}", *flags], check=False).returncode)


def _listing(benchmarks: tuple[Benchmark, ...]) -> list[str]:
    lines: list[str] = []
    for benchmark in benchmarks:
        lines.append(f"{benchmark.name:<12} {benchmark.minutes:>4g} min  {benchmark.about}")
        for number in benchmark.numbers:
            bar = f"must be {number.bar}" if number.bar else "shown"
            lines.append(f"    {number.name:<40} {bar:<16} {number.about}")
    total = sum(benchmark.minutes for benchmark in benchmarks)
    return [*lines, f"{len(benchmarks)} benchmarks, about {total:g} min in all on two cores"]


if __name__ == "__main__":
    raise SystemExit(main())
