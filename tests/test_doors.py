"""Every way out of the package: each marks and signs, or stands on the list of what is exempt, with its reason in the docs."""

from __future__ import annotations

import ast
import inspect
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from misora import cli
from misora.core.errors import RefusedError
from misora.generate import again
from misora.generate.again import make_again
from misora.generate.stream import film
from misora.generate.studio import Studio
from misora.generate.video import Video
from misora.trust.findings import Finding
from misora.trust.hash_judge import HashJudge
from misora.trust.home import Home
from misora.trust.verify import verify

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "misora"
WRITERS = {"write_clip", "write_image", "encode", "encode_image", "VideoWriter", "write_gif", "write_webp", "to_pil"}

# Files outside of video/ that write or encode pixels: where they sign, and what is exempt, as docs/trust.md names it.
DOORS = {"generate/video.py", "generate/stream.py"}
EXEMPT = {
    "worlds/gallery.py": "filmed truth",
    "worlds/film.py": "filmed truth",
    "corpus/film.py": "filmed truth",
    "corpus/show.py": "contact sheets",
    "corpus/add.py": "footage of one's own",
    "cli/commands.py": "contact sheets",
    "train/run.py": "strips of training",
    "generate/long_run.py": "previews",
}
# Within a door: functions that write without signing, each with the reason.
EXEMPT_FUNCTIONS = {("generate/video.py", "_repr_html_"): "previews"}


def writers_in(path: Path) -> dict[str, set[str]]:
    """Which functions of a file call which writers of video/."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("misora.video")
        for alias in node.names
        if alias.name in WRITERS
    }
    found: dict[str, set[str]] = {}
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        calls = (n.func.id for n in ast.walk(function) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name))
        if used := set(calls) & imported:
            found[function.name] = used
    return found


def test_whoever_writes_pixels_signs_or_is_exempt() -> None:
    docs = (ROOT / "docs" / "trust.md").read_text(encoding="utf-8")
    for path in sorted(SOURCE.rglob("*.py")):
        name = path.relative_to(SOURCE).as_posix()
        found = writers_in(path)
        if not found or name.startswith("video/"):
            continue
        assert name in DOORS or name in EXEMPT, f"{name} writes pixels; sign them with trust.seal, or say why not"
        if name in EXEMPT:
            assert EXEMPT[name] in docs
            continue
        for function in found:
            if (name, function) in EXEMPT_FUNCTIONS:
                assert EXEMPT_FUNCTIONS[name, function] in docs
            else:
                text = ast.unparse(
                    next(n for n in ast.walk(ast.parse(path.read_text())) if getattr(n, "name", "") == function)
                )
                assert "finishing(" in text, f"{name}: {function} writes pixels without a seal"


@pytest.fixture(scope="module")
def studio() -> Studio:
    """The bundled model."""
    return Studio.load()


@pytest.mark.parametrize("suffix", [".mp4", ".gif", ".webp", ".png", ".jpg"])
def test_video_save_signs_by_default(suffix: str, studio: Studio, tmp_path: Path) -> None:
    is_still = suffix in (".png", ".jpg")
    video = studio.generate("a red ball", steps=1, seconds=0.5, size=(64, 64), seed=3, is_still=is_still)
    verdict = verify(video.save(tmp_path / f"a{suffix}"), Home.open())
    assert (verdict.state, verdict.loose, verdict.is_stored_file) == ("ours", (), True)
    assert verdict.generation["model"] == "playroom-nano"


@pytest.mark.parametrize("name", ["a.mp4", "a.gif", "a.png", "a.webp", "a.jpg"])
def test_the_command_line_signs_by_default(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--steps", "1", "--seconds", "0.5", "--size", "64x64", "--seed", "3", "--json"]
    assert cli.main(["generate", "a red ball", "-o", str(tmp_path / name), *words]) == 0
    [told] = json.loads(capsys.readouterr().out)["files"]
    verdict = verify(tmp_path / name, Home.open())
    assert (verdict.state, verdict.loose) == ("ours", ())
    assert verdict.sha256 == told["sha256"]
    assert verdict.generation["id"] == told["id"]


FORBIDDEN = "explicit hardcore porn of a naked woman"


def decisions(home: Home) -> list[dict[str, object]]:
    """What the log says was decided."""
    path = home.folder / "audit.jsonl"
    found = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()) if path.is_file() else ()
    return [entry["data"] for entry in found if entry["kind"] == "decision"]


def test_the_command_line_refuses_what_policy_blocks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target, before = tmp_path / "a.mp4", len(decisions(Home.open()))
    assert cli.main(["generate", FORBIDDEN, "-o", str(target), "--steps", "1", "--seconds", "0.5"]) != 0
    assert "refused as" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
    told = decisions(Home.open())[before:]
    assert [one["is_refused"] for one in told] == [True]


@pytest.mark.parametrize("place", ["prompt", "negative"])
def test_python_refuses_what_policy_blocks_before_anything_is_computed(place: str, studio: Studio) -> None:
    words = {"prompt": "a red ball"} | {place: FORBIDDEN}
    with pytest.raises(RefusedError, match="refused as"):
        studio.generate(words.pop("prompt"), steps=1, seconds=0.5, size=(64, 64), seed=3, **words)


@pytest.mark.parametrize("suffix", [".mp4", ".gif", ".webp", ".png"])
def test_a_canvas_of_ones_own_is_refused_when_it_is_saved(suffix: str, studio: Studio, tmp_path: Path) -> None:
    video = studio.generate("a red ball", steps=1, seconds=0.5, size=(64, 64), seed=3, is_still=suffix == ".png")
    line = replace(video.canvas.lines[0], text=FORBIDDEN)
    forged = replace(video, canvas=replace(video.canvas, lines=(line,)))
    with pytest.raises(RefusedError, match="refused as"):
        forged.save(tmp_path / f"a{suffix}")
    assert list(tmp_path.iterdir()) == []


def test_frames_on_the_list_of_hashes_are_refused_and_nothing_is_written(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    video = studio.generate("a red ball", steps=1, seconds=0.5, size=(64, 64), seed=3)
    found = Finding(category="sexual", score=1.0, rule="hashes/test", frame=0)
    monkeypatch.setattr(HashJudge, "judge_frames", lambda _self, _clip: (found,))
    with pytest.raises(RefusedError, match=r"the video made .frame 0. is refused as"):
        video.save(tmp_path / "a.mp4")
    assert list(tmp_path.iterdir()) == []


def test_a_long_video_is_signed_while_it_is_written_or_refused(studio: Studio, tmp_path: Path) -> None:
    canvas = studio.canvas("a red ball", seconds=0.5, size=(64, 64), seed=3)
    made = film(studio, canvas, steps=1)
    made.save(tmp_path / "a.mp4")
    assert verify(tmp_path / "a.mp4", Home.open()).state == "ours"
    line = replace(made.plan.canvas.lines[0], text=FORBIDDEN)
    forged = replace(made, plan=replace(made.plan, canvas=replace(made.plan.canvas, lines=(line,))))
    with pytest.raises(RefusedError, match="refused as"):
        forged.save(tmp_path / "b.mp4")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4", "a.mp4.json"]


def test_making_a_file_again_signs_it_and_asks_policy(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = studio.generate("a red ball", steps=1, seconds=0.5, size=(64, 64), seed=3).save(tmp_path / "a.mp4")
    made = make_again(first)
    assert made.is_identical
    assert verify(made.path, Home.open()).state == "ours"
    asked: list[str] = []
    monkeypatch.setattr(again, "admitted", lambda canvas, **_: asked.append(canvas.prompt) or canvas)
    make_again(first, force=True)
    assert asked == ["a red ball"]


def test_no_switch_of_the_default_door_leaves_signing_out() -> None:
    doors = {**cli.COMMANDS, "Video.save": Video.save}
    for name, door in doors.items():
        switches = set(inspect.signature(door).parameters)
        assert not [switch for switch in switches if re.search(r"unsigned|unmarked|no_|skip|watermark|sign", switch)], (
            name
        )
