"""Records inside finished files."""

import json

from misora.generate.record import Record

PLAIN = {
    "prompt": "a rote Kugel „rollt“",
    "negative": "",
    "seed": 3,
    "model": "tiny",
    "model_sha256": "0" * 64,
    "steps": 2,
    "speed": "exact",
    "guidance": 2.5,
    "guidance_down_to": 0.6,
    "size": (96, 64),
    "seconds": 2.0,
    "fps": 8.0,
}


def test_a_record_is_one_line_of_json_with_versions() -> None:
    text = Record(**PLAIN).to_json()
    assert "\n" not in text
    known = json.loads(text)
    assert known["prompt"] == PLAIN["prompt"]
    assert "torch" in known["versions"]
    assert "enlarged_by" not in known


def test_enlarging_is_said() -> None:
    assert "resampling" in json.loads(Record(**PLAIN, scale=4).to_json())["enlarged_by"]
