import pytest
import torch

from misora.core.errors import UsageError
from misora.evaluate import footage
from misora.video.clip import Clip


def test_the_sample_clips_are_whole_cells_and_groups() -> None:
    clips = footage.sample_clips(seconds=0.5)
    assert set(clips) == {*footage.ADAPTED, footage.HELD_OUT} == set(footage.LICENCES)
    for clip in clips.values():
        assert clip.num_frames % 4 == 0
        assert all(side % 16 == 0 for side in clip.size)
        assert min(clip.size) == 96 or min(clip.size) == 80


def test_a_clip_is_cut_around_its_middle() -> None:
    frames = torch.zeros(6, 3, 34, 40, dtype=torch.uint8)
    frames[:, :, 1:33, 4:36] = 9
    cut = footage.whole(Clip.at_rate(frames, 8.0))
    assert cut.frames.shape == (4, 3, 32, 32)
    assert (cut.frames == 9).all()


def test_a_missing_package_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(footage, "PACKAGE", "no-such-package")
    with pytest.raises(UsageError, match="run `make setup`"):
        footage.sample_files()
