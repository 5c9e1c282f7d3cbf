import inspect
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load

from misora.core.errors import StoppedError, UsageError
from misora.core.seeds import derive
from misora.corpus import film, ledger
from misora.corpus.film import FilmError, Order, captions_of, film_corpus
from misora.corpus.progress import Progress, ignore_progress
from misora.corpus.row import Row, captions_from_json
from misora.corpus.table import Corpus
from misora.video.decode import decode
from misora.worlds.draw import draw_script
from misora.worlds.grammar import WIDE
from misora.worlds.script import is_held_out, script_from_dict
from misora.worlds.truth import Truth


def film_here(path: Path, clips: int, **settings: Any) -> Corpus:
    return film_corpus(path, clips=clips, workers=0, on_progress=ignore_progress, **settings)


def test_a_filmed_row_holds_pixels_script_truth_and_every_caption(tmp_path: Path) -> None:
    corpus = film_here(tmp_path, 1)
    row = {name: values[0] for name, values in corpus.read([0], corpus.columns).items()}
    clip = decode(row["video"])
    assert clip.size == (row["width_px"], row["height_px"])
    assert (clip.num_frames, clip.fps) == (row["num_frames"], row["fps"])
    script = script_from_dict(json.loads(row["script"]))
    assert captions_from_json(row["lines"]) == captions_of(script)
    assert len(captions_from_json(row["lines"])) == 12
    assert Truth.from_tensors(load(row["truth"])).positions_m.shape[0] == clip.num_frames
    assert "mujoco" in row["renderer"]


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch, row: Callable[..., Row]) -> dict[int, BaseException]:
    """Replace the simulator by rows that are made at once; some numbers may be told to fail."""
    failing: dict[int, BaseException] = {}

    def take(filmer: object, order: Order) -> Order:
        if order.number in failing:
            raise failing[order.number]
        return order

    monkeypatch.setattr(film, "Filmer", nullcontext)
    monkeypatch.setattr(film, "_take", take)
    monkeypatch.setattr(film, "_row", lambda order, taken: row(order.number, id=order.id, split=order.split))
    monkeypatch.setattr(film, "film_order", inspect.unwrap(film.film_order))  # the stand-in is no Filmer
    return failing


def test_filming_goes_on_where_it_stopped_and_gives_the_same_corpus(tmp_path: Path, stage: object) -> None:
    heard: list[Progress] = []
    film_here(tmp_path / "halves", 300)
    halves = film_corpus(tmp_path / "halves", clips=600, workers=0, on_progress=heard.append)
    assert heard[-1].num_done == 600
    assert film_here(tmp_path / "halves", 400).num_rows == 600
    assert halves.version == film_here(tmp_path / "whole", 600).version


def test_what_is_filmed_is_kept_when_the_run_is_stopped(tmp_path: Path, stage: dict[int, BaseException]) -> None:
    stage[300] = KeyboardInterrupt()
    with pytest.raises(StoppedError, match="keeps its 300 clips; run it again"):
        film_here(tmp_path, 400)
    assert Corpus.open(tmp_path).num_rows == 300


def test_a_script_that_fails_goes_to_the_ledger_and_is_tried_again(
    tmp_path: Path, stage: dict[int, BaseException]
) -> None:
    stage[1] = ValueError("no such thing")
    assert film_here(tmp_path, 3).num_rows == 2
    (failure,) = ledger.read(tmp_path)
    assert (failure.path, failure.cause) == ("playroom-train-0-0000001", "ValueError: no such thing")
    stage.clear()
    assert film_here(tmp_path, 3).num_rows == 3


def test_a_world_that_always_fails_stops_the_run(tmp_path: Path, stage: dict[int, BaseException]) -> None:
    stage.update({number: ValueError("broken") for number in range(5, 100)})
    with pytest.raises(FilmError, match=r"16 clips in a row failed, the last with .*broken"):
        film_here(tmp_path, 100)
    assert Corpus.open(tmp_path).num_rows == 5


def test_held_out_clips_show_held_out_combinations(tmp_path: Path) -> None:
    corpus = film_here(tmp_path, 1, split="held_out")
    assert is_held_out(script_from_dict(json.loads(corpus.read([0], ["script"])["script"][0])))


def test_wide_clips_have_ids_of_their_own_and_a_fourth_register(tmp_path: Path) -> None:
    corpus = film_here(tmp_path, 1, grammar="wide")
    row = {name: values[0] for name, values in corpus.read([0], ["id", "lines"]).items()}
    assert row["id"] == "playroom-wide-train-0-0000000"
    told = captions_from_json(row["lines"])
    assert {caption.register for caption in told} == {"tags", "plain", "story", "paragraph"}
    assert len(told) == 16
    first, wide = (Order(world="playroom", split="train", seed=0, number=0, grammar=g) for g in ("first", "wide"))
    assert first.id == "playroom-train-0-0000000"
    assert first.script_seed(0) == derive("film", "playroom", "train", 0, 0, 0) != wide.script_seed(0)


def test_captions_of_the_mirror_swap_the_sides() -> None:
    for seed in range(12):
        told = captions_of(draw_script(seed, split="train", grammar=WIDE), registers=WIDE.registers)
        plain, mirrored = ([c for c in told if c.is_mirrored is side] for side in (False, True))
        for one, other in zip(plain, mirrored, strict=True):
            words = [[word.strip(".,:") for line in c.lines for word in line.text.split()] for c in (one, other)]
            swap = {"left": "right", "right": "left"}
            assert [swap.get(word, word) for word in words[0]] == words[1]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"world": "moon"}, "unknown world 'moon'"),
        ({"split": "test"}, "unknown split 'test'"),
        ({"grammar": "odd"}, "unknown grammar 'odd'"),
        ({"clips": 0}, "clips must be at least 1"),
    ],
)
def test_settings_out_of_range_are_refused(tmp_path: Path, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        film_corpus(tmp_path / "none", **{"clips": 1, **settings})
    assert not (tmp_path / "none").exists()


_SCRIPT = """
from misora.corpus import film

if __name__ == "__main__":
    film.FRAGMENT_ROWS = 4
    film.film_corpus({path!r}, clips=24, workers=2)
"""


@pytest.mark.soak
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_killed_run_leaves_no_process_and_goes_on_to_the_same_corpus(tmp_path: Path, how: signal.Signals) -> None:
    script, killed = tmp_path / "run.py", tmp_path / "killed"
    script.write_text(_SCRIPT.format(path=str(killed)))
    with subprocess.Popen([sys.executable, str(script)]) as running:
        while not (killed / "clips.lance").exists() or Corpus.open(killed).num_rows < 4:
            assert running.poll() is None
            time.sleep(0.2)
        children = _children_of(running.pid)
        running.send_signal(how)
    assert len(children) >= 2
    assert _end_within(children, 30.0)
    assert 4 <= Corpus.open(killed).num_rows < 24
    subprocess.run([sys.executable, str(script)], check=True)
    assert Corpus.open(killed).version == film_here(tmp_path / "whole", 24).version


def _children_of(pid: int) -> list[Path]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it ended meanwhile
            if int(path.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(path.parent)
    return found


def _end_within(processes: list[Path], seconds: float) -> bool:
    until = time.monotonic() + seconds
    while any(path.exists() for path in processes):
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True
