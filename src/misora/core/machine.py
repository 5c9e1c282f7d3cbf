"""What a number was measured on, and the arithmetic that this processor does well."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

_PACKAGES = ("misora", "torch", "numpy", "mujoco", "av", "pylance", "tokenizers", "safetensors")
_REDUCED_PRECISION_FLAGS = frozenset({"avx512_bf16", "amx_bf16"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Where a result was made, for records beside every output.

    Attributes:
        system: operating system and machine type.
        processor: name of the CPU.
        capability: the widest vector arithmetic that torch uses here, such as AMX, AVX512 or AVX2.
        num_cores: logical cores this process may use.
        num_threads: threads that torch computes with.
        accelerator: name of the CUDA GPU, or None.
        python: version of the interpreter.
        versions: version of each package that can change a number.
        commit: commit of the source tree with `+` where files differ from it; None outside of a checkout.
    """

    system: str
    processor: str
    capability: str
    num_cores: int
    num_threads: int
    accelerator: str | None
    python: str
    versions: Mapping[str, str]
    commit: str | None

    @property
    def label(self) -> str:
        """Short name for file names: the accelerator if there is one, else cores and capability."""
        if self.accelerator:
            return self.accelerator.lower().replace("nvidia", "").strip().replace(" ", "-")
        return f"{self.num_cores}core-{self.capability.lower()}"


def fingerprint() -> Machine:
    """Describe this machine and the versions on it; imports torch.

    Returns:
        The record to write beside a result.
    """
    import torch

    return Machine(
        system=f"{platform.system()} {platform.machine()}",
        processor=processor_name(),
        capability=capability(),
        num_cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        num_threads=torch.get_num_threads(),
        accelerator=torch.cuda.get_device_name() if torch.cuda.is_available() else None,
        python=platform.python_version(),
        versions=versions(),
        commit=commit(),
    )


def capability() -> str:
    """Name the widest vector arithmetic in use, oneDNN's cap included; imports torch.

    Returns:
        `AMX`, or what torch reports: `AVX512`, `AVX2`, `DEFAULT` and so on.
    """
    import torch

    cap = os.environ.get("ONEDNN_MAX_CPU_ISA", "").upper()
    found = torch.backends.cpu.get_cpu_capability()
    if "amx_bf16" in cpu_flags() and found == "AVX512" and (not cap or "AMX" in cap or cap in ("DEFAULT", "ALL")):
        return "AMX"
    return "AVX2" if cap.startswith("AVX2") and found.startswith("AVX512") else found


def pick_dtype(device: str | torch.device = "cpu") -> torch.dtype:
    """Choose the arithmetic type that the device does fast; imports torch.

    Args:
        device: `cpu`, `cuda`, or a torch device.

    Returns:
        bfloat16 on CUDA and where the processor multiplies it natively (AVX512-BF16 or AMX), else float32.
    """
    import torch

    if torch.device(device).type == "cuda":
        return torch.bfloat16
    is_capped = os.environ.get("ONEDNN_MAX_CPU_ISA", "").upper() in (
        "SSE41",
        "AVX",
        "AVX2",
        "AVX512_CORE",
        "AVX512_CORE_VNNI",
    )
    is_native = bool(_REDUCED_PRECISION_FLAGS & cpu_flags()) and not is_capped
    return torch.bfloat16 if is_native else torch.float32


@cache
def cpu_flags() -> frozenset[str]:
    """Read the processor's feature flags.

    Returns:
        The flags as Linux lists them; empty on other systems.
    """
    return frozenset(_cpuinfo("flags").split())


@cache
def processor_name() -> str:
    """Read the name of the processor.

    Returns:
        The model name as Linux lists it, else what Python knows.
    """
    return _cpuinfo("model name") or platform.processor() or platform.machine()


def versions() -> dict[str, str]:
    """Collect the versions of the packages that can change a number.

    Returns:
        Package to version; those not installed are left out.
    """
    found: dict[str, str] = {}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


@cache
def commit() -> str | None:
    """Find the commit of the source tree that this package runs from.

    Returns:
        Twelve digits, with `+` where source files differ from the commit; None outside of a checkout.
    """
    root = Path(__file__).resolve().parents[3]
    if not (root / ".git").exists():
        return None
    try:
        name = _git(root, "rev-parse", "--short=12", "HEAD")
        changed = _git(
            root, "status", "--porcelain", "--untracked-files=no", "--", "src", "benchmarks", ":!benchmarks/results"
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return f"{name}+" if changed else name


def _git(root: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True, timeout=10, check=True)
    return done.stdout.strip()


def _cpuinfo(key: str) -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return ""
    for line in text.splitlines():
        name, _, value = line.partition(":")
        if name.strip() == key:
            return value.strip()
    return ""
