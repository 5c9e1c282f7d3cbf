"""Metrics as they happen: JSON lines that survive a kill, and TensorBoard where it is installed."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from misora.core.errors import UsageError
from misora.core.files import write_atomic

if TYPE_CHECKING:
    from jaxtyping import UInt8
    from torch import Tensor


class MetricLog:
    """Append-only record of a run: `metrics.jsonl`, and a TensorBoard event file beside it.

    Opened at a step, lines of that step and later are dropped first, so that a resumed run leaves one curve.
    """

    def __init__(self, folder: Path | str, *, from_step: int = 0, has_board: bool = True) -> None:
        """Open the log of a run folder.

        Args:
            folder: the run folder; made if missing.
            from_step: first step that will be written; older lines are kept, others dropped.
            has_board: whether to write TensorBoard events too, if TensorBoard is installed.
        """
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.path = self.folder / "metrics.jsonl"
        if self.path.exists():
            kept = [line for line in read_metrics(self.path) if line["step"] < from_step]
            write_atomic(self.path, "".join(json.dumps(line) + "\n" for line in kept).encode())
        self._file = self.path.open("a", encoding="utf-8")
        self._board = _open_board(self.folder / "board", from_step) if has_board else None

    def write(self, step: int, metrics: Mapping[str, float | int | str]) -> None:
        """Write one line, flushed at once.

        Args:
            step: the training step it belongs to.
            metrics: numbers, and words that explain them; only numbers go to TensorBoard.
        """
        self._file.write(json.dumps({"step": step, **metrics}) + "\n")
        self._file.flush()
        if self._board is not None:
            for name, value in metrics.items():
                if not isinstance(value, str):
                    self._board.add_scalar(name, value, step)

    def picture(self, step: int, name: str, image: UInt8[Tensor, "3 H W"]) -> None:
        """Show a picture, such as a strip of samples, on the board; without TensorBoard nothing happens.

        Args:
            step: the training step it belongs to.
            name: its title.
            image: RGB, 0..255.
        """
        if self._board is not None:
            self._board.add_image(name, image, step)

    def close(self) -> None:
        """Flush to disk and close."""
        if not self._file.closed:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
        if self._board is not None:
            self._board.close()

    def __enter__(self) -> MetricLog:
        """Give the log itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the log, whatever happened."""
        self.close()


def read_metrics(path: Path | str) -> list[dict[str, Any]]:
    """Read a log back; a last line torn by a kill is left out.

    Args:
        path: a `metrics.jsonl`.

    Returns:
        One dictionary a line, in order, each with `step`.

    Raises:
        UsageError: if a line before the last one is not JSON.
    """
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    found: list[dict[str, Any]] = []
    for number, line in enumerate(lines, start=1):
        try:
            found.append(json.loads(line))
        except ValueError as error:
            if number < len(lines):
                raise UsageError(f"{path}, line {number} is not JSON: {line[:80]!r}; remove it") from error
    return found


def _open_board(folder: Path, from_step: int) -> Any | None:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        return None
    return SummaryWriter(str(folder), purge_step=from_step or None)
