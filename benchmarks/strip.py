"""docs/strip.webp: frames of videos that the bundled model makes today, for the README."""

from __future__ import annotations

from pathlib import Path

from benchmarks.pages import ROOT

PAGE = ROOT / "docs" / "strip.webp"
PROMPTS = (
    "a red ball rolls left across a green floor",
    "a blue box slides right on a wooden floor",
    "a yellow ball bounces on a grey floor",
    "an orange ball rolls right and hits a blue box on a grey floor",
)
SEED = 1


def draw(path: Path = PAGE) -> Path:
    """Make one video of each prompt, with one seed that is not chosen, and lay their frames side by side.

    Args:
        path: picture to write, in the format that its suffix names.

    Returns:
        The path.
    """
    from misora.generate.studio import Studio
    from misora.video.image import write_image
    from misora.video.strip import contact_sheet

    studio = Studio.load()
    clips = [studio.generate(prompt, seed=SEED).clip for prompt in PROMPTS]
    write_image(path, contact_sheet(clips, PROMPTS))
    return path
