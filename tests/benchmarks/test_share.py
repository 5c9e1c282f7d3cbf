import json

import pytest

from benchmarks import share
from misora.model.dial import size_for


@pytest.mark.parametrize("mode", share.MODES)
def test_a_share_is_the_quotient_of_its_two_rates(mode: str) -> None:
    reading = share.share(size_for(1), mode, "fp32", seed=0, num_clips=1)
    rates = reading.settings["gflops_per_second"], reading.settings["matrix_gflops_per_second"]
    assert reading.name == f"{mode}_fp32_share"
    assert reading.value == pytest.approx(rates[0] / rates[1])
    assert reading.value > 0


def test_a_laptop_takes_float32_and_says_what_held_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", "AVX2")
    monkeypatch.setattr("benchmarks.contest.use_all_cores", lambda: None)
    share.print_laptop_shares(seed=0, num_clips={"sample": 1})
    line = json.loads(capsys.readouterr().out)
    assert line["name"] == "sample_avx2_share"
    assert line["settings"]["dtype"] == "fp32"
    assert line["settings"]["environment"] == {"ONEDNN_MAX_CPU_ISA": "AVX2"}
