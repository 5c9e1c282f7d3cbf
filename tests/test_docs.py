"""What the docs say exists, and what exists the docs say."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from benchmarks import pages
from benchmarks.harness import find
from misora import cli

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
IDS = [path.relative_to(ROOT).as_posix() for path in PAGES]
COMMAND = re.compile(r"(?:^\s*(?:\$ )?|`)((?:misora|make|python -m) [^`\n#]+)", re.MULTILINE)


def commands_of(page: Path) -> list[str]:
    """Every command of a page, in code blocks and inline."""
    found = COMMAND.findall(page.read_text(encoding="utf-8").replace("\\\n", " "))
    return [command.strip() for command in found if " " in command.strip()]


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_commands_in_docs_exist(page: Path) -> None:
    for command in commands_of(page):
        program, *words = shlex.split(command)
        if program == "make":
            _check_make(words)
        elif program == "python":
            assert _is_module(words[1]), command
        elif words[0].islower() and words[0].isalpha():
            _check_misora(words)


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_links_in_docs_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
        assert "://" in target or (page.parent / target).exists(), target


def test_every_room_and_command_is_documented() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rooms = [path.name for path in (ROOT / "src" / "misora").iterdir() if (path / "__init__.py").is_file()]
    assert [room for room in rooms if f"`{room}/`" not in readme] == []
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert [name for name in cli.COMMANDS if f"## misora {name}\n" not in text] == []


def test_drawn_pages_are_current() -> None:
    stale = [path.name for path, text in pages.pages(find()).items() if path.read_text(encoding="utf-8") != text]
    assert stale == [], "run `make docs`"


def test_the_readme_is_one_screen() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 100


def test_decisions_are_half_a_page() -> None:
    for path in (ROOT / "docs" / "decisions").glob("*.md"):
        text = path.read_text(encoding="utf-8")
        assert all(f"**{part}.**" in text for part in ("Context", "Choice", "What it costs")), path.name
        assert len(text.splitlines()) <= 40, path.name


def _check_make(words: list[str]) -> None:
    verbs = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = [word for word in words if re.fullmatch(r"[a-z-]+", word)]
    assert set(named[:1]) <= verbs, words


def _is_module(name: str) -> bool:
    if name.endswith(("NAME", ".")):
        return True
    path = Path(*name.split("."))
    places = (ROOT / path, ROOT / "src" / path)
    outside = name.split(".")[0] not in ("benchmarks", "misora")
    return outside or any(p.with_suffix(".py").is_file() or (p / "__main__.py").is_file() for p in places)


def _check_misora(words: list[str]) -> None:
    name = next((" ".join(words[:n]) for n in (2, 1) if " ".join(words[:n]) in cli.COMMANDS), None)
    assert name is not None or words[0].isupper() or any(c.split()[0] == words[0] for c in cli.COMMANDS), words
    if name is not None:
        settings = cli.COMMANDS[name].__doc__ or ""
        for flag in (word for word in words if word.startswith("--") and word != "--help"):
            assert f"\n        {flag[2:].partition('=')[0].replace('-', '_')}:" in settings, f"{name} has no {flag}"
