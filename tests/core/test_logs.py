from pathlib import Path

import pytest
import torch

from misora.core.errors import UsageError
from misora.core.logs import MetricLog, read_metrics


def test_a_resumed_run_leaves_one_curve(tmp_path: Path) -> None:
    with MetricLog(tmp_path, has_board=False) as log:
        for step in range(4):
            log.write(step, {"loss": 1.0 / (step + 1)})
    with (tmp_path / "metrics.jsonl").open("a") as file:
        file.write('{"step": 4, "lo')  # torn by a kill
    with MetricLog(tmp_path, from_step=2, has_board=False) as log:
        log.write(2, {"loss": 0.5, "note": "again"})
    lines = read_metrics(tmp_path / "metrics.jsonl")
    assert [line["step"] for line in lines] == [0, 1, 2]
    assert lines[2] == {"step": 2, "loss": 0.5, "note": "again"}


def test_a_line_is_on_disk_before_the_log_is_closed(tmp_path: Path) -> None:
    with MetricLog(tmp_path, has_board=False) as log:
        log.write(0, {"loss": 1.0})
        assert read_metrics(log.path) == [{"step": 0, "loss": 1.0}]


def test_a_damaged_line_in_the_middle_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "metrics.jsonl").write_text('{"step": 0}\nnonsense\n{"step": 1}\n')
    with pytest.raises(UsageError, match="line 2 is not JSON"):
        read_metrics(tmp_path / "metrics.jsonl")


def test_tensorboard_gets_numbers_and_pictures(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    with MetricLog(tmp_path) as log:
        log.write(0, {"loss": 1.0, "note": "words stay in the lines"})
        log.picture(0, "samples", torch.zeros(3, 8, 8, dtype=torch.uint8))
    assert list((tmp_path / "board").glob("events.*"))
