"""The work folder of a long run."""

from pathlib import Path

import pytest
import torch

from misora.core.errors import OutputError
from misora.generate.work import Work, folder_of, seed_of_unfinished


def test_a_window_is_kept_and_read_back_to_the_bit(tmp_path: Path) -> None:
    work = Work.open(tmp_path / "a.mp4", key="k")
    latents = torch.randn(4, 8, 2, 3)
    assert work.load(0) is None
    work.save(0, latents)
    again = Work.open(tmp_path / "a.mp4", key="k")
    assert torch.equal(again.load(0), latents)
    assert again.num_done == 1


def test_windows_of_another_key_are_let_go(tmp_path: Path) -> None:
    Work.open(tmp_path / "a.mp4", key="k").save(0, torch.zeros(1, 1, 1, 1))
    assert Work.open(tmp_path / "a.mp4", key="other").load(0) is None


def test_a_broken_window_is_made_anew(tmp_path: Path) -> None:
    work = Work.open(tmp_path / "a.mp4", key="k")
    work.save(0, torch.zeros(1, 1, 1, 1))
    (work.folder / "window-000.safetensors").write_bytes(b"half")
    assert work.load(0) is None
    assert work.num_done == 0


def test_a_finished_work_leaves_nothing_but_what_is_not_its_own(tmp_path: Path) -> None:
    work = Work.open(tmp_path / "a.mp4", key="k")
    work.save(0, torch.zeros(1, 1, 1, 1))
    work.preview.write_bytes(b"")
    work.finish()
    assert not list(tmp_path.iterdir())
    work = Work.open(tmp_path / "a.mp4", key="k")
    (work.folder / "mine.txt").write_text("kept")
    work.finish()
    assert [path.name for path in work.folder.iterdir()] == ["mine.txt"]


def test_the_seed_of_an_unfinished_run_is_found_by_what_was_asked(tmp_path: Path) -> None:
    Work.open(tmp_path / "a.mp4", key="k", asked="ball", seed=7)
    Work.open(tmp_path / "b.mp4", key="k", asked="cube", seed=8)
    (tmp_path / "c.mp4.work").mkdir()
    (tmp_path / "d.mp4.work").mkdir()
    (tmp_path / "d.mp4.work" / "work.json").write_text("[")
    assert seed_of_unfinished(tmp_path, "cube") == 8
    assert seed_of_unfinished(tmp_path, "egg") is None
    assert seed_of_unfinished(tmp_path / "nowhere", "egg") is None


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    folder_of(tmp_path / "a.mp4").write_bytes(b"")
    with pytest.raises(OutputError, match="cannot make"):
        Work.open(tmp_path / "a.mp4", key="k")
