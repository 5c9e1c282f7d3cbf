"""Canvas files."""

import json
from pathlib import Path

import pytest

from misora.core.errors import UsageError
from misora.generate.canvas_file import CanvasFile, CardEntry, read_canvas_file

STORY = """
seconds = 3
fps = 8
size = [96, 96]
seed = 5

[[characters]]
name = "Rollo"
description = "a red ball"
clip = "rollo.mp4"

[[cards]]
at_seconds = 0
text = "Rollo rolls left across a green floor"

[[cards]]
at_seconds = 1.5
image = "b.png"

[[pins]]
file = "a.mp4"
at_seconds = 1
keep = [[0, 0.5], [1, 0.9]]

[[controls]]
kind = "track"
times_seconds = [0, 1]
values = [[0.2, 0.5], [0.8, 0.5]]
"""


def test_toml_and_json_say_the_same(tmp_path: Path) -> None:
    import tomllib

    (tmp_path / "a.toml").write_text(STORY)
    (tmp_path / "a.json").write_text(json.dumps({"$schema": "canvas.schema.json", **tomllib.loads(STORY)}))
    said = read_canvas_file(tmp_path / "a.toml")
    assert said == read_canvas_file(tmp_path / "a.json")
    assert (said.seconds, said.size, said.cards[1].image) == (3.0, (96, 96), Path("b.png"))
    assert said.pins[0].keep == ((0.0, 0.5), (1.0, 0.9))
    assert said.controls[0].kind == "track"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("second = 3", "did you mean 'seconds'"),
        ("seconds = 'three'", r"seconds must be float, got 'three'"),
        ("[[cards]]\ntext = 'a'", r"missing setting bad\.toml\.cards\[0\]\.at_seconds"),
        ("[[cards]]\nat_seconds = 1", "the card at 1 s is empty"),
        ("[[cards]]\nat_seconds = 1\nimage = 'a'\nclip = 'b'", "has an image and a clip"),
        (
            "[[cards]]\nat_seconds = 1\ntext = 'a'\n[[cards]]\nat_seconds = 0\ntext = 'b'",
            "the card at 0 s comes after the card at 1 s",
        ),
        ("[[characters]]\nname = ''\ndescription = 'a'", "has a name and a description"),
        (
            "[[characters]]\nname = 'A'\ndescription = 'a'\n[[characters]]\nname = 'a'\ndescription = 'b'",
            "two characters are called 'a'",
        ),
        ("[[controls]]\nkind = 'sound'\ntimes_seconds = []\nvalues = []", "kind must be one of 'camera', 'track'"),
        ("seconds = ", "not a valid toml file"),
    ],
)
def test_what_is_wrong_is_told_where(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "bad.toml").write_text(text)
    with pytest.raises(UsageError, match=message):
        read_canvas_file(tmp_path / "bad.toml")


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"a canvas is \.toml or \.json"):
        read_canvas_file(tmp_path / "a.yaml")
    with pytest.raises(UsageError, match="cannot read"):
        read_canvas_file(tmp_path / "a.toml")
    (tmp_path / "a.json").write_text("[" * 100_000)
    with pytest.raises(UsageError, match="not a valid json file"):
        read_canvas_file(tmp_path / "a.json")
    (tmp_path / "b.json").write_text("[]")
    with pytest.raises(UsageError, match="must hold a table"):
        read_canvas_file(tmp_path / "b.json")


def test_a_story_can_be_written_in_python() -> None:
    said = CanvasFile(cards=(CardEntry(at_seconds=0.0, text="a ball"), CardEntry(at_seconds=1.0, text="a box")))
    assert [card.at_seconds for card in said.cards] == [0.0, 1.0]
