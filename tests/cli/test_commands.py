"""The thin calls, from words to files; what they call is tested in its room."""

import json
from dataclasses import fields
from pathlib import Path

import pytest

from misora import cli
from misora.generate.options import Options


def _json(capsys: pytest.CaptureFixture[str], *words: str) -> dict:
    assert cli.main([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_film_writes_what_it_tells(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = _json(capsys, "film", "--out", str(tmp_path / "g"), "--clips", "1")
    assert Path(found["sheet"]).is_file()


def test_a_corpus_is_filmed_added_to_and_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    corpus = str(tmp_path / "corpus")
    assert _json(capsys, "corpus", "film", corpus, "--clips", "1", "--workers", "0")["num_rows"] == 1
    (tmp_path / "bad.mp4").write_bytes(b"no video")
    added = _json(capsys, "corpus", "add", corpus, str(tmp_path / "bad.mp4"))
    assert (added["num_files"], added["num_failed"], added["num_clips"]) == (1, 1, 0)
    shown = _json(capsys, "corpus", "show", corpus, "--out", str(tmp_path / "sheet.png"))
    assert (shown["num_rows"], shown["num_failures"]) == (1, 1)
    assert (tmp_path / "sheet.png").is_file()
    assert cli.main(["corpus", "show", corpus, "--out", str(tmp_path / "sheet.png")]) == 2


@pytest.mark.parametrize("words", [["corpus", "show"], ["corpus", "encode", "--model", "none"]])
def test_a_missing_corpus_is_one_line(words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([*words, str(tmp_path / "none")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_generate_hands_over_every_option(monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[Options] = []
    monkeypatch.setattr("misora.generate.command.run", lambda options, lay: handed.append(options))
    words = "-o x.png --seed 3 --seconds 1 --fps 12 --size 64x96 --scale 2 --steps 4 --speed fast --guidance 1.5"
    more = "--negative dark --count 2 --model m --text-encoder t --json --dry-run --force --draft --visible-mark --trust-home h"
    camera = "--camera orbit --camera-path c.csv --track t.csv"
    wording = "--preset evening --expand --expand-url http://host/v1 --expand-model m --private"
    settings = f"{words} {more} {camera} {wording}".split()
    assert cli.main(["generate", "a ball", *settings]) == 0
    [options] = handed
    untouched = Options(prompt="another")
    assert [f.name for f in fields(Options) if getattr(options, f.name) == getattr(untouched, f.name)] == [
        "stem",
        "suffix",
        "sources",
    ]


def test_generate_takes_a_canvas_in_place_of_a_prompt(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "story.toml").write_text("seed = 7\nis_still = true\n")
    handed: list[Options] = []
    monkeypatch.setattr("misora.generate.command.run", lambda options, lay: handed.append(options))
    assert cli.main(["generate", "--canvas", str(tmp_path / "story.toml")]) == 0
    assert (handed[0].stem, handed[0].suffix, handed[0].seed) == ("story", ".png", 7)
    assert cli.main(["generate", "a ball", "--canvas", str(tmp_path / "story.toml")]) == 2
    assert cli.main(["generate"]) == 2


def test_train_reads_a_budget_as_people_write_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from misora.train.run import Outcome

    asked: dict[str, object] = {}

    def start(recipe: str, **settings: object) -> Outcome:
        asked.update(settings, recipe=recipe)
        return Outcome(step=3, is_finished=False, seconds=60.0, num_skipped=0, part=None)

    monkeypatch.setattr("misora.train.start.train", start)
    assert cli.main(["train", "nano", "--corpus", "c", "--out", "o", "--budget", "1h30m"]) == 0
    assert (asked["recipe"], asked["budget_seconds"]) == ("nano", 5400.0)


def test_evaluate_prints_what_was_measured(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("misora.evaluate.command.evaluate", lambda model, **settings: f"{model} {settings['prompts']}")
    assert cli.main(["evaluate", "m", "--prompts", "4"]) == 0
    assert capsys.readouterr().out == "m 4\n"


def test_fetch_text_tells_where_the_files_lie(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from misora.model.text_files import TextFiles

    files = TextFiles(weights=tmp_path / "w", tokenizer=tmp_path / "t")
    monkeypatch.setattr("misora.model.fetch.fetch_text", lambda folder: files)
    assert _json(capsys, "fetch", "text") == {"folder": str(tmp_path)}
