"""Judges of an operator's own."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import torch

from misora.core.errors import PolicyError
from misora.trust.findings import Finding, Prompt
from misora.trust.moderator import Moderator
from misora.trust.plugins import plugged_in
from misora.trust.policy import DATA, load_policy
from misora.video.clip import Clip

SHIPPED = (DATA / "policy.toml").read_text(encoding="utf-8")


class NoBananas:
    """A judge of words and frames that an operator might write."""

    name = "bananas"

    def judge_prompt(self, prompt: Prompt, /) -> Sequence[Finding]:
        is_found = "banana" in prompt.text
        return [Finding(category="violence", score=1.0, rule="bananas/word", evidence="banana")] if is_found else []

    def judge_frames(self, clip: Clip, /) -> Sequence[Finding]:
        is_found = clip.frames[0].float().mean() > 200
        return [Finding(category="violence", score=1.0, rule="bananas/bright", frame=0)] if is_found else []


def no_judge() -> str:
    return "nothing that judges"


def _policy(folder: Path, plugin: str, mode: str = "required") -> Path:
    path = folder / "policy.toml"
    path.write_text(f'{SHIPPED}\n[judges.bananas]\nmode = "{mode}"\nplugin = "{plugin}"\n', encoding="utf-8")
    return path


def test_a_plugged_judge_is_asked_about_words_and_frames(tmp_path: Path) -> None:
    moderator = Moderator.load(_policy(tmp_path, f"{__name__}:NoBananas"))
    assert moderator.prompt("a banana rolls left").rulings[0].finding.rule == "bananas/word"
    assert moderator.prompt("a ball rolls left").action == "allow"
    bright, dark = (Clip.at_rate(torch.full((8, 3, 16, 16), level, dtype=torch.uint8), 8) for level in (250, 5))
    assert [moderator.frames(clip, stage="output").action for clip in (bright, dark)] == ["block", "allow"]


@pytest.mark.parametrize("plugin", ["no_such_package_of_judges:maker", f"{__name__}:no_such_maker"])
def test_a_judge_that_is_not_installed_is_told_as_absent_or_closes_the_door(tmp_path: Path, plugin: str) -> None:
    absent = Moderator.load(_policy(tmp_path, plugin, "optional")).prompt("a ball rolls left").absent
    assert "bananas" in absent
    with pytest.raises(PolicyError, match="judge bananas is required, but its plugin"):
        Moderator.load(_policy(tmp_path, plugin))


def test_what_is_no_judge_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="gave str, which lacks"):
        plugged_in(load_policy(_policy(tmp_path, f"{__name__}:no_judge")))


def test_a_plugin_is_written_as_module_and_maker(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"package\.module:maker"):
        load_policy(_policy(tmp_path, "rm -rf"))
