"""One seed a test, global randomness left as found, and no lost GPU that passes as green."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

if TYPE_CHECKING:
    from misora.trust.moderator import Moderator

SEED = 20_250


@pytest.fixture(autouse=True)
def one_seed() -> Iterator[None]:
    """Start each test from one seed and give the global generators back as they were."""
    before = random.getstate(), np.random.get_state(), torch.get_rng_state()
    random.seed(SEED)
    np.random.seed(SEED)
    torch.manual_seed(SEED)
    yield
    random.setstate(before[0])
    np.random.set_state(before[1])
    torch.set_rng_state(before[2])


@pytest.fixture(scope="session", autouse=True)
def ctrl_c_arrives() -> Iterator[None]:
    """Let Ctrl-C arrive though the suite may run in the background, where a shell makes it be ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session", autouse=True)
def trust_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keys, store and log of the suite, in a folder of its own; commands that tests start find it too."""
    before = os.environ.get("MISORA_TRUST_HOME")
    folder = tmp_path_factory.mktemp("trust") / "home"
    os.environ["MISORA_TRUST_HOME"] = str(folder)
    yield folder
    os.environ.pop("MISORA_TRUST_HOME")
    if before is not None:
        os.environ["MISORA_TRUST_HOME"] = before


@pytest.fixture(scope="session")
def repository() -> Path:
    """Root of the checkout."""
    return Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def moderator(tmp_path_factory: pytest.TempPathFactory) -> Moderator:
    """The shipped policy with the shipped judges, and nobody's consent."""
    from misora.trust.consent import ConsentStore
    from misora.trust.moderator import Moderator

    return Moderator.load(consents=ConsentStore(tmp_path_factory.mktemp("consents") / "consents.json"))


@pytest.fixture(scope="session")
def drawn_seed() -> int:
    """Seed of long tests: `make soak SEED=s` draws other kills and faults each time; a fixed one otherwise."""
    return int(os.environ.get("MISORA_SEED", SEED))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what needs a CUDA GPU where there is none, or fail it where one was promised."""
    if item.get_closest_marker("gpu") is None or torch.cuda.is_available():
        return
    if os.environ.get("REQUIRE_GPU") == "1":
        pytest.fail("REQUIRE_GPU=1, but torch sees no CUDA GPU", pytrace=False)
    pytest.skip("needs a CUDA GPU; set REQUIRE_GPU=1 to make its absence a failure")
