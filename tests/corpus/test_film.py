import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load

from misora.core.errors import UsageError
from misora.corpus import film, ledger
from misora.corpus.film import FilmError, Order, captions_of, film_corpus, film_order
from misora.corpus.progress import Progress, ignore_progress
from misora.corpus.row import Row, captions_from_json
from misora.corpus.table import Corpus
from misora.video.decode import decode
from misora.worlds.draw import draw_script
from misora.worlds.film import Filmer
from misora.worlds.script import is_held_out, script_from_dict
from misora.worlds.truth import Truth


def film_here(path: Path, clips: int, **settings: Any) -> Corpus:
    return film_corpus(path, clips=clips, workers=0, on_progress=ignore_progress, **settings)


def test_a_filmed_row_holds_pixels_script_truth_and_every_caption(tmp_path: Path) -> None:
    corpus = film_here(tmp_path, 2)
    row = {name: values[0] for name, values in corpus.read([1], corpus.columns).items()}
    clip = decode(row["video"])
    assert clip.size == (row["width_px"], row["height_px"])
    assert (clip.num_frames, clip.fps) == (row["num_frames"], row["fps"])
    script = script_from_dict(json.loads(row["script"]))
    assert captions_from_json(row["lines"]) == captions_of(script)
    assert len(captions_from_json(row["lines"])) == 12
    assert Truth.from_tensors(load(row["truth"])).positions_m.shape[0] == clip.num_frames
    assert "mujoco" in row["renderer"]


def test_filming_goes_on_where_it_stopped_and_gives_the_same_corpus(tmp_path: Path) -> None:
    heard: list[Progress] = []
    film_here(tmp_path / "halves", 2)
    halves = film_corpus(tmp_path / "halves", clips=4, workers=0, on_progress=heard.append)
    assert heard[-1].num_done == 4
    assert film_here(tmp_path / "halves", 3).num_rows == 4
    assert halves.version == film_here(tmp_path / "whole", 4).version


def test_what_is_filmed_is_kept_when_the_run_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop_at_the_third(filmer: Filmer, order: Order) -> Any:
        if order.number == 2:
            raise KeyboardInterrupt
        return film_order(filmer, order)

    monkeypatch.setattr(film, "film_order", stop_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        film_here(tmp_path, 4)
    assert Corpus.open(tmp_path).num_rows == 2


def test_a_script_that_fails_goes_to_the_ledger_and_the_run_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail_at_the_second(filmer: Filmer, order: Order) -> Row | ledger.Failure:
        if order.number == 1:
            return film_order(None, order)  # type: ignore[arg-type]
        return film_order(filmer, order)

    monkeypatch.setattr(film, "film_order", fail_at_the_second)
    assert film_here(tmp_path, 3).num_rows == 2
    (failure,) = ledger.read(tmp_path)
    assert (failure.path, failure.stage) == ("playroom-train-0-0000001", "film")


def test_a_world_that_always_fails_stops_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(filmer: Filmer, order: Order) -> Row | ledger.Failure:
        return film_order(None, order)  # type: ignore[arg-type]

    monkeypatch.setattr(film, "film_order", fail)
    with pytest.raises(FilmError, match="16 clips in a row failed"):
        film_here(tmp_path, 100)


def test_held_out_clips_show_held_out_combinations(tmp_path: Path) -> None:
    corpus = film_here(tmp_path, 1, split="held_out")
    assert is_held_out(script_from_dict(json.loads(corpus.read([0], ["script"])["script"][0])))


def test_captions_of_the_mirror_swap_the_sides() -> None:
    for seed in range(40):
        told = captions_of(draw_script(seed, split="train"))
        plain, mirrored = ([c for c in told if c.is_mirrored is side] for side in (False, True))
        for one, other in zip(plain, mirrored, strict=True):
            words = [[word.strip(".,") for line in c.lines for word in line.text.split()] for c in (one, other)]
            swap = {"left": "right", "right": "left"}
            assert [swap.get(word, word) for word in words[0]] == words[1]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"world": "moon"}, "unknown world 'moon'"),
        ({"split": "test"}, "unknown split 'test'"),
        ({"clips": 0}, "clips must be at least 1"),
    ],
)
def test_settings_out_of_range_are_refused(tmp_path: Path, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        film_corpus(tmp_path / "none", **{"clips": 1, **settings})
    assert not (tmp_path / "none").exists()


_SCRIPT = """
from misora.corpus.film import film_corpus
if __name__ == "__main__":
    film_corpus({path!r}, clips={clips}, workers=2)
"""


@pytest.mark.soak
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_killed_run_goes_on_to_the_same_corpus(tmp_path: Path, how: signal.Signals) -> None:
    script = tmp_path / "run.py"
    script.write_text(_SCRIPT.format(path=str(tmp_path / "killed"), clips=24))
    with subprocess.Popen([sys.executable, str(script)], env={**os.environ, "PYTHONUNBUFFERED": "1"}) as running:
        time.sleep(8)
        running.send_signal(how)
    subprocess.run([sys.executable, str(script)], check=True)
    assert Corpus.open(tmp_path / "killed").version == film_here(tmp_path / "whole", 24).version
