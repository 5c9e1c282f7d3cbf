"""The commands of the abilities: what they hand over, and the options they share."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from misora import cli
from misora.cli.abilities import ABILITIES
from misora.cli.commands import generate
from misora.generate.options import Options
from misora.video.clip import Clip
from misora.video.encode import write_clip
from misora.video.image import write_image

Handed = list[tuple[Options, Callable[..., Any] | None]]


@pytest.fixture
def handed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Handed:
    """What the commands hand over, in a folder with a clip, a picture, a mask and a story."""
    found: Handed = []
    monkeypatch.setattr("misora.generate.command.run", lambda options, lay=None: found.append((options, lay)))
    monkeypatch.chdir(tmp_path)
    clip = Clip.at_rate(torch.randint(0, 256, (8, 3, 64, 64), dtype=torch.uint8), 8.0)
    write_clip(clip, tmp_path / "a.mp4")
    write_image(tmp_path / "a.png", clip.frames[0])
    (tmp_path / "story.toml").write_text("[[cards]]\nat_seconds = 0\ntext = 'a ball'\n")
    return found


@pytest.mark.parametrize(
    ("words", "stem"),
    [
        ("animate a.png rolls", "a-animate"),
        ("frames 0=a.png end=a.mp4 -p rolls", "a-frames"),
        ("extend a.mp4 rolls --after 1", "a-extend"),
        ("loop a.mp4 rolls", "a-loop"),
        ("loop rolls", "rolls-loop"),
        ("connect a.mp4 a.mp4 rolls", "a-connect"),
        ("recut a.mp4 rolls --keep 0-0.25 0.5-1", "a-recut"),
        ("remix a.mp4 rolls --strength 0.3", "a-remix"),
        ("blend a.mp4 a.mp4 rolls --curve 0:0,1:1", "a-blend"),
        ("inpaint a.png rolls --mask a.png", "a-inpaint"),
        ("reframe a.mp4 rolls --size 96x64", "a-reframe"),
        ("finalise a.mp4 rolls", "a-finalise"),
    ],
)
def test_each_ability_hands_over_its_sources_and_options(handed: Handed, words: str, stem: str) -> None:
    assert cli.main([*words.split(), "--seed", "4", "--steps", "2", "--dry-run"]) == 0
    [(options, lay)] = handed
    assert (options.prompt, options.stem, options.seed, options.steps, options.is_dry_run) == (
        "rolls",
        stem,
        4,
        2,
        True,
    )
    assert lay is not None
    assert options.suffix == (".png" if "inpaint" in words else ".mp4")


def test_a_storyboard_is_a_canvas_file(handed: Handed) -> None:
    assert cli.main(["storyboard", "story.toml", "--seed", "4"]) == 0
    assert (handed[0][0].stem, handed[0][0].seed) == ("story", 4)


def test_variations_hand_over_their_number(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[tuple[Options, int]] = []
    monkeypatch.setattr("misora.generate.command.run_variations", lambda options, *, num: found.append((options, num)))
    assert cli.main(["variations", "a ball", "--num", "4"]) == 0
    assert (found[0][0].is_still, found[0][1]) == (True, 4)


@pytest.mark.parametrize("name", ABILITIES)
def test_every_ability_has_the_options_of_generate_with_their_words(name: str) -> None:
    command, shared = ABILITIES[name], inspect.signature(generate).parameters
    own = inspect.signature(command).parameters
    wanted = {"output", "seed", "steps", "speed", "model", "json", "dry_run", "force"}
    assert wanted <= set(own)
    assert all(own[each] == shared[each] for each in wanted)
    assert all(f"\n        {each}: " in (command.__doc__ or "") for each in own)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("extend none.mp4 --after 1", "cannot read none.mp4"),
        ("extend story.toml --after 1", "story.toml"),
        ("recut a.mp4 --keep 0.5-0", "ends after it starts"),
        ("frames a.png", "TIME=FILE"),
        ("loop a.mp4 --seconds 2", "leave --seconds out"),
        ("blend a.mp4 a.mp4 --curve 0:x", "is no number"),
        ("remix a.mp4 rolls --camera fly", "unknown camera word"),
        ("extend a.mp4 --after 1 --output a.txt", "cannot tell the format"),
        ("extend a.mp4 --seconds 3", "extend --help"),
    ],
)
def test_bad_input_is_one_line_before_any_model_is_loaded(
    handed: Handed, words: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(words.split()) == 2
    told = capsys.readouterr().err
    assert message in told
    assert told.count("\n") == 1
    assert not handed
