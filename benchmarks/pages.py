"""Pages drawn from committed results: docs/numbers.md, and the table of the README."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.harness import RESULTS, Benchmark, Number
from misora.core.files import write_atomic

ROOT = Path(__file__).resolve().parents[1]
_START, _END = "<!-- numbers: drawn by `make docs` -->", "<!-- end of numbers -->"
_ABILITIES_PAGE = ROOT / "docs" / "abilities.md"
_MARK_PAGE = ROOT / "docs" / "watermark.md"
_CARD_PAGE = ROOT / "docs" / "system-card.md"
_TRUST_PAGE = ROOT / "docs" / "trust.md"
_MODERATION_PAGE = ROOT / "docs" / "moderation.md"
_TRUST = ("provenance", "trust_cost")
_CARD = ("provenance", "watermark", "moderation", "trust_cost", "soak")
_COUNTS = ("changes", "trials", "of", "files", "clips")


def newest(folder: Path = RESULTS) -> dict[tuple[str, str], tuple[str, list[dict[str, Any]]]]:
    """Read the newest result file of each benchmark on each hardware.

    Args:
        folder: where the result files lie.

    Returns:
        (benchmark, hardware) to (date, lines), in order.
    """
    found: dict[tuple[str, str], tuple[str, list[dict[str, Any]]]] = {}
    for path in sorted(folder.glob("*.jsonl"), key=lambda p: p.stem.rsplit("_", 1)[1]):
        name, hardware, date = path.stem.rsplit("_", 2)
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        found[name, hardware] = (date, lines)
    return dict(sorted(found.items()))


def numbers_page(benchmarks: Iterable[Benchmark], folder: Path = RESULTS) -> str:
    """Draw docs/numbers.md.

    Args:
        benchmarks: those that exist, in the order to show them.
        folder: where the result files lie.

    Returns:
        The page as Markdown.
    """
    results = newest(folder)
    head = "# Numbers\n\nDrawn by `make docs` from `benchmarks/results`; not edited by hand. "
    parts = [head + "`python -m benchmarks --list` names the commands.\n"]
    for benchmark in benchmarks:
        parts.append(
            f"\n## {benchmark.name}\n\n{benchmark.about}\n\n`python -m benchmarks.{benchmark.name} --seed S`\n"
        )
        about = {number.name: number.about for number in benchmark.numbers}
        runs = [(key[1], *value) for key, value in results.items() if key[0] == benchmark.name]
        if not runs:
            parts.append("\nNo committed result yet.\n")
        for hardware, date, lines in runs:
            parts.append(_run(hardware, date, lines, about))
    return "".join(parts)


def readme_table(benchmarks: Iterable[Benchmark], folder: Path = RESULTS) -> str:
    """Draw the README's table: every number that has a bar, of a family the worst, on the hardware it was measured on.

    Args:
        benchmarks: those that exist.
        folder: where the result files lie.

    Returns:
        The table as Markdown.
    """
    rows = [
        f"| {words} | {_value(line)} | {line['bar']} | {on} |"
        for (words, on), line in _worst(benchmarks, folder).items()
    ]
    return "\n".join(["| number | value | bar | on |", "|---|---|---|---|", *rows])


def card_table(benchmarks: Iterable[Benchmark], folder: Path = RESULTS, *, names: tuple[str, ...] = _CARD) -> str:
    """Draw the system card's table: what was tested of safety, with how many cases.

    Args:
        benchmarks: those that exist.
        folder: where the result files lie.
        names: of the benchmarks to take; those of trust, and the long tests.

    Returns:
        The table as Markdown.
    """
    worst = _worst([each for each in benchmarks if each.name in names], folder)
    rows = []
    for (words, _), line in worst.items():
        count = next((f"{line['settings'][name]} {name}" for name in _COUNTS if name in line["settings"]), "")
        rows.append(f"| {words} | {_value(line)} | {line['bar']} | {count.removesuffix(' of')} | {line['commit']} |")
    return "\n".join(["| what | value | bar | cases | commit |", "|---|---|---|---|---|", *rows])


def _worst(benchmarks: Iterable[Benchmark], folder: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """Of each family of numbers with a bar, and each hardware, the line that is worst off."""
    numbers = {number.name: number for benchmark in benchmarks for number in benchmark.numbers if number.bar}
    worst: dict[tuple[str, str], dict[str, Any]] = {}
    for (_, hardware), (_, lines) in newest(folder).items():
        for line in lines:
            if number := numbers.get(line["name"]):
                key = (number.family or number.about, hardware)
                worst[key] = min(worst.get(key, line), line, key=partial(_merit, number))
    return worst


def readme_with(table: str, text: str) -> str:
    """Put the table between its marks.

    Args:
        table: the table as Markdown.
        text: the README or another page, which holds the marks once.

    Returns:
        The page with the new table.

    Raises:
        ValueError: if the marks are missing.
    """
    if text.count(_START) != 1 or text.count(_END) != 1:
        raise ValueError(f"the page must hold {_START!r} and {_END!r} once each")
    block = f"{_START}\n{table}\n{_END}"
    return re.sub(re.escape(_START) + ".*?" + re.escape(_END), lambda _: block, text, flags=re.DOTALL)


def pages(benchmarks: tuple[Benchmark, ...]) -> dict[Path, str]:
    """Draw every generated page.

    Args:
        benchmarks: those that exist.

    Returns:
        Path to content.
    """
    from benchmarks import abilities_strips, refusals, tail
    from misora.cli import commands_page

    readme = ROOT / "README.md"
    return {
        ROOT / "docs" / "numbers.md": numbers_page(benchmarks),
        ROOT / "docs" / "commands.md": commands_page(),
        readme: readme_with(readme_table(benchmarks), readme.read_text(encoding="utf-8")),
        _CARD_PAGE: readme_with(card_table(benchmarks), _CARD_PAGE.read_text(encoding="utf-8")),
        _TRUST_PAGE: readme_with(card_table(benchmarks, names=_TRUST), _TRUST_PAGE.read_text(encoding="utf-8")),
        _MODERATION_PAGE: readme_with(
            refusals.table(tail.newest_lines(of="moderation")), _MODERATION_PAGE.read_text(encoding="utf-8")
        ),
        _ABILITIES_PAGE: readme_with(abilities_strips.section(), _ABILITIES_PAGE.read_text(encoding="utf-8")),
        _MARK_PAGE: readme_with(tail.table(tail.newest_lines()), _MARK_PAGE.read_text(encoding="utf-8")),
    }


def write(benchmarks: tuple[Benchmark, ...]) -> list[Path]:
    """Write every generated page that changed.

    Args:
        benchmarks: those that exist.

    Returns:
        The pages that changed.
    """
    changed = []
    for path, text in pages(benchmarks).items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            write_atomic(path, text.encode())
            changed.append(path)
    return changed


def _run(hardware: str, date: str, lines: list[dict[str, Any]], about: dict[str, str]) -> str:
    if not lines:
        return ""
    machine, versions = lines[0]["machine"], lines[0]["versions"]
    head = (
        f"\n### {hardware}, {date}\n\n{machine['processor']}, {machine['capability']}, {machine['num_cores']} cores"
        f"{', ' + machine['accelerator'] if machine['accelerator'] else ''}; torch {versions.get('torch', '?')}; "
        f"commit {lines[0]['commit']}\n\n| number | value | bar | holds | floor | settings | |\n|---|---|---|---|---|---|---|\n"
    )
    return head + "".join(_row(line, about) for line in lines)


def _row(line: dict[str, Any], about: dict[str, str]) -> str:
    holds = {True: "yes", False: "**no**", None: ""}[line["holds"]]
    floor = "" if line["floor"] is None else f"{line['floor']:g}"
    settings = ", ".join(f"{k} {_short(v)}" for k, v in line["settings"].items() if v not in (False, None))
    words = about.get(line["name"], "")
    return f"| `{line['name']}` | {_value(line)} | {line['bar'] or ''} | {holds} | {floor} | {settings} | {words} |\n"


def _merit(number: Number, line: dict[str, Any]) -> float:
    """Rank lines of a family: the higher the better; what could not be measured comes last."""
    if number.bar is None or line["value"] is None:
        return float("-inf")
    return line["value"] if number.bar.sense == ">=" else -line["value"]


def _value(line: dict[str, Any]) -> str:
    value = line["value"]
    if value is None:
        return "–"
    return str(value) if isinstance(value, int | str) else f"{value:.4g}"


def _short(value: Any) -> str:
    text = f"{value:.4g}" if isinstance(value, float) else json.dumps(value, ensure_ascii=False).strip('"')
    return text.replace("|", "\\|")
