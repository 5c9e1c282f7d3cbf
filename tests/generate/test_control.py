"""Controls and their files."""

import json
from pathlib import Path

import pytest

from misora.core.errors import UsageError
from misora.generate.control import Control, read_control

TRACK = Control(kind="track", times_seconds=(0.0, 1.0), values=((0.2, 0.5), (0.8, 0.5)))


def test_a_control_is_read_alike_from_every_format(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"times_seconds": [0, 1], "values": [[0.2, 0.5], [0.8, 0.5]]}))
    (tmp_path / "a.toml").write_text("times_seconds = [0, 1]\nvalues = [[0.2, 0.5], [0.8, 0.5]]\n")
    (tmp_path / "a.csv").write_text("seconds,x,y\n0,0.2,0.5\n1,0.8,0.5\n")
    assert [read_control(tmp_path / f"a.{kind}", "track") for kind in ("json", "toml", "csv")] == [TRACK] * 3


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.txt", "", "cannot read a track control"),
        ("a.json", "[1]", "must be a table"),
        ("a.json", "{", "not a valid json file"),
        ("a.csv", "0,left,right", "not a valid csv file"),
        ("a.csv", "0,0.5", "takes 2 finite numbers at 0.0 s"),
        ("a.csv", "1,0.5,0.5\n0,0.5,0.5", "must rise from 0 s on"),
        ("a.csv", "0,nan,0.5", "finite numbers"),
        ("a.csv", "", "0 times and 0 rows"),
        ("a.json", '{"times_seconds": [0], "values": [], "speed": 1}', "unknown setting"),
        ("missing.csv", None, "cannot read"),
    ],
)
def test_what_is_no_control_is_refused(tmp_path: Path, name: str, text: str | None, message: str) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(UsageError, match=message):
        read_control(tmp_path / name, "track")


def test_a_camera_takes_a_place_and_what_it_looks_at() -> None:
    with pytest.raises(UsageError, match="a camera control takes 6 finite numbers"):
        Control(kind="camera", times_seconds=(0.0,), values=((0.0, 1.0),))
