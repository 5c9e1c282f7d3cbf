"""One hash for all that was asked."""

from dataclasses import replace

import torch

from misora.generate.canvas import Canvas, Guidance, Pin
from misora.generate.digest import canvas_digest
from misora.video.clip import Clip
from misora.video.line import Line

CANVAS = Canvas(seconds=1.0, fps=8.0, width_px=64, height_px=48, lines=(Line("a ball", 0.0, 1.0),), seed=3)


def pinned(grey: int) -> Canvas:
    frames = torch.full((4, 3, 48, 64), grey, dtype=torch.uint8)
    return replace(CANVAS, pins=(Pin(clip=Clip.at_rate(frames, 8.0)),))


def test_equal_canvases_have_equal_digests_and_others_differ() -> None:
    assert canvas_digest(CANVAS) == canvas_digest(replace(CANVAS))
    assert len(canvas_digest(CANVAS)) == 64
    others = [
        replace(CANVAS, seed=4),
        replace(CANVAS, lines=(Line("a cube", 0.0, 1.0),)),
        replace(CANVAS, guidance=Guidance(lines=1.0)),
        pinned(10),
        pinned(11),
    ]
    assert len({canvas_digest(canvas) for canvas in (CANVAS, *others)}) == 6
    assert canvas_digest(pinned(10)) == canvas_digest(pinned(10))
