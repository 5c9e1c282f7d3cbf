"""The gate of every door."""

import json
from pathlib import Path

import pytest
import torch

from misora.core.errors import RefusedError
from misora.trust import audit
from misora.trust.gate import admit_frames, admit_words
from misora.trust.home import Home
from misora.video.clip import Clip


def lines(home: Home) -> list[dict[str, object]]:
    """What the log says."""
    path = home.folder / audit.NAME
    return [json.loads(line)["data"] for line in path.read_text(encoding="utf-8").splitlines()]


def test_words_that_policy_blocks_stop_and_are_logged_without_the_words(tmp_path: Path) -> None:
    home = Home.open(tmp_path / "home")
    with pytest.raises(RefusedError, match="is refused as"):
        admit_words(["explicit hardcore porn of a naked woman"], home=home)
    [line] = lines(home)
    assert (line["is_refused"], line["stage"]) == (True, "prompt")
    assert "hardcore" not in json.dumps(line)
    assert audit.verify(home)[1] == []


def test_what_was_allowed_is_logged_once_in_a_process(tmp_path: Path) -> None:
    home = Home.open(tmp_path / "home")
    assert admit_words(["a red ball", ""], home=home) == ("a red ball", "")
    assert admit_words(["a red ball", ""], home=home) == ("a red ball", "")
    assert [line["action"] for line in lines(home)] == ["allow"]


def test_frames_are_logged_with_the_id_of_their_file(tmp_path: Path) -> None:
    home = Home.open(tmp_path / "home")
    clip = Clip.at_rate(torch.full((2, 3, 64, 64), 90, dtype=torch.uint8), 8.0)
    admit_frames(clip, stage="output", home=home, mark_id=0xAB)
    [line] = lines(home)
    assert (line["id"], line["stage"], line["action"]) == ("000000ab", "output", "allow")
