"""A canvas as plain values."""

import hashlib
import json

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from misora.core.config import from_dict, to_dict
from misora.core.errors import RecordError
from misora.generate.canvas import Canvas, Guidance
from misora.generate.canvas_record import CanvasRecord, digest_of, frame_bytes, lay_again, record_canvas, rgb_sha256
from misora.generate.control import Control
from misora.generate.pin import Pin
from misora.video.clip import Clip
from misora.video.line import Line


def noise(num: int, *, height: int = 32) -> Clip:
    """Frames of noise."""
    return Clip.at_rate(torch.randint(0, 256, (num, 3, height, 32), dtype=torch.uint8), 8.0)


def full() -> Canvas:
    """A canvas with everything on it."""
    return Canvas(
        seconds=3.0,
        fps=8.0,
        width_px=32,
        height_px=32,
        lines=(Line("ein roter Ball, für alle", 0.0, 1.5), Line("left", 1.5, 3.0)),
        negative="blue",
        pins=(
            Pin(clip=noise(4), mask=torch.rand(4, 32, 32) < 0.5),
            Pin(clip=noise(4, height=16), region=(0, 16, 32, 32), at_seconds=1.0, keep=((0.0, 0.2), (2.0, 0.9))),
            Pin(clip=noise(1), hold=0.1, is_card=True),
        ),
        controls=(Control(kind="track", times_seconds=(0.0, 1.0), values=((0.1, 0.2), (0.3, 0.4))),),
        guidance=Guidance(lines=3.0),
        seed=9,
        tail_frames=4,
    )


def test_a_canvas_comes_back_from_json_and_its_pixels() -> None:
    canvas = full()
    text = json.dumps(to_dict(record_canvas(canvas)))
    known = from_dict(CanvasRecord, json.loads(text))
    again = lay_again(known, {rgb_sha256(pin.clip.frames): pin.clip for pin in canvas.pins})
    assert record_canvas(again) == record_canvas(canvas)
    assert torch.equal(again.pins[0].mask, canvas.pins[0].mask)
    assert again.lines == canvas.lines


def test_the_hash_of_pixels_is_that_of_their_bytes_in_order() -> None:
    frames = noise(3).frames
    assert rgb_sha256(frames) == hashlib.sha256(frames.permute(0, 2, 3, 1).numpy().tobytes()).hexdigest()
    assert frame_bytes(frames[1]) == frames[1].permute(1, 2, 0).numpy().tobytes()


def test_a_digest_does_not_depend_on_the_order_of_keys_and_does_on_every_value() -> None:
    assert digest_of({"a": 1, "b": {"c": 2, "d": 3}}) == digest_of({"b": {"d": 3, "c": 2}, "a": 1})
    assert digest_of({"a": 1}) != digest_of({"a": 1.5})
    assert digest_of(record_canvas(full())) != digest_of(record_canvas(full()))  # other noise in the pins


def test_a_pin_that_is_not_there_is_named_by_time_and_hash() -> None:
    known = record_canvas(full())
    with pytest.raises(RecordError, match=rf"pin at 0 s \(4 frames of 32x32, hash {known.pins[0].rgb_sha256[:12]}\)"):
        lay_again(known, {})


@settings(max_examples=20, deadline=None)
@given(st.text(max_size=40))
def test_a_mask_that_is_broken_is_refused(text: str) -> None:
    canvas = full()
    known = to_dict(record_canvas(canvas))
    known["pins"][0]["mask"] = text
    with pytest.raises(RecordError, match="the record is broken"):
        lay_again(from_dict(CanvasRecord, known), {rgb_sha256(pin.clip.frames): pin.clip for pin in canvas.pins})
