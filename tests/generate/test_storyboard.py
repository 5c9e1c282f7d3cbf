"""From canvas files to canvases."""

from pathlib import Path

import pytest
import torch

from misora.core.errors import MediaError, UsageError
from misora.generate.abilities import frames
from misora.generate.canvas_file import CanvasFile, CardEntry, Character, LineEntry, PinEntry
from misora.generate.source import open_clip
from misora.generate.storyboard import CHARACTER_LEVEL, storyboard
from misora.generate.studio import Studio, generate
from misora.video.clip import Clip
from misora.video.encode import write_clip
from misora.video.image import write_image
from misora.video.line import Line


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A clip of one second, and one of its frames."""
    clip = Clip.at_rate(torch.randint(0, 256, (8, 3, 64, 64), dtype=torch.uint8), 8.0)
    write_clip(clip, tmp_path / "a.mp4")
    write_image(tmp_path / "a.png", clip.frames[0])
    mask = torch.zeros(3, 64, 64, dtype=torch.uint8)
    mask[:, :16] = 255
    write_image(tmp_path / "mask.png", mask)
    return tmp_path


def said(*cards: CardEntry, **more: object) -> CanvasFile:
    """Two seconds."""
    return CanvasFile(cards=cards, **({"seconds": 2.0, "fps": 8.0, "seed": 1} | more))  # type: ignore[arg-type]


def test_cards_speak_until_the_next_that_does(studio: Studio, folder: Path) -> None:
    cards = (
        CardEntry(at_seconds=0.0, text="a red ball"),
        CardEntry(at_seconds=0.5, image=Path("a.png")),
        CardEntry(at_seconds=1.0, text="a blue ball", clip=Path("a.mp4")),
    )
    asked = storyboard(studio, said(*cards), folder=folder)
    assert asked.lines == (Line("a red ball", 0.0, 1.0), Line("a blue ball", 1.0, 2.0))
    assert [(pin.at_seconds, pin.clip.num_frames) for pin in asked.pins] == [(0.5, 1), (1.0, 8)]
    assert asked.size == (64, 64)
    video = generate(studio, asked, steps=1)
    assert torch.equal(video.clip.frames[8:], asked.pins[1].clip.frames)


def test_a_storyboard_is_the_canvas_that_python_lays_of_the_same_frames(studio: Studio, folder: Path) -> None:
    cards = (
        CardEntry(at_seconds=0.0, text="a red ball", image=Path("a.png")),
        CardEntry(at_seconds=1.0, clip=Path("a.mp4")),
    )
    asked = storyboard(studio, said(*cards), folder=folder)
    known = {0.0: open_clip(folder / "a.png"), 1.0: open_clip(folder / "a.mp4")}
    laid = frames(studio, known, "a red ball", seconds=2.0, fps=8.0, seed=1)  # type: ignore[arg-type]
    made = [generate(studio, canvas, steps=1).clip.frames for canvas in (asked, laid)]
    assert torch.equal(*made)


def test_a_named_character_is_described_and_shown(studio: Studio, folder: Path) -> None:
    rollo = Character(name="Rollo", description="a red ball", clip=Path("a.mp4"))
    other = Character(name="Bo", description="a blue ball", clip=Path("a.mp4"))
    cards = (CardEntry(at_seconds=0.0, text="a floor"), CardEntry(at_seconds=1.0, text="rollo rolls, Bolt stays"))
    asked = storyboard(studio, said(*cards, characters=(rollo, other), size=(64, 64)), folder=folder)
    assert asked.lines[1].text == "a red ball rolls, Bolt stays"
    [shown] = asked.pins
    assert (shown.is_card, shown.hold, shown.at_seconds) == (True, CHARACTER_LEVEL, 1.0)
    assert generate(studio, asked, steps=1).clip.num_frames == 16


def test_lines_pins_and_masks_are_laid_out(studio: Studio, folder: Path) -> None:
    pin = PinEntry(file=Path("a.mp4"), from_seconds=0.5, at_seconds=1.0, mask=Path("mask.png"))
    part = PinEntry(file=Path("a.png"), region=(0, 0, 32, 32), keep=0.5)
    lines = (LineEntry(text="a ball", to_seconds=1.0), LineEntry(text="a floor", from_seconds=1.0))
    asked = storyboard(studio, said(lines=lines, pins=(pin, part)), folder=folder)
    assert [line.to_seconds for line in asked.lines] == [1.0, 2.0]
    assert asked.pins[0].clip.num_frames == 4
    assert asked.pins[0].mask is not None
    assert asked.pins[0].mask[:, 16:].all()
    assert not asked.pins[0].mask[:, :16].any()
    assert asked.pins[1].clip.size == (32, 32)


def test_what_the_caller_says_goes_before_the_file(studio: Studio) -> None:
    cards = (CardEntry(at_seconds=0.0, text="a ball"),)
    asked = storyboard(studio, said(*cards, negative="dark"), seconds=1.0, size=(80, 64), seed=9, negative="", fps=None)
    assert (asked.seconds, asked.size, asked.seed, asked.negative, asked.fps) == (1.0, (80, 64), 9, "dark", 8.0)


def test_cards_that_overlap_or_stand_outside_are_refused(studio: Studio, folder: Path) -> None:
    clip = CardEntry(at_seconds=0.0, clip=Path("a.mp4"))
    with pytest.raises(UsageError, match=r"the card at 0\.5 s overlaps a\.mp4, which lasts until 1 s"):
        storyboard(studio, said(clip, CardEntry(at_seconds=0.5, image=Path("a.png"))), folder=folder)
    with pytest.raises(UsageError, match="the card at 3 s stands after the end at 2 s"):
        storyboard(studio, said(clip, CardEntry(at_seconds=3.0, text="late")), folder=folder)
    with pytest.raises(UsageError, match="ends at"):
        storyboard(studio, said(CardEntry(at_seconds=1.5, clip=Path("a.mp4"))), folder=folder)
    with pytest.raises(UsageError, match="a clip of 8 frames; name it as the card's clip"):
        storyboard(studio, said(CardEntry(at_seconds=0.0, image=Path("a.mp4"))), folder=folder)
    with pytest.raises(UsageError, match="say --fit fit"):
        storyboard(studio, said(clip, size=(96, 64)), folder=folder)
    with pytest.raises(MediaError, match="cannot read"):
        storyboard(studio, said(CardEntry(at_seconds=0.0, image=Path("none.png"))), folder=folder)
