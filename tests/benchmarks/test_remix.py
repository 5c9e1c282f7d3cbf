"""What the remix benchmark tells."""

import pytest

from benchmarks import remix
from benchmarks.harness import run
from misora.evaluate import remix as suite
from misora.evaluate.judge import Judge
from misora.model import bundle


def test_the_lower_end_is_held_against_the_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    def report(_model: object, _judge: object, *, settings: suite.RemixSettings) -> suite.RemixReport:
        ladder = suite.Ladder(
            change=("floor",),
            distances=(1.0, 2.0, 3.0, 4.0, 5.0),
            closenesses=(0.8, 0.8, 0.9, 1.0, 1.0),
            changes=(0.0, 0.0, 0.5, 1.0, 1.0),
            accepted=(False, False, True, True, True),
            before=0.8,
            own=1.0,
            own_change=1.0,
            floor=1.0,
        )
        return suite.RemixReport(ladders=(ladder,) * settings.num_cases, settings=settings)

    monkeypatch.setattr(suite, "run_remix_suite", report)
    monkeypatch.setattr(Judge, "load", lambda: None)
    monkeypatch.setattr(bundle, "load_model", lambda: None)
    lines = {line["name"]: line for line in run(remix.BENCHMARK, remix.Options(seed=4))}
    assert lines["remix_both_ordered"]["value"] == 1.0
    assert 0.9 < lines["remix_both_ordered_low"]["value"] < 1.0  # 64 of 64
    assert lines["remix_both_ordered_low"]["holds"]
    assert lines["remix_change_ordered"]["bar"] is None
