"""The training loop: load, step, log, save; stops cleanly on a budget and resumes to the identical curve."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from misora.core.config import to_dict
from misora.core.errors import NumericsError, StoppedError
from misora.core.files import write_atomic
from misora.core.interrupt import stop_wish
from misora.core.logs import MetricLog
from misora.core.machine import fingerprint
from misora.train.optimiser import Optimiser
from misora.train.schedule import Schedule
from misora.train.state import Checkpoint, load_checkpoint, save_checkpoint
from misora.train.task import Task
from misora.video.image import write_image

MAX_BAD_STEPS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a call of `run` ended.

    Attributes:
        step: next step to be made.
        is_finished: whether the schedule is complete.
        seconds: training time of the whole run so far.
        num_skipped: steps of this call that changed nothing, since their gradient was not finite.
        part: folder of the trained part; None unless finished.
    """

    step: int
    is_finished: bool
    seconds: float
    num_skipped: int
    part: Path | None


class _Clock:
    """Time spent in this call, added to that of earlier ones; tells when to save and when to end."""

    def __init__(self, spent_seconds: float, budget_seconds: float | None, is_stopped: Callable[[], bool]) -> None:
        self._began = time.monotonic()
        self._spent = spent_seconds
        self._budget = budget_seconds
        self._is_stopped = is_stopped
        self._saved = self._began

    @property
    def seconds(self) -> float:
        return self._spent + time.monotonic() - self._began

    def is_over(self) -> bool:
        is_spent = self._budget is not None and time.monotonic() - self._began >= self._budget
        return is_spent or self._is_stopped()

    def is_time_to_save(self, every_seconds: float) -> bool:
        return time.monotonic() - self._saved >= every_seconds

    def note_saved(self) -> None:
        self._saved = time.monotonic()


def run(
    task: Task,
    out: Path | str,
    *,
    steps: int | None = None,
    budget_seconds: float | None = None,
    is_quiet: bool = False,
) -> Outcome:
    """Train until the schedule or the budget ends; called again, go on where it stopped.

    Args:
        task: network, data, loss.
        out: folder of the run: log, checkpoints, strips, the trained part.
        steps: end there, with the rate falling from now on if need be (`Schedule.ending_at`); as the task says, or as was
            said in an earlier call, when not given.
        budget_seconds: stop cleanly after this long; no effect on the schedule.
        is_quiet: print nothing.

    Returns:
        Where the run stands.

    Raises:
        NumericsError: several steps in a row were not finite.
        UsageError: the folder holds another run, or as many steps are made already.
        StoppedError: Ctrl-C or SIGTERM; the state of the last whole step is saved.
    """
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    settings = to_dict(task.settings)
    settings.pop("schedule")
    identity = {**settings, **task.identity()}
    optimiser = Optimiser(task.module, task.settings.optimiser, matrices=task.matrices)
    checkpoint = load_checkpoint(out, identity)
    if checkpoint is not None:
        optimiser.restore(checkpoint.tensors)
    step, schedule = (checkpoint.step, checkpoint.schedule) if checkpoint else (0, task.settings.schedule)
    if steps is not None:
        schedule = schedule.ending_at(steps, now=step)
    _write_settings(out, {**identity, "schedule": to_dict(schedule)})
    with MetricLog(out, from_step=step) as log, stop_wish() as is_stopped:
        clock = _Clock(checkpoint.seconds if checkpoint else 0.0, budget_seconds, is_stopped)
        step, num_skipped = _train(
            task,
            optimiser,
            out,
            step=step,
            schedule=schedule,
            clock=clock,
            log=log,
            identity=identity,
            is_quiet=is_quiet,
        )
    is_finished = step >= schedule.steps
    if is_stopped() and not is_finished:
        raise StoppedError(f"stopped before step {step}; {out} keeps the whole state; run it again to go on")
    part = None
    if is_finished:
        optimiser.show_average()
        part = task.finish(out)
    return Outcome(step=step, is_finished=is_finished, seconds=clock.seconds, num_skipped=num_skipped, part=part)


def _train(
    task: Task,
    optimiser: Optimiser,
    out: Path,
    *,
    step: int,
    schedule: Schedule,
    clock: _Clock,
    log: MetricLog,
    identity: Mapping[str, Any],
    is_quiet: bool,
) -> tuple[int, int]:
    """Train; return the next step, and how many were skipped."""
    settings, num_bad, num_skipped = task.settings, 0, 0

    def save() -> None:
        state = Checkpoint(
            step=step, seconds=clock.seconds, identity=identity, schedule=schedule, tensors=optimiser.tensors()
        )
        save_checkpoint(out, state)
        clock.note_saved()

    batches = task.batches(step)
    while step < schedule.steps and not clock.is_over():
        began = time.monotonic()
        loss, metrics = task.loss(next(batches), step)
        loss.backward()
        rate = schedule.rate(step)
        norm = optimiser.step(step, rate=rate)
        is_skipped = not norm < float("inf")
        num_bad = num_bad + 1 if is_skipped else 0
        num_skipped += is_skipped
        if is_skipped and not is_quiet:
            print(f"step {step}: skipped, its gradient was not finite ({num_skipped} so far)", flush=True)
        if num_bad == MAX_BAD_STEPS:
            raise NumericsError(
                f"training: {MAX_BAD_STEPS} steps in a row up to {step} were not finite; lower the rates"
            )
        numbers = {"loss": loss.item(), **metrics, "grad_norm": norm, "rate": rate, "ms": _ms(began)}
        log.write(step, {**numbers, "skipped": 1} if is_skipped else numbers)
        step += 1
        if step % settings.validate_every == 0 or step == schedule.steps:
            _look(task, optimiser, out, step=step, schedule=schedule, log=log, is_quiet=is_quiet, seconds=clock.seconds)
        if clock.is_time_to_save(settings.save_every_seconds):
            save()
    save()
    return step, num_skipped


def _look(
    task: Task,
    optimiser: Optimiser,
    out: Path,
    *,
    step: int,
    schedule: Schedule,
    log: MetricLog,
    is_quiet: bool,
    seconds: float,
) -> None:
    optimiser.show_average()
    with torch.no_grad():
        look = task.validate()
    optimiser.show_master()
    log.write(step - 1, dict(look.metrics))  # belongs to the last step made, so that a resumed run keeps it
    if look.picture is not None:
        log.picture(step - 1, "samples", look.picture)
        write_image(out / f"strip-{step:07d}.png", look.picture)
    if not is_quiet:
        numbers = "  ".join(f"{name} {value:.4g}" for name, value in look.metrics.items())
        print(f"step {step}/{schedule.steps}  {seconds / 60:.1f} min  {numbers}", flush=True)


def _ms(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


def _write_settings(out: Path, identity: Mapping[str, Any]) -> None:
    import json

    text = json.dumps({"run": identity, "machine": to_dict(fingerprint())}, indent=2, sort_keys=True)
    write_atomic(out / "settings.json", text.encode() + b"\n")
