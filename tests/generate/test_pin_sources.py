"""Pinned frames found again by their hash."""

from pathlib import Path

import pytest
import torch

from misora.core.errors import MediaError
from misora.generate.canvas_record import PinRecord, rgb_sha256
from misora.generate.pin_sources import find_pins
from misora.generate.source import fitted, open_clip, way_back
from misora.video.clip import Clip
from misora.video.encode import write_clip
from misora.video.image import write_image


def pin_of(clip: Clip) -> PinRecord:
    """What is looked for."""
    return PinRecord(
        rgb_sha256=rgb_sha256(clip.frames),
        first_sha256=rgb_sha256(clip.frames[:1]),
        num_frames=clip.num_frames,
        size=clip.size,
        at_seconds=0.0,
        region=None,
        keep=1.0,
        weight=1.0,
        hold=None,
        is_card=False,
        mask=None,
    )


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder with a clip at another size and rate, a picture, and what cannot be read."""
    write_clip(Clip.at_rate(torch.randint(0, 256, (24, 3, 48, 64), dtype=torch.uint8), 12.0), tmp_path / "a.mp4")
    write_image(tmp_path / "b.png", torch.randint(0, 256, (3, 40, 40), dtype=torch.uint8))
    (tmp_path / "c.txt").write_text("no clip")
    return tmp_path


def test_a_part_of_a_clip_and_a_picture_are_found_as_they_were_brought_to_the_canvas(source: Path) -> None:
    clip = fitted(open_clip(source / "a.mp4"), size=(64, 64), fps=8.0, fit="crop")
    part = Clip.at_rate(clip.frames[4:12], 8.0)
    still = fitted(open_clip(source / "b.png"), size=(64, 64), fps=8.0)
    found = find_pins([pin_of(part), pin_of(still)], [source], fps=8.0)
    for name, wanted in (("a.mp4", part), ("b.png", still)):
        path, clip = found[rgb_sha256(wanted.frames)]
        assert path == source / name
        assert torch.equal(clip.frames, wanted.frames)


def test_the_way_back_of_a_loop_is_found_in_its_clip(source: Path) -> None:
    clip = fitted(open_clip(source / "a.mp4"), size=(64, 64), fps=8.0, fit="crop")
    back = way_back(clip, 6)
    assert torch.equal(find_pins([pin_of(back)], [source], fps=8.0)[rgb_sha256(back.frames)][1].frames, back.frames)


def test_what_is_not_there_is_not_found_and_a_named_file_must_be_readable(source: Path) -> None:
    other = pin_of(Clip.at_rate(torch.zeros(4, 3, 64, 64, dtype=torch.uint8), 8.0))
    assert find_pins([other], [source], fps=8.0) == {}
    assert find_pins([], [source / "c.txt"], fps=8.0) == {}
    with pytest.raises(MediaError):
        find_pins([other], [source / "c.txt"], fps=8.0)
