import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest

from misora.core.config import from_dict, to_dict
from misora.core.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Adam:
    learning_rate: float = 1e-3
    betas: tuple[float, float] = (0.9, 0.99)

    def __post_init__(self) -> None:
        if self.learning_rate <= 0:
            raise ValueError(f"learning_rate must be above 0, got {self.learning_rate}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    name: str
    steps: int = 10
    adam: Adam = field(default_factory=Adam)
    sizes: tuple[tuple[int, int], ...] = ((96, 96),)
    out: Path | None = None
    kind: Literal["clip", "still"] = "clip"
    extra: dict[str, float] = field(default_factory=dict)
    is_quick: bool = False


def test_a_config_survives_json() -> None:
    run = Run(name="a", adam=Adam(betas=(0.8, 0.9)), out=Path("x/y"), extra={"a": 1.0}, sizes=((1, 2), (3, 4)))
    assert from_dict(Run, json.loads(json.dumps(to_dict(run)))) == run


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"adam": {"learnin_rate": 1}}, r"unknown setting config\.adam\.learnin_rate; did you mean 'learning_rate'\?"),
        ({"zzz": 1}, r"unknown setting config\.zzz; known are name, steps"),
        ({"name": 3}, r"config\.name must be str, got 3"),
        ({"steps": 1.5}, r"config\.steps must be int"),
        ({"steps": True}, r"config\.steps must be int, got True"),
        ({"is_quick": 1}, r"config\.is_quick must be bool"),
        ({"adam": 3}, r"config\.adam must be a table of settings"),
        ({"adam": {"learning_rate": -1}}, r"config\.adam: learning_rate must be above 0, got -1"),
        ({"adam": {"betas": [1]}}, r"config\.adam\.betas must hold 2 values, got 1"),
        ({"sizes": [[1, "a"]]}, r"config\.sizes\[0\]\[1\] must be int"),
        ({"sizes": 3}, r"config\.sizes must be a list"),
        ({"out": 3}, r"config\.out must be Path"),
        ({"kind": "film"}, r"config\.kind must be one of 'clip', 'still'"),
        ({"extra": {"a": "b"}}, r"config\.extra\.a must be float"),
    ],
)
def test_a_wrong_setting_is_named_with_what_was_expected(data: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        from_dict(Run, {"name": "a", **data}, where="config")


def test_a_missing_setting_is_named() -> None:
    with pytest.raises(UsageError, match=r"missing setting config\.name"):
        from_dict(Run, {}, where="config")
