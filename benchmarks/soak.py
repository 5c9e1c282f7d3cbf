"""Long tests as numbers: kills, fuzz, endurance. Run by `make soak`; the results are committed."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

from benchmarks.harness import Benchmark, Number, Options, Reading, at_least, at_most, main

_ROOT = Path(__file__).resolve().parents[1]


def measure(options: Options) -> Iterator[Reading]:
    """Run every test marked soak.

    Args:
        options: the seed reaches the tests as MISORA_SEED.

    Yields:
        How many passed and failed, and the seconds of each.
    """
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "soak.xml"
        words = [sys.executable, "-m", "pytest", "-q", "-m", "soak", f"--junitxml={report}", "tests"]
        subprocess.run(
            words, cwd=_ROOT, env={**os.environ, "MISORA_SEED": str(options.seed)}, check=False, stdout=sys.stderr
        )
        cases = list(ET.parse(report).getroot().iter("testcase"))
    failed = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
    skipped = [case for case in cases if case.find("skipped") is not None]
    passed = [case for case in cases if case not in failed and case not in skipped]
    seconds = {_name(case): round(float(case.get("time", 0)), 1) for case in passed}
    yield Reading(name="soak_passed", value=len(passed), settings={"seconds": seconds})
    yield Reading(name="soak_failed", value=len(failed), settings={"failed": [_name(case) for case in failed]})
    yield Reading(name="soak_skipped", value=len(skipped), settings={"skipped": [_name(case) for case in skipped]})


def _name(case: ET.Element) -> str:
    return f"{case.get('classname', '').removeprefix('tests.')}.{case.get('name')}"


BENCHMARK = Benchmark(
    name="soak",
    about="Kills, fuzz and endurance: every test marked soak.",
    minutes=2,
    numbers=(
        Number(name="soak_passed", about="long tests passed", bar=at_least(1)),
        Number(name="soak_failed", about="long tests failed", bar=at_most(0), floor=0),
    ),
    measure=measure,
)

if __name__ == "__main__":
    main(BENCHMARK)
