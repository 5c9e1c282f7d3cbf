"""What a finished file says about how it was made."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from misora.core.errors import RecordError
from misora.core.machine import fingerprint, versions
from misora.generate.record import DIGEST, Record, machine_record, read_record, record_from_json, sidecar_of
from misora.generate.studio import Studio
from misora.video.clip import Clip
from misora.video.encode import write_clip


@pytest.fixture(scope="module")
def record(studio: Studio) -> Record:
    """Of a short video."""
    return studio.generate("a red ball", seconds=0.5, size=(64, 64), steps=1, seed=3, negative="a blue ball").told


def test_the_record_is_one_line_of_json_with_versions_machine_and_hash(record: Record) -> None:
    text = record.to_json()
    assert "\n" not in text
    known = json.loads(text)
    assert known["versions"] == versions()
    assert known["machine"] == machine_record(fingerprint())
    assert known["canvas"]["lines"] == [{"text": "a red ball", "from_seconds": 0.0, "to_seconds": 0.5}]
    assert len(known["rgb_sha256"]) == len(known[DIGEST]) == 64
    assert "enlarged_by" not in known
    assert "Lanczos" in json.loads(replace(record, scale=2).to_json())["enlarged_by"]


def test_a_record_comes_back_from_its_json(record: Record) -> None:
    assert record_from_json(record.to_json()) == (record, versions())
    assert record_from_json(replace(record, scale=2).to_json())[0].scale == 2


@pytest.mark.parametrize("key", ["prompt", "seed", "rgb_sha256", "steps", "canvas", DIGEST])
def test_a_record_edited_by_hand_is_refused(record: Record, key: str) -> None:
    known = record.as_dict()
    known[key] = {"seed": 4, "steps": 2, "canvas": None}.get(key, "edited")
    with pytest.raises(RecordError, match="was changed after it was written"):
        record_from_json(json.dumps(known))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not a record"),
        ("[1]", "not a record with a digest"),
        ("{}", "not a record with a digest"),
        ("[" * 9999, "not a"),
    ],
)
def test_what_is_no_record_is_refused(text: str, words: str) -> None:
    with pytest.raises(RecordError, match=words):
        record_from_json(text)


def test_without_words_nothing_that_was_said_is_left(record: Record) -> None:
    private = replace(record, raw_prompt="red ball", expanded_by="playroom").without_words()
    text = private.to_json()
    assert "ball" not in text
    assert record_from_json(text)[0] == private
    assert private.is_private


def test_a_record_is_read_from_the_file_or_from_beside_it(tmp_path: Path, studio: Studio) -> None:
    video = studio.generate("a red ball", seconds=0.5, size=(64, 64), steps=1, seed=3)
    for name in ("a.mp4", "a.gif", "a.webp"):
        path = video.save(tmp_path / name)
        assert read_record(path)[0] == read_record(sidecar_of(path))[0] == video.told
        sidecar_of(path).unlink()
        if name == "a.mp4":
            assert read_record(path)[0] == video.told


def test_a_file_without_a_record_is_refused(tmp_path: Path) -> None:
    write_clip(
        Clip.at_rate(torch.zeros(4, 3, 32, 32, dtype=torch.uint8), 8.0), tmp_path / "a.mp4", metadata={"comment": "x"}
    )
    with pytest.raises(RecordError, match=r"holds no record, and there is no a\.mp4\.json beside it"):
        read_record(tmp_path / "a.mp4")
    (tmp_path / "b.mp4").write_bytes(b"no video")
    with pytest.raises(RecordError, match="cannot read"):
        read_record(tmp_path / "b.mp4")
    with pytest.raises(RecordError, match="cannot read"):
        read_record(tmp_path / "nothing.json")
