"""What may leave."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from misora.core.errors import RefusedError
from misora.generate.canvas import Canvas
from misora.generate.finish import admitted, finishing, words_before
from misora.generate.record import Record
from misora.generate.video import Video
from misora.trust.home import Home
from misora.trust.verify import verify
from misora.video.clip import Clip
from misora.video.image import write_image
from misora.video.line import Line

FORBIDDEN = "explicit hardcore porn of a naked woman"


def canvas(words: str, negative: str = "") -> Canvas:
    """A picture of words."""
    line = Line(words, 0.0, 1.0)
    return Canvas(seconds=1.0, fps=8.0, width_px=64, height_px=64, lines=(line,), negative=negative, is_still=True)


def record(raw: str = "") -> Record:
    """Of that picture."""
    return Record(
        prompt="a red ball", negative="", seed=3, model="tiny", model_sha256="", steps=2, speed="exact", guidance=1.0,
        guidance_down_to=0.6, size=(64, 64), seconds=1.0, fps=8.0, raw_prompt=raw,
    )  # fmt: skip


def test_harmless_words_go_on_as_they_are() -> None:
    asked = canvas("a red ball rolls", "blurred")
    assert admitted(asked) is asked


@pytest.mark.parametrize("asked", [canvas(FORBIDDEN), canvas("a red ball", FORBIDDEN)])
def test_words_and_the_negative_prompt_are_refused(asked: Canvas) -> None:
    with pytest.raises(RefusedError, match="refused as"):
        admitted(asked)


def test_words_as_typed_are_judged_though_the_expanded_ones_are_harmless() -> None:
    with pytest.raises(RefusedError, match="the prompt is refused as"):
        admitted(canvas("a red ball"), raw=FORBIDDEN)


def test_a_finished_file_is_signed_and_a_refused_one_never_begun(tmp_path: Path) -> None:
    frames = torch.full((1, 3, 64, 64), 90, dtype=torch.uint8)
    with finishing(tmp_path / "a.png", canvas("a red ball"), record()) as seal:
        write_image(seal.path, seal.mark(frames)[0])
    assert verify(tmp_path / "a.png", Home.open()).state == "ours"
    with pytest.raises(RefusedError), finishing(tmp_path / "b.png", canvas("a red ball"), record(FORBIDDEN)):
        pytest.fail("the body ran")
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_the_words_of_a_chain_are_kept_from_the_first_file_on(tmp_path: Path) -> None:
    for name, words, before in (("a", "explicit hardcore", ()), ("b", "slowly", ("explicit hardcore",))):
        made = replace(record(), prompt=words, words_before=before)
        (tmp_path / f"{name}.png.json").write_text(made.to_json())
    assert words_before([tmp_path / "b.png.json"]) == ("explicit hardcore", "slowly")
    assert words_before([tmp_path / f"{name}.png.json" for name in "abc"]) == ("explicit hardcore", "slowly")
    assert words_before([tmp_path / "none.png"]) == ()
    private = replace(record(), words_before=("x",)).without_words()
    assert private.words_before == (), "a private file brings no words along, as the docs say"


def test_a_finished_file_carries_the_words_of_those_it_came_from(tmp_path: Path) -> None:
    clip = Clip.at_rate(torch.full((1, 3, 64, 64), 90, dtype=torch.uint8), 1)
    before: tuple[Path, ...] = ()
    for name in ("a green box", "a blue egg", "a red ball"):
        made = Video(clip=clip, canvas=canvas(name), record=replace(record(), prompt=name), parents=before)
        before = (made.save(tmp_path / f"{name}.png"),)
    assert words_before(before) == ("a green box", "a blue egg", "a red ball")


@pytest.mark.parametrize("place", ["prompt", "negative", "expanded_by"])
def test_words_that_stand_in_the_record_alone_are_judged_too(place: str, tmp_path: Path) -> None:
    forged = replace(record(), **{place: FORBIDDEN})
    with pytest.raises(RefusedError), finishing(tmp_path / "a.png", canvas("a red ball"), forged):
        pytest.fail("the body ran")
