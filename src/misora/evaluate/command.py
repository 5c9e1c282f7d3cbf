"""What `misora evaluate` does: load the model and the judge, run a suite, tell of it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from misora.core.errors import UsageError

SUITES = ("text", "minute", "seams", "remix", "control")
_NUM_PROMPTS = {"text": 128, "minute": 4, "seams": 64, "remix": 64, "control": 64}


def evaluate(
    model: str | Path,
    *,
    suite: str = "text",
    prompts: int | None = None,
    seed: int = 0,
    steps: int | None = None,
    guidance: float | None = None,
    workers: int = 1,
    truth_cache: Path | None = None,
    is_json: bool = False,
) -> str:
    """Measure a model.

    Args:
        model: name of a bundled model, or a folder.
        suite: one of `SUITES`.
        prompts: held-out prompts, at least 2 for `text`; as many as usual when not given.
        seed: draws prompts, words and noise.
        steps: of the sampler; the usual number when not given.
        guidance: of the text; the usual one when not given.
        workers: processes that film the truth.
        truth_cache: folder in which what is seen of filmed truth is kept for the next time; none if not given.
        is_json: tell it to machines.

    Returns:
        A table, or one JSON object.

    Raises:
        UsageError: an unknown suite, or a number of prompts that cannot be.
    """
    if suite not in SUITES:
        raise UsageError(f"unknown suite {suite!r}; there is {', '.join(SUITES)}")
    prompts = _NUM_PROMPTS[suite] if prompts is None else prompts
    others = {"minute": _minute, "seams": _seams, "remix": _remix, "control": _control}
    if suite in others:
        return others[suite](model, prompts=prompts, seed=seed, steps=steps, guidance=guidance, is_json=is_json)
    from misora.evaluate.judge import Judge
    from misora.evaluate.prompts import SuiteSettings
    from misora.evaluate.text_report import as_dict, as_table
    from misora.evaluate.text_suite import run_text_suite
    from misora.generate.sample import DEFAULT_STEPS
    from misora.model.bundle import load_model

    settings = SuiteSettings(num_prompts=prompts, seed=seed, steps=DEFAULT_STEPS if steps is None else steps)
    if guidance is not None:
        settings = replace(settings, guidance=guidance)
    loaded = load_model(model)
    report = run_text_suite(
        loaded, Judge.load(), settings=settings, workers=workers, on_batch=_progress(), cache=truth_cache
    )
    return json.dumps({"model": loaded.name, **as_dict(report)}) if is_json else as_table(report)


def _minute(
    model: str | Path, *, prompts: int, seed: int, steps: int | None, guidance: float | None, is_json: bool
) -> str:
    from misora.evaluate.judge import Judge
    from misora.evaluate.minute import MinuteSettings, as_dict, as_table, run_minute_suite
    from misora.model.bundle import load_model

    given = {name: value for name, value in (("steps", steps), ("guidance", guidance)) if value is not None}
    settings = replace(MinuteSettings(num_prompts=prompts, seed=seed), **given)
    loaded = load_model(model)
    report = run_minute_suite(loaded, Judge.load(), settings=settings, on_video=_progress())
    return json.dumps({"model": loaded.name, **as_dict(report)}) if is_json else as_table(report)


def _seams(
    model: str | Path, *, prompts: int, seed: int, steps: int | None, guidance: float | None, is_json: bool
) -> str:
    from misora.evaluate.seams import SeamSettings, as_dict, as_table, run_seam_suite
    from misora.model.bundle import load_model

    given = {name: value for name, value in (("steps", steps), ("guidance", guidance)) if value is not None}
    settings = replace(SeamSettings(num_cases=prompts, seed=seed), **given)
    loaded = load_model(model)
    report = run_seam_suite(loaded, settings=settings, on_video=_progress())
    return json.dumps({"model": loaded.name, **as_dict(report)}) if is_json else as_table(report)


def _remix(
    model: str | Path, *, prompts: int, seed: int, steps: int | None, guidance: float | None, is_json: bool
) -> str:
    from misora.evaluate.judge import Judge
    from misora.evaluate.remix import RemixSettings, as_dict, as_table, run_remix_suite
    from misora.model.bundle import load_model

    given = {name: value for name, value in (("steps", steps), ("guidance", guidance)) if value is not None}
    settings = replace(RemixSettings(num_cases=prompts, seed=seed), **given)
    loaded = load_model(model)
    report = run_remix_suite(loaded, Judge.load(), settings=settings, on_video=_progress())
    return json.dumps({"model": loaded.name, **as_dict(report)}) if is_json else as_table(report)


def _control(
    model: str | Path, *, prompts: int, seed: int, steps: int | None, guidance: float | None, is_json: bool
) -> str:
    from misora.evaluate.control import ControlSettings, as_dict, as_table, run_control_suite
    from misora.evaluate.judge import Judge
    from misora.model.bundle import load_model

    given = {name: value for name, value in (("steps", steps), ("guidance", guidance)) if value is not None}
    settings = replace(ControlSettings(num_cases=prompts, seed=seed), **given)
    loaded = load_model(model)
    report = run_control_suite(loaded, Judge.load(), settings=settings, on_part=_progress("parts"))
    return json.dumps({"model": loaded.name, **as_dict(report)}) if is_json else as_table(report)


def _progress(of: str = "videos") -> Callable[[int, int], None] | None:
    """Tell of the videos made, where a person is looking."""
    if not sys.stderr.isatty():
        return None

    def tell(done: int, total: int) -> None:
        print(f"\r{done} of {total} {of}", end="\n" if done == total else "", file=sys.stderr, flush=True)

    return tell
