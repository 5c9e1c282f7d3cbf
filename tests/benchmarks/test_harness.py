import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import harness
from benchmarks.harness import Benchmark, Number, Options, Reading, at_least, at_most, find, run, save

FIELDS = ["name", "value", "bar", "holds", "floor", "settings", "machine", "versions", "commit"]
NUMBERS = (
    Number(name="share", about="right of all", bar=at_least(0.9), floor=1.0),
    Number(name="run_seconds", about="how long", bar=at_most(2)),
)


def _benchmark(*readings: Reading) -> Benchmark:
    def measure(options: Options) -> Iterator[Reading]:
        yield from readings

    return Benchmark(name="toy", about="a toy", minutes=0.1, numbers=NUMBERS, measure=measure)


def test_a_line_holds_all_that_is_needed_to_repeat_it() -> None:
    toy = _benchmark(
        Reading(name="share", value=0.95, settings={"n": 20}), Reading(name="run_seconds", value=3.0, floor=1)
    )
    lines = list(run(toy, Options(seed=7)))
    assert all(list(line) == FIELDS for line in lines)
    assert json.loads(json.dumps(lines)) == lines
    assert [(line["bar"], line["holds"], line["floor"]) for line in lines] == [
        (">= 0.9", True, 1.0),
        ("<= 2", False, 1),
    ]
    assert lines[0]["settings"] == {"seed": 7, "full": False, "n": 20}


def test_a_promised_number_must_be_measured() -> None:
    with pytest.raises(RuntimeError, match="did not measure: run_seconds"):
        list(run(_benchmark(Reading(name="share", value=1.0), Reading(name="extra", value=1.0)), Options(seed=0)))


def test_not_a_number_never_holds() -> None:
    assert not at_least(0).holds(float("nan"))
    assert not at_most(0).holds(float("nan"))
    toy = _benchmark(Reading(name="share", value=float("nan")), Reading(name="run_seconds", value=float("inf")))
    lines = list(run(toy, Options(seed=0)))
    assert [(line["value"], line["holds"]) for line in lines] == [(None, False), (None, False)]


def test_a_bar_that_does_not_hold_ends_in_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["toy", "--seed", "3"])
    with pytest.raises(SystemExit) as stop:
        harness.main(_benchmark(Reading(name="share", value=0.5), Reading(name="run_seconds", value=1.0)))
    assert stop.value.code == 1
    out, words = capsys.readouterr()
    assert [json.loads(line)["settings"]["seed"] for line in out.splitlines()] == [3, 3]
    assert "below the bar: share" in words


def test_results_are_named_by_thing_hardware_and_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(harness, "RESULTS", tmp_path)
    path = save("toy", [{"name": "share"}])
    thing, hardware, date = path.stem.rsplit("_", 2)
    assert (thing, len(date.split("-"))) == ("toy", 3)
    assert "_" not in hardware
    assert json.loads(path.read_text()) == {"name": "share"}


def test_every_benchmark_is_found_under_its_own_name() -> None:
    found = find()
    assert [benchmark.name for benchmark in found] == sorted(benchmark.name for benchmark in found)
    assert all((harness.HERE / f"{benchmark.name}.py").is_file() for benchmark in found)
    names = [number.name for benchmark in found for number in benchmark.numbers]
    assert len(names) == len(set(names)), "two benchmarks promise the same number"
