import json
from pathlib import Path

import pytest

from misora.core.errors import OutputError, UsageError
from misora.core.folder import load_tensors, read_metadata
from misora.video.image import read_image
from misora.video.probe import probe
from misora.worlds.gallery import film_gallery
from misora.worlds.script import script_from_dict


def test_a_gallery_holds_clips_words_scripts_truth_and_a_sheet(tmp_path: Path) -> None:
    done: list[int] = []
    gallery = film_gallery(tmp_path / "out", clips=2, seed=3, on_clip=done.append)
    assert done == [1, 2]
    assert [path.name for path in gallery.clips] == ["0000.mp4", "0001.mp4"]
    assert read_image(gallery.sheet).shape[0] == 3
    first = gallery.clips[0]
    script = script_from_dict(json.loads(first.with_suffix(".json").read_text()))
    found = probe(first)
    assert (found.width_px, found.height_px) == (script.width_px, script.height_px)
    assert len(first.with_suffix(".txt").read_text().splitlines()) == sum(len(shot.beats) for shot in script.shots)
    assert "positions_m" in load_tensors(first.with_suffix(".safetensors"))
    assert read_metadata(first.with_suffix(".safetensors"))["renderer"]
    assert len(list(gallery.folder.iterdir())) == 2 * 4 + 1


def test_a_wide_gallery_films_other_clips(tmp_path: Path) -> None:
    narrow, wide = (film_gallery(tmp_path / name, clips=1, seed=1, grammar=name) for name in ("first", "wide"))
    assert narrow.clips[0].with_suffix(".json").read_text() != wide.clips[0].with_suffix(".json").read_text()
    with pytest.raises(UsageError, match="unknown grammar"):
        film_gallery(tmp_path / "other", clips=1, grammar="other")


def test_a_used_folder_needs_force(tmp_path: Path) -> None:
    (tmp_path / "note").touch()
    with pytest.raises(OutputError, match="--force"):
        film_gallery(tmp_path, clips=1)
    with pytest.raises(OutputError, match="cannot make the folder"):
        film_gallery(tmp_path / "note" / "under", clips=1)


def test_another_world_or_no_clips_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'playroom'"):
        film_gallery(tmp_path / "out", clips=1, world="sea")
    with pytest.raises(UsageError, match="at least 1"):
        film_gallery(tmp_path / "out", clips=0)
    assert not (tmp_path / "out").exists()
