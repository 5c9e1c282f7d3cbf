"""The loop: a killed run goes on to the identical curve, bad numbers stop it."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Collection
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from misora.core.errors import NumericsError, StoppedError
from misora.core.logs import read_metrics
from misora.train.optimiser import OptimiserSettings
from misora.train.run import run
from misora.train.schedule import Schedule
from misora.train.task import Look, RunSettings

PROGRAM = """
import sys, itertools, torch
from pathlib import Path
from tests.train.test_run import LineTask
from misora.train.run import run
torch.set_num_threads(1)
run(LineTask(steps=int(sys.argv[2]), pause=0.01), Path(sys.argv[1]), is_quiet=True)
"""


class LineTask:
    """Fit a small network to points drawn anew at every step."""

    def __init__(self, *, steps: int, bad: Collection[int] = (), pause: float = 0.0) -> None:
        self.settings = RunSettings(
            recipe="line",
            schedule=Schedule(steps=steps, warmup_steps=5),
            optimiser=OptimiserSettings(),
            validate_every=20,
            save_every_seconds=0.05,
        )
        torch.manual_seed(0)
        self.module = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 1))
        self.matrices = frozenset({"2.weight"})
        self.bad, self.pause = bad, pause

    def identity(self) -> dict[str, str]:
        return {"data": "line"}

    def batches(self, start_step: int):
        while True:
            yield torch.randn(32, 4, generator=torch.Generator().manual_seed(start_step))
            start_step += 1

    def loss(self, batch: torch.Tensor, step: int):
        time.sleep(self.pause)
        loss = (self.module(batch) - batch.sum(1, keepdim=True)).square().mean()
        if step in self.bad:
            loss = loss * float("nan")
        return loss, {}

    def validate(self) -> Look:
        return Look(metrics={"held": self.module[0].weight.sum().item()}, picture=None)

    def finish(self, folder: Path) -> Path:
        return folder


def curve(folder: Path) -> list[dict[str, float]]:
    return [{k: v for k, v in line.items() if k != "ms"} for line in read_metrics(folder / "metrics.jsonl")]


def test_a_killed_run_goes_on_to_the_identical_curve(tmp_path: Path) -> None:
    steps = 120
    run(LineTask(steps=steps), tmp_path / "whole", is_quiet=True)
    killed = tmp_path / "killed"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(killed), str(steps)], env=environment)
    while not list(killed.glob("checkpoint-*")) and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert list(killed.glob("checkpoint-*"))
    run(LineTask(steps=steps), killed, is_quiet=True)
    assert curve(killed) == curve(tmp_path / "whole")


def test_a_run_may_be_ended_early_and_taken_up_again_and_says_so(tmp_path: Path) -> None:
    assert not run(LineTask(steps=100), tmp_path, budget_seconds=0.0, is_quiet=True).is_finished
    assert run(LineTask(steps=100), tmp_path, steps=30, is_quiet=True).step == 30
    assert curve(tmp_path)[-1]["step"] == 29
    assert run(LineTask(steps=100), tmp_path, is_quiet=True).step == 30  # as was said before
    assert run(LineTask(steps=100), tmp_path, steps=50, is_quiet=True).step == 50
    rates = [line["rate"] for line in curve(tmp_path) if "rate" in line]
    assert rates[29] < 0.1 < 1.0 == rates[36] > rates[49]
    schedule = json.loads((tmp_path / "settings.json").read_text())["run"]["schedule"]
    assert (schedule["steps"], schedule["raised_at"]) == (50, 30)


def test_a_run_that_ends_early_stops_and_goes_on_to_the_identical_curve(tmp_path: Path) -> None:
    for name in ("whole", "halves"):
        run(LineTask(steps=30), tmp_path / name, budget_seconds=0.0, is_quiet=True)
    run(LineTask(steps=30), tmp_path / "whole", steps=20, is_quiet=True)
    halted = run(LineTask(steps=30, pause=0.005), tmp_path / "halves", steps=20, budget_seconds=0.03, is_quiet=True)
    while not halted.is_finished:
        halted = run(LineTask(steps=30), tmp_path / "halves", is_quiet=True)
    assert curve(tmp_path / "whole") == curve(tmp_path / "halves")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_asked_to_stop_saves_its_last_step(tmp_path: Path, how: signal.Signals) -> None:
    timer = threading.Timer(0.2, os.kill, [os.getpid(), how])
    timer.start()
    with pytest.raises(StoppedError, match="keeps the whole state; run it again") as stopped:
        run(LineTask(steps=1000, pause=0.01), tmp_path, is_quiet=True)
    step = len(curve(tmp_path))
    assert f"before step {step};" in str(stopped.value)
    assert list(tmp_path.glob(f"checkpoint-{step:07d}.*"))


def test_steps_that_are_not_finite_stop_the_run(tmp_path: Path) -> None:
    with pytest.raises(NumericsError, match="5 steps in a row up to 7 were not finite"):
        run(LineTask(steps=20, bad=range(3, 20)), tmp_path, is_quiet=True)


def test_a_step_that_is_not_finite_is_skipped_logged_and_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = run(LineTask(steps=12, bad=(3, 4, 9)), tmp_path)
    assert (outcome.step, outcome.num_skipped) == (12, 3)
    assert [line["step"] for line in curve(tmp_path) if line.get("skipped")] == [3, 4, 9]
    assert "step 9: skipped, its gradient was not finite (3 so far)" in capsys.readouterr().out
    assert "nan" not in str([line.get("held") for line in curve(tmp_path)])


def test_settings_and_machine_stand_beside_the_run(tmp_path: Path) -> None:
    outcome = run(LineTask(steps=3), tmp_path, is_quiet=True)
    assert SimpleNamespace(step=outcome.step, done=outcome.is_finished) == SimpleNamespace(step=3, done=True)
    assert '"recipe": "line"' in (tmp_path / "settings.json").read_text()
