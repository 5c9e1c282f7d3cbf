import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.harness import Benchmark, Number, Options, Reading, at_least, run
from benchmarks.pages import card_table, newest, numbers_page, readme_table, readme_with


def _measure(options: Options) -> Iterator[Reading]:
    yield Reading(name="share", value=0.5 + options.seed / 10, settings={"interval": [0.4, 0.6]})


TOY = Benchmark(
    name="toy",
    about="A toy.",
    minutes=1,
    numbers=(Number(name="share", about="right of all", bar=at_least(0.9), floor=1.0),),
    measure=_measure,
)


@pytest.fixture
def results(tmp_path: Path) -> Path:
    for seed, date in ((1, "2026-01-02"), (4, "2026-02-01")):
        lines = run(TOY, Options(seed=seed))
        (tmp_path / f"toy_2core-amx_{date}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return tmp_path


def test_the_newest_result_counts(results: Path) -> None:
    (date, lines) = newest(results)["toy", "2core-amx"]
    assert date == "2026-02-01"
    assert lines[0]["value"] == 0.9


def test_pages_show_value_bar_floor_and_meaning(results: Path) -> None:
    page = numbers_page((TOY,), results)
    assert "| `share` | 0.9 | >= 0.9 | yes | 1 | seed 4, interval [0.4, 0.6] | right of all |" in page
    assert "| right of all | 0.9 | >= 0.9 | 2core-amx |" in readme_table((TOY,), results)


def test_the_readme_shows_the_worst_of_a_family(tmp_path: Path) -> None:
    def measure(_: Options) -> Iterator[Reading]:
        yield from (Reading(name=name, value=value) for name, value in (("a", 0.99), ("b", 0.92), ("c", 0.95)))

    numbers = tuple(Number(name=name, about=name, bar=at_least(0.9), family="least of three") for name in "abc")
    trio = Benchmark(name="trio", about="", minutes=1, numbers=numbers, measure=measure)
    lines = "".join(json.dumps(line) + "\n" for line in run(trio, Options(seed=1)))
    (tmp_path / "trio_2core-amx_2026-01-02.jsonl").write_text(lines)
    assert readme_table((trio,), tmp_path).splitlines()[2:] == ["| least of three | 0.92 | >= 0.9 | 2core-amx |"]


def test_the_system_card_tells_the_cases_of_what_concerns_trust(tmp_path: Path) -> None:
    def measure(_: Options) -> Iterator[Reading]:
        yield Reading(name="found", value=1.0, settings={"of": 7, "changes": 2600})

    number = Number(name="found", about="changes found", bar=at_least(1))
    tests = [
        Benchmark(name=name, about="", minutes=1, numbers=(number,), measure=measure) for name in ("provenance", "toy")
    ]
    for each in tests:
        lines = "".join(json.dumps(line) + "\n" for line in run(each, Options(seed=1)))
        (tmp_path / f"{each.name}_2core-amx_2026-01-02.jsonl").write_text(lines)
    [row] = card_table(tests, tmp_path).splitlines()[2:]
    assert row.startswith("| changes found | 1 | >= 1 | 2600 changes |")


def test_a_benchmark_without_results_says_so(tmp_path: Path) -> None:
    assert "No committed result yet" in numbers_page((TOY,), tmp_path)


def test_the_readme_keeps_all_but_the_table() -> None:
    text = "before\n<!-- numbers: drawn by `make docs` -->\nold\n<!-- end of numbers -->\nafter\n"
    drawn = readme_with("| \\1 new |", text)
    assert drawn == text.replace("old", "| \\1 new |")
    assert readme_with("| \\1 new |", drawn) == drawn
    with pytest.raises(ValueError, match="once each"):
        readme_with("", "no marks")
