"""The decoding process: quick to start, and without rights once it has the file."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import misora

ROOT = str(Path(misora.__file__).parents[1])
PATHS = json.dumps([ROOT, *(entry for entry in sys.path if entry)])
BOOT = "import json, sys; sys.path[:] = json.loads(sys.argv[1])\n"


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", BOOT + code, PATHS], capture_output=True, text=True, timeout=300, check=False
    )


def test_neither_torch_nor_numpy_is_loaded() -> None:
    code = """
from misora.video.child import _load_all_that_is_needed
_load_all_that_is_needed("mov"); _load_all_that_is_needed("png")
print([name for name in ("torch", "numpy", "jaxtyping") if name in sys.modules])
"""
    assert run(code).stdout.strip() == "[]"


@pytest.mark.parametrize(
    "attempt",
    [
        "open('/etc/hostname')",
        "open('/tmp/written', 'w')",
        "__import__('socket').socket()",
        "os.fork()",
        "os.pipe()",
        "bytearray(1 << 30)",
        "os.write(3, bytes(2000))",
    ],
)
def test_rights_are_given_up(attempt: str, tmp_path: Path) -> None:
    code = f"""
import os, socket
from misora.video.child import _give_up_rights
from misora.video.limits import DecodeLimits
handle = os.open({str(tmp_path / "pixels")!r}, os.O_RDWR | os.O_CREAT)
os.dup2(handle, 3)
_give_up_rights(DecodeLimits(max_memory_bytes=400 << 20, max_output_bytes=1000))
try:
    done = {attempt}
    print("short" if isinstance(done, int) and done == 1000 else "allowed")
except (OSError, MemoryError) as error:
    print("refused")
"""
    assert run(code).stdout.strip() in ("refused", "short")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can stop being root")
def test_root_becomes_nobody() -> None:
    code = """
import os
from misora.video.child import _give_up_rights
from misora.video.limits import DecodeLimits
_give_up_rights(DecodeLimits())
print(os.geteuid(), os.getuid())
"""
    assert run(code).stdout.split() == ["65534", "65534"]
