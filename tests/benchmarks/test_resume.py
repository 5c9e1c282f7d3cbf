import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import resume
from misora.train import recipes

# a run without a network: writes a line every few milliseconds, and goes on where the last start stopped
PROGRAM = """
import json, pathlib, sys, time
path = pathlib.Path(sys.argv[1]) / "metrics.jsonl"
path.parent.mkdir(exist_ok=True)
lines = path.read_text().split("\\n")[:-1] if path.exists() else []
with path.open("w") as file:
    for step in range(26):
        file.write(json.dumps({"step": step, "loss": 1 / (1 + step), "ms": 20}) + "\\n")
        file.flush()
        time.sleep(0.02 * (step >= len(lines)))
"""


def test_a_killed_run_ends_on_the_same_curve(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def start(words: dict[str, Any], out: Path) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-S", "-c", PROGRAM, str(out)])

    monkeypatch.setattr(resume, "_start", start)
    resume._finish(start({}, tmp_path / "whole"))
    kills = resume.kill_and_finish({}, tmp_path / "killed", seed=3)
    assert len(kills) == len(resume.KILLS)
    assert resume.num_differing(resume.curve(tmp_path / "whole"), resume.curve(tmp_path / "killed")) == 0


def test_a_run_that_fails_is_no_result(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(resume, "_start", lambda words, out: subprocess.Popen([sys.executable, "-S", "-c", "1 / 0"]))
    with pytest.raises(RuntimeError, match="stopped at 0 lines"):
        resume.kill_and_finish({}, tmp_path, seed=0)


def test_lines_differ_by_a_bit_or_by_being_there() -> None:
    one = [{"step": 0, "loss": 0.1}, {"step": 1, "loss": 0.2}]
    assert resume.num_differing(one, one) == 0
    assert resume.num_differing(one, [one[0], {"step": 1, "loss": 0.2 + 2**-54}]) == 1
    assert resume.num_differing(one, one[:1]) == 1


@pytest.mark.parametrize("name", ["autoencoder_smoke", "transformer_smoke"])
def test_the_variation_is_short_and_saves_often(name: str) -> None:
    recipe = resume.short(recipes.RECIPES[name]())
    assert recipe.settings.recipe == name
    assert recipe.settings.schedule.steps == resume.STEPS > resume.KILLS[-1][1]
    assert recipe.settings.save_every_seconds < 1
