import sys

import pytest

from benchmarks import speed
from benchmarks.harness import Options
from misora.core.errors import UsageError
from misora.model.dial import size_for

SIZE = size_for(1)


def test_without_diffusers_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "diffusers", None)
    with pytest.raises(UsageError, match=r"pip install 'misora\[rivals\]'"):
        next(speed.measure(Options(seed=0)))


def test_without_a_compiler_the_reason_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", "no-such-compiler")
    assert speed.why_no_form("eager") is None
    assert speed.why_no_form("compiled") == "torch.compile needs a C++ compiler, and no-such-compiler is not installed"


def test_a_width_is_fitted_on_a_straight_line_or_refused() -> None:
    assert speed._fit(64, target=50 + 7 * 320, low=50 + 7 * 128, high=50 + 7 * 256) == 320
    with pytest.raises(ValueError, match="no feed-forward width makes 10 equal: 32 gives 274"):
        speed._fit(64, target=10, low=50 + 7 * 128, high=50 + 7 * 256)


@pytest.mark.filterwarnings("ignore")  # diffusers' own
@pytest.mark.parametrize("mode", speed.MODES)
def test_a_race_gives_a_ratio_for_each_match(mode: str) -> None:
    pytest.importorskip("diffusers")
    readings = list(speed.ratios(SIZE, mode, "fp32", "eager", options=Options(seed=0), num_clips=1))
    assert [reading.name for reading in readings] == [f"{mode}_fp32_eager_over_wan_{match}" for match in speed.COUNTS]
    assert all(reading.value > 0 for reading in readings)
    assert readings[0].settings["wan_parameters_over_ours"] == pytest.approx(1, rel=speed.TOLERANCE)
    assert readings[1].settings["wan_flops_over_ours"] == pytest.approx(1, rel=speed.TOLERANCE)
