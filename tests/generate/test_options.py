"""What is asked at the door."""

from pathlib import Path
from typing import Any

import pytest

from misora.core.errors import OutputError, UsageError
from misora.generate.options import DEFAULT_MODEL, Options, parse_size, plan_targets, slug
from misora.model.bundle import DEFAULT_NAME


def options(**changed: Any) -> Options:
    """A prompt and little else."""
    return Options(**({"prompt": "A red ball, rolling!"} | changed))


def test_file_is_named_after_the_prompt_and_the_seed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    [target] = plan_targets(options(seed=7))
    assert (str(target.path), target.seed) == ("a-red-ball-rolling-7.mp4", 7)
    [drawn] = plan_targets(options())
    assert str(drawn.path) == f"a-red-ball-rolling-{drawn.seed}.mp4"


def test_several_files_are_numbered_and_their_seeds_count_up(tmp_path: Path) -> None:
    targets = plan_targets(options(output=tmp_path / "ball.gif", count=3, seed=7))
    assert [(t.path.name, t.seed) for t in targets] == [("ball-1.gif", 7), ("ball-2.gif", 8), ("ball-3.gif", 9)]


def test_one_existing_file_stops_all_before_anything_is_computed(tmp_path: Path) -> None:
    (tmp_path / "ball-2.mp4").touch()
    with pytest.raises(OutputError, match=r"ball-2\.mp4 exists already"):
        plan_targets(options(output=tmp_path / "ball.mp4", count=2))
    assert len(plan_targets(options(output=tmp_path / "ball.mp4", count=2, force=True))) == 2
    assert len(plan_targets(options(output=tmp_path / "ball.mp4", count=2, is_dry_run=True))) == 2


def test_a_folder_or_a_file_in_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.mp4").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="is a folder"):
        plan_targets(options(output=tmp_path / "folder.mp4"))
    with pytest.raises(OutputError, match="cannot write"):
        plan_targets(options(output=tmp_path / "file" / "ball.mp4"))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("A red ball!", "a-red-ball"),
        ("Ünïcode Bälle", "unicode-balle"),
        ("красный мяч", "video"),
        ("../../etc/passwd", "etc-passwd"),
        ("word " * 40, "-".join(["word"] * 9)),
        ("x" * 100, "x" * 48),
    ],
)
def test_slugs_are_short_plain_and_stay_in_the_folder(text: str, name: str) -> None:
    assert slug(text) == name


@pytest.mark.parametrize(("suffix", "is_still"), [("mp4", False), ("gif", False), ("png", True), ("JPG", True)])
def test_the_suffix_says_whether_a_picture_is_meant(suffix: str, is_still: bool) -> None:
    assert options(output=Path(f"ball.{suffix}")).is_still is is_still


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"prompt": ""}, "prompt is empty"),
        ({"prompt": "a" * 10_000}, "10000 characters"),
        ({"negative": "a" * 10_000}, "negative prompt has 10000"),
        ({"count": 0}, "count must lie between"),
        ({"scale": 3}, "scale must be one of 1, 2, 4"),
        ({"output": Path("ball.avi")}, "end it in .mp4"),
        ({"output": Path("ball")}, "end it in .mp4"),
        ({"size": "wide"}, "such as 128x96"),
    ],
)
def test_bad_settings_are_refused_before_a_model_is_loaded(changed: dict, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        options(**changed)


def test_sizes_are_read_as_people_write_them() -> None:
    assert parse_size("128x96") == parse_size(" 128 X 96 ") == (128, 96)


def test_default_model_is_the_bundled_one() -> None:
    assert DEFAULT_MODEL == DEFAULT_NAME
