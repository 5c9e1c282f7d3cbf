"""docs/abilities/*.webp: a strip of frames for each ability, from the first two held-out films of one seed, nothing chosen."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.pages import ROOT, newest

if TYPE_CHECKING:
    from misora.evaluate.seams import Filmed
    from misora.generate.canvas import Canvas
    from misora.generate.studio import Studio

FOLDER = ROOT / "docs" / "abilities"
SEED = 1
OTHER_WORDS = "a blue box slides right on a wooden floor"
NAMES = (
    "animate", "frames", "extend", "loop", "connect", "recut", "remix", "blend", "storyboard", "inpaint", "reframe",
    "finalise", "variations",
)  # fmt: skip


def draw(folder: Path = FOLDER, names: tuple[str, ...] = NAMES) -> Iterator[Path]:
    """Film two clips, lay them by each ability, and write a strip of what is made.

    Args:
        folder: where the pictures go.
        names: abilities to draw.

    Yields:
        The pictures, as they are written.
    """
    from misora.evaluate.seams import SeamSettings, film_cases
    from misora.generate.studio import Studio, generate, generate_sheet
    from misora.model.bundle import load_model
    from misora.video.image import write_image
    from misora.video.strip import contact_sheet
    from misora.worlds.grammar import FIRST

    studio = Studio(load_model())
    one, other = film_cases(SeamSettings(num_cases=2, seed=SEED), studio.model.limits, FIRST)
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        said, canvases = _laid(studio, name, one, other)
        video = generate(studio, canvases[0]) if len(canvases) == 1 else generate_sheet(studio, canvases)
        path = folder / f"{name}.webp"
        write_image(path, contact_sheet([video.clip], [f"{name}, seed {SEED}: {said}"], num_frames=8))
        yield path


def _laid(studio: Studio, name: str, one: Filmed, other: Filmed) -> tuple[str, tuple[Canvas, ...]]:
    """What is said of a strip, and the canvas; several for a sheet of pictures."""
    lay: Callable[..., tuple[str, Any]] = _in_time if name in NAMES[:6] else _in_picture
    said, canvas = lay(studio, name, one, other)
    return said, canvas if isinstance(canvas, tuple) else (canvas,)


def _in_time(studio: Studio, name: str, one: Filmed, other: Filmed) -> tuple[str, Canvas]:
    from misora.generate import abilities
    from misora.video.clip import Clip

    clip, text = one.clip, one.text

    def part(first: int, last: int) -> Clip:
        return Clip.at_rate(clip.frames[first:last], clip.fps if last - first > 1 else 1.0)

    match name:
        case "animate":
            return f"{text} (the first frame is given)", abilities.animate(studio, part(0, 1), text, seed=SEED)
        case "frames":
            known = {0.0: part(0, 1), "end": part(16, 17)}
            return f"{text} (the first and the last frame are given)", abilities.frames(studio, known, text, seed=SEED)  # type: ignore[arg-type]
        case "extend":
            return f"{text} (the first 2 s are given)", abilities.extend(
                studio, part(0, 16), text, after=1.0, seed=SEED
            )
        case "loop":
            return f"{text} (2 s are given, 1 s leads back)", abilities.loop(
                studio, part(0, 16), text, gap=1.0, seed=SEED
            )
        case "connect":
            second = Clip.at_rate(other.clip.frames[:8], other.clip.fps)
            return f"{text} (1 s, then 1 s to another clip)", abilities.connect(
                studio, part(0, 8), second, gap=1.0, seed=SEED
            )
        case _:
            parts = [part(0, 4), 0.5, part(8, 16), 0.5, part(20, 24)]
            return f"{text} (0.5 to 1 s and 2 to 2.5 s are made)", abilities.recut(studio, parts, text, seed=SEED)


def _in_picture(studio: Studio, name: str, one: Filmed, other: Filmed) -> tuple[str, Canvas | tuple[Canvas, ...]]:
    import torch

    from misora.generate import abilities
    from misora.generate.canvas_file import CanvasFile, CardEntry
    from misora.generate.studio import generate

    clip, text = one.clip, one.text
    width, height = clip.size
    match name:
        case "remix":
            return f"{OTHER_WORDS} (of: {text}; strong)", abilities.remix(
                studio, clip, OTHER_WORDS, strength="strong", seed=SEED
            )
        case "blend":
            return f"{text} / {other.text}", abilities.blend(studio, clip, other.clip, seed=SEED)
        case "storyboard":
            cards = (CardEntry(at_seconds=0.0, text=text), CardEntry(at_seconds=1.5, text=OTHER_WORDS))
            said = CanvasFile(cards=cards, seconds=3.0, seed=SEED)
            return f"{text} / from 1.5 s on: {OTHER_WORDS}", abilities.storyboard(studio, said)
        case "inpaint":
            is_kept = torch.ones(clip.num_frames, height, width, dtype=torch.bool)
            is_kept[:, height // 3 : 2 * height // 3, width // 3 : 2 * width // 3] = False
            return f"{text} (the middle is made)", abilities.inpaint(studio, clip, is_kept, text, seed=SEED)
        case "reframe":
            size = (width + 64, height)
            return f"{text} (both sides are made)", abilities.reframe(studio, clip, text, size=size, seed=SEED)
        case "finalise":
            small = generate(studio, abilities.draft(studio, studio.canvas(text, seed=SEED)), steps=8)
            return f"{text} (of a draft)", abilities.finalise(studio, small.clip, text, seed=SEED)
        case _:
            return text, abilities.variations(studio, studio.canvas(text, seed=SEED, is_still=True), 9)


def section(folder: Path = FOLDER) -> str:
    """Draw what docs/abilities.md shows of each ability: its strip, and what was measured.

    Args:
        folder: where the pictures lie.

    Returns:
        Markdown.
    """
    parts = [_figures()]
    parts += [f"![{name}](abilities/{name}.webp)" for name in NAMES if (folder / f"{name}.webp").is_file()]
    return "\n\n".join(parts)


def _figures() -> str:
    """The newest committed figures, a row for each ability that has some."""
    lines = {line["name"]: line for (_, _), (_, some) in newest().items() for line in some}
    rows = []
    for name in NAMES:
        cells = [
            _share(lines.get(f"seams_{name}")),
            _filmed(lines.get(f"seams_{name}")),
            _number(lines.get(f"seams_{name}_motion"), "{:.2f}"),
            _number(lines.get(f"pins_{name}_db"), "{:+.2f} dB"),
            _number(lines.get(f"pins_{name}_seconds"), "{:.1f} s"),
        ]
        if any(cells):
            rows.append(f"| {name} | {' | '.join(cells)} |")
    if not rows:
        return (
            "No committed figure yet; `python -m benchmarks.seams --seed 1 --save` and "
            "`python -m benchmarks.pins --seed 1 --save` make them."
        )
    head = (
        "| ability | smooth and moving, of films that are | all cases: made, filmed, cross-fade | motion to film "
        "| pinned frames | time |"
    )
    return "\n".join([head, "|---|---|---|---|---|---|", *rows])


def _share(line: dict[str, Any] | None) -> str:
    if line is None:
        return ""
    return f"{line['settings']['right']} of {line['settings']['of']}, lower end {100 * line['value']:.0f} %"


def _filmed(line: dict[str, Any] | None) -> str:
    if line is None:
        return ""
    return ", ".join(line["settings"][f"{way} of all"] for way in ("made", "filmed", "cross-fade"))


def _number(line: dict[str, Any] | None, form: str) -> str:
    return "" if line is None or line["value"] is None else form.format(line["value"])


if __name__ == "__main__":
    for drawn in draw(names=tuple(sys.argv[1:]) or NAMES):
        print(drawn, flush=True)
