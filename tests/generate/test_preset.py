"""Presets as files."""

from pathlib import Path

import pytest

from misora.core.errors import UsageError
from misora.generate.preset import Preset, as_record, as_table, load_preset, preset_files, read_preset, user_folder
from misora.generate.sample import MAX_STEPS
from misora.worlds.words import VOCABULARY, words_of


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one's own, still empty."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    user_folder().mkdir(parents=True)
    return user_folder()


def test_every_shipped_preset_uses_words_that_the_model_knows() -> None:
    assert len(preset_files()) >= 5
    for name in preset_files():
        preset = load_preset(name)
        assert preset.about
        assert set(words_of(f"{preset.before} {preset.after} {preset.negative}")) <= VOCABULARY, name
        assert preset.steps is None or 1 <= preset.steps <= MAX_STEPS


def test_words_go_before_and_after() -> None:
    assert Preset(about="x", after=", in dim light").said("a red ball falls. ") == "a red ball falls, in dim light"
    assert Preset(about="x", before="in dim light,", after="on a grey floor").said("a ball") == (
        "in dim light, a ball on a grey floor"
    )


def test_a_file_of_ones_own_goes_before_the_shipped_one(own_folder: Path) -> None:
    (own_folder / "evening.toml").write_text('about = "mine"\nsteps = 3\n')
    assert load_preset("evening").steps == 3
    assert str(own_folder) in as_table(preset_files())
    assert as_record(load_preset("evening"))["about"] == "mine"
    assert load_preset(str(own_folder / "evening.toml")).about == "mine"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('about = "x"\nstepz = 3\n', r"own\.toml:2: unknown setting preset\.stepz; did you mean 'steps'"),
        ('about = "x"\n\nsteps = "many"\n', r"own\.toml:3: preset\.steps must be"),
        ('about = "x"\nsteps = \n', r"own\.toml is no preset: .*line 2"),
        ("steps = 3\n", r"own\.toml: missing setting preset\.about"),
        ("x" * 100_000, "larger than 64 KiB"),
    ],
)
def test_a_broken_file_is_told_by_file_and_line(own_folder: Path, text: str, words: str) -> None:
    (own_folder / "own.toml").write_text(text)
    with pytest.raises(UsageError, match=words):
        load_preset("own")


def test_a_name_that_is_not_there_is_told_which_are() -> None:
    with pytest.raises(UsageError, match=r"no preset named 'noir': there is closer, daylight"):
        load_preset("noir")
    with pytest.raises(UsageError, match=r"cannot read .*nowhere\.toml"):
        read_preset(Path("nowhere.toml"))
