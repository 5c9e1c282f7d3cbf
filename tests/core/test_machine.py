import json

import pytest
import torch

from misora.core import machine
from misora.core.config import to_dict
from misora.core.machine import capability, fingerprint, pick_dtype


def test_fingerprint_is_complete_and_goes_through_json() -> None:
    found = fingerprint()
    assert found.processor
    assert found.num_threads >= 1
    assert found.versions["torch"] == torch.__version__
    assert json.loads(json.dumps(to_dict(found)))["capability"] == found.capability
    assert " " not in found.label


@pytest.mark.parametrize(
    ("flags", "cap", "dtype"),
    [
        ({"amx_bf16", "avx512f"}, "", torch.bfloat16),
        ({"avx512_bf16"}, "", torch.bfloat16),
        ({"avx2"}, "", torch.float32),
        ({"amx_bf16"}, "AVX2", torch.float32),
    ],
)
def test_arithmetic_follows_the_processor(
    monkeypatch: pytest.MonkeyPatch, flags: set[str], cap: str, dtype: torch.dtype
) -> None:
    monkeypatch.setattr(machine, "cpu_flags", lambda: frozenset(flags))
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", cap)
    assert pick_dtype("cpu") == dtype
    assert pick_dtype("cuda") == torch.bfloat16


def test_a_capped_processor_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: "AVX512")
    monkeypatch.setattr(machine, "cpu_flags", lambda: frozenset({"amx_bf16"}))
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", "AVX2")
    assert capability() == "AVX2"
    monkeypatch.delenv("ONEDNN_MAX_CPU_ISA")
    assert capability() == "AMX"
