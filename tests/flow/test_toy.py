"""The toy of docs/toy.md runs as printed."""

import re
from pathlib import Path

import pytest
import torch
from PIL import Image

DOCUMENT = Path(__file__).parents[2] / "docs" / "toy.md"


def script() -> str:
    """The one Python block of the page."""
    blocks = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 1
    return blocks[0]


def test_toy_stays_within_a_hundred_lines() -> None:
    assert sum(bool(line.strip()) for line in script().splitlines()) <= 100


def test_toy_runs_and_keeps_what_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TOY_STEPS", "30")
    with torch.random.fork_rng():
        exec(compile(script(), str(DOCUMENT), "exec"), {"__name__": "toy"})
    printed = capsys.readouterr().out
    assert re.search(r"both ends known .*first point off by 0\.000", printed)
    with Image.open(tmp_path / "toy.png") as picture:
        assert picture.size == (900, 560)
