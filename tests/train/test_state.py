"""Checkpoints."""

from pathlib import Path

import pytest
import torch

from misora.core.errors import UsageError
from misora.train.schedule import Schedule
from misora.train.state import Checkpoint, find_checkpoints, load_checkpoint, save_checkpoint


def checkpoint(step: int) -> Checkpoint:
    return Checkpoint(
        step=step,
        seconds=1.5,
        identity={"recipe": "r", "seed": 1},
        schedule=Schedule(steps=40),
        tensors={"w": torch.full((2,), float(step))},
    )


def test_the_newest_of_two_kept_checkpoints_comes_back(tmp_path: Path) -> None:
    assert load_checkpoint(tmp_path, {"recipe": "r", "seed": 1}) is None
    for step in (10, 20, 30):
        save_checkpoint(tmp_path, checkpoint(step))
    assert len(find_checkpoints(tmp_path)) == 2
    found = load_checkpoint(tmp_path, {"recipe": "r", "seed": 1})
    assert found is not None
    assert (found.step, found.seconds, found.tensors["w"].tolist()) == (30, 1.5, [30, 30])


def test_a_checkpoint_of_another_run_is_refused_by_what_differs(tmp_path: Path) -> None:
    save_checkpoint(tmp_path, checkpoint(10))
    with pytest.raises(UsageError, match="holds another run: seed differ"):
        load_checkpoint(tmp_path, {"recipe": "r", "seed": 2})
