from pathlib import Path

import pytest
import torch

from misora.core.errors import StoppedError, UsageError
from misora.corpus import add, ledger
from misora.corpus.add import Added, add_footage, footage_in, windows_of
from misora.corpus.progress import ignore_progress
from misora.corpus.row import captions_from_json
from misora.corpus.table import Corpus
from misora.video.clip import Clip
from misora.video.decode import decode
from misora.video.encode import write_clip
from misora.video.limits import DecodeLimits


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One clip with captions, one hostile file, one whose caption is broken."""
    footage = tmp_path / "footage"
    (footage / "deep").mkdir(parents=True)
    ramp = torch.arange(64, dtype=torch.uint8).expand(3, 48, 64)
    frames = torch.stack([ramp.roll(frame, -1) * 3 for frame in range(40)])
    write_clip(Clip.at_rate(frames, 20.0), footage / "deep" / "good.mp4")
    (footage / "deep" / "good.txt").write_text("stripes drift")
    whole = (footage / "deep" / "good.mp4").read_bytes()
    (footage / "cut short.mp4").write_bytes(whole[: len(whole) // 2])
    write_clip(Clip.at_rate(frames.flip(0), 20.0), footage / "muddled.mp4")
    (footage / "muddled.txt").write_text("[0 - 1] a\nb")
    (footage / "notes.md").write_text("no footage")
    return footage


def test_a_folder_is_added_and_its_bad_files_are_in_the_ledger(folder: Path, tmp_path: Path) -> None:
    added = add_footage(tmp_path / "corpus", folder, licence="CC-BY-4.0", on_progress=ignore_progress)
    assert added == Added(num_files=3, num_known=0, num_failed=2, num_clips=1, num_without_captions=0)
    failures = ledger.read(tmp_path / "corpus")
    assert [(Path(f.path).name, f.stage) for f in failures] == [("cut short.mp4", "decode"), ("muddled.mp4", "caption")]
    corpus = Corpus.open(tmp_path / "corpus")
    row = {name: values[0] for name, values in corpus.read([0], corpus.columns).items()}
    assert (row["source"], row["licence"], row["split"]) == ("deep/good.mp4", "CC-BY-4.0", "train")
    assert (row["width_px"], row["height_px"], row["num_frames"], row["fps"]) == (64, 48, 16, 8.0)
    assert [c.lines[0].text for c in captions_from_json(row["lines"])] == ["stripes drift"] * 2
    assert decode(row["video"]).num_frames == 16


def test_a_folder_added_again_adds_only_what_is_new(folder: Path, tmp_path: Path) -> None:
    add_footage(tmp_path / "corpus", folder / "deep", on_progress=ignore_progress)
    (folder / "muddled.txt").write_text("mended")
    (folder / "copy.mp4").write_bytes((folder / "deep" / "good.mp4").read_bytes())
    added = add_footage(tmp_path / "corpus", folder, on_progress=ignore_progress)
    assert (added.num_known, added.num_failed, added.num_clips) == (2, 1, 1)
    assert Corpus.open(tmp_path / "corpus").num_rows == 2


def test_what_is_added_is_kept_when_the_run_is_stopped(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(file: Path) -> None:
        raise KeyboardInterrupt

    write_clip(Clip.at_rate(torch.zeros(20, 3, 48, 64, dtype=torch.uint8), 20.0), folder / "zero.mp4")
    read = add.read_sidecar
    monkeypatch.setattr(add, "read_sidecar", lambda file: stop(file) if file.stem == "zero" else read(file))
    with pytest.raises(StoppedError, match="keeps 1 new clips; run it again"):
        add_footage(tmp_path / "corpus", folder, on_progress=ignore_progress)
    assert Corpus.open(tmp_path / "corpus").num_rows == 1


def test_long_files_are_decoded_in_windows(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(add, "_WINDOW_SECONDS", 0.75)
    windows = list(windows_of(folder / "deep" / "good.mp4", DecodeLimits(), short_side_px=48))
    assert [window.num_frames for window in windows] == [15, 15, 10]


def test_a_place_without_footage_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no footage"):
        footage_in(tmp_path)
    with pytest.raises(UsageError, match="does not exist"):
        footage_in(tmp_path / "nowhere")
