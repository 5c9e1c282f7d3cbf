"""docs/gallery.md: held-out sentences in order of their seeds, nothing left out, with what the judge says of each."""

from __future__ import annotations

from pathlib import Path

from benchmarks.pages import ROOT

PAGE = ROOT / "docs" / "gallery.md"
SHEETS = ROOT / "docs" / "gallery"
SEED = 1
NUM_PROMPTS = 24
A_SHEET = 8

_HEAD = """# Gallery

What the bundled model makes of the first {num} held-out sentences of seed {seed}, in order, none left out. Below each sheet
stands what the judge objects to. Drawn by `python -m benchmarks.gallery`; not edited by hand, not chosen by hand.

Things, colours, floors and motions stand together here as they never did in training.
"""


def draw(page: Path = PAGE, sheets: Path = SHEETS) -> Path:
    """Make the videos, judge them, and write the page and its pictures.

    Args:
        page: Markdown file to write.
        sheets: folder for the pictures.

    Returns:
        The page.
    """
    from misora.core.files import write_atomic
    from misora.evaluate.judge import Judge
    from misora.evaluate.prompts import SuiteSettings, canvas_of, grammar_of, prompt_script
    from misora.evaluate.text_suite import generated_clips
    from misora.model.bundle import load_model
    from misora.video.image import write_image
    from misora.video.strip import contact_sheet

    model, judge = load_model(), Judge.load()
    settings = SuiteSettings(num_prompts=NUM_PROMPTS, seed=SEED)
    grammar = grammar_of(model)
    scripts = [prompt_script(settings, model.limits, grammar, index=index) for index in range(NUM_PROMPTS)]
    canvases = [canvas_of(script, settings, index=index, grammar=grammar) for index, script in enumerate(scripts)]
    clips = generated_clips(model, canvases, settings=settings)
    labels, lines = [], []
    for number, (canvas, clip, script) in enumerate(zip(canvases, clips, scripts, strict=True), start=1):
        wrong = [name for name, claim in judge.judge(clip, script).claims.items() if claim is False]
        said = " / ".join(line.text for line in canvas.lines)
        labels.append(f"{number}. {said}")
        lines.append(
            f"{number}. {said} — noise {canvas.seed} — {'wrong: ' + ', '.join(wrong) if wrong else 'all right'}"
        )
    sheets.mkdir(parents=True, exist_ok=True)
    parts = [_HEAD.format(num=NUM_PROMPTS, seed=SEED)]
    for first in range(0, NUM_PROMPTS, A_SHEET):
        part = slice(first, first + A_SHEET)
        picture = sheets / f"{first // A_SHEET + 1}.webp"
        write_image(picture, contact_sheet(clips[part], labels[part]))
        parts.append(f"![Strips of frames](gallery/{picture.name})\n\n" + "\n".join(lines[part]) + "\n")
    write_atomic(page, "\n".join(parts).encode())
    return page


if __name__ == "__main__":
    print(draw())
