"""The judge of hashes."""

from pathlib import Path

import pytest
import torch

from misora.core.errors import PolicyError, UsageError
from misora.core.seeds import generator
from misora.trust.findings import FrameJudge
from misora.trust.hash_judge import HashJudge, Listed, frame_hashes, hash_line
from misora.trust.policy import DATA
from misora.video.clip import Clip


def _frames(name: str, count: int = 3) -> torch.Tensor:
    coarse = torch.rand(count, 3, 7, 9, generator=generator(name))
    return torch.nn.functional.interpolate(coarse, size=(60, 80), mode="bicubic").clamp(0, 1).mul(255).to(torch.uint8)


def _judge(folder: Path, frames: torch.Tensor) -> HashJudge:
    [bits] = frame_hashes(frames[:1])
    (folder / "h.txt").write_text(f"# mine\n{bits:016x} sexual_minors known-1  # remark\n")
    return HashJudge(folder / "h.txt")


def test_a_listed_picture_is_found_after_changes(tmp_path: Path) -> None:
    frames = _frames("listed", 1)
    judge = _judge(tmp_path, frames)
    small = torch.nn.functional.interpolate(frames.float(), scale_factor=0.6, mode="bilinear", antialias=True)
    for changed in (
        frames,
        frames.flip(-1),
        small.clamp(0, 255).to(torch.uint8),
        frames.float().mul(0.7).to(torch.uint8),
    ):
        clip = Clip.at_rate(torch.cat([torch.zeros_like(changed), changed]), 8)
        [finding] = judge.judge_frames(clip)
        assert (finding.category, finding.rule, finding.frame, finding.score) == (
            "sexual_minors",
            "hashes/known-1",
            1,
            1.0,
        )


def test_other_pictures_and_flat_ones_are_not_found(tmp_path: Path) -> None:
    judge = _judge(tmp_path, _frames("listed", 1))
    assert judge.judge_frames(Clip.at_rate(_frames("others", 200), 8)) == []
    with pytest.raises(UsageError, match="flat colour"):
        hash_line(torch.zeros(3, 9, 9, dtype=torch.uint8), category="hate", rule="x")
    with pytest.raises(UsageError, match="without spaces"):
        hash_line(_frames("any")[0], category="hate", rule="two words")
    assert frame_hashes(torch.full((1, 3, 40, 40), 9, dtype=torch.uint8)) == [None]


def test_the_shipped_list_is_empty_and_a_judge() -> None:
    judge = HashJudge(DATA / "hashes.txt")
    assert isinstance(judge, FrameJudge)
    assert (judge.listed, judge.categories) == ((), frozenset())
    assert judge.judge_frames(Clip.at_rate(_frames("any"), 8)) == []


def test_a_wrong_line_is_named(tmp_path: Path) -> None:
    (tmp_path / "h.txt").write_text("\n\n123 sexual x\n")
    with pytest.raises(PolicyError, match=r"h\.txt:3: '123 sexual x' is not a hash"):
        HashJudge(tmp_path / "h.txt")
    with pytest.raises(PolicyError, match="cannot read"):
        HashJudge(tmp_path / "none.txt")
    assert Listed(bits=1, category="c", rule="r").bits == 1
