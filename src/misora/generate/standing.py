"""What stands still keeps its pixels: beside a pin, a made frame shows the filmed one where the decoder sees no change.

The autoencoder and the transformer both soften fine structure, so the ground of a made frame is blurred where the pinned frame
beside it is sharp: the whole picture jumps at the seam although nothing in it moves. Every frame of a gap is therefore held
against the pinned frame at the gap's border, both as decoded. Where they look alike, the pixels that were filmed stand; where
something moves, what was sampled is shown. Nothing that moves is slowed: the weight falls with the square of the difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, UInt8
from torch import Tensor
from torch.nn import functional

from misora.generate.canvas import Canvas
from misora.generate.painted import place_of
from misora.model.autoencoder import Autoencoder
from misora.model.grid import FRAMES_PER_GROUP

TOLERANCE = 24.0
"""Of 255: difference of two decoded frames at which a pixel keeps a third of what was filmed; chosen on training scripts."""
_REACH_PX = 2  # differences are means over squares this far to each side, so that a grain of noise decides nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Border:
    """A pinned frame with a gap beside it.

    Attributes:
        frame: its index among the frames that are made.
        filmed: its pixels.
        decoded: the same frame as the decoder shows it.
    """

    frame: int
    filmed: UInt8[Tensor, "3 H W"]
    decoded: UInt8[Tensor, "3 H W"]


def borders_of(
    autoencoder: Autoencoder, canvas: Canvas, latents: Float[Tensor, "t c h w"], *, first_group: int = 0
) -> tuple[Border, ...]:
    """Find the pinned frames beside gaps, and decode them.

    Args:
        autoencoder: that made the latents.
        canvas: the whole, its pins on whole groups.
        latents: clean latents of a window of it.
        first_group: where the window begins.

    Returns:
        Borders in the order of time; none for a picture, or where only parts of the picture are pinned.
    """
    if canvas.is_still:
        return ()
    shown: dict[int, UInt8[Tensor, "3 H W"]] = {}
    for pin in canvas.pins:
        if pin.is_exact and pin.region is None and pin.mask is None:
            shown |= dict(enumerate(pin.clip.frames, start=place_of(pin, canvas)[0].start))
    is_known = torch.zeros(canvas.num_made_frames + 2, dtype=torch.bool)
    is_known[[0, -1]] = True  # nothing is made beyond the ends
    is_known[[frame + 1 for frame in shown]] = True
    frames = [frame for frame in sorted(shown) if not (is_known[frame] and is_known[frame + 2])]
    inside = range(first_group, first_group + len(latents))
    return tuple(
        Border(frame=frame, filmed=shown[frame], decoded=_decoded(autoencoder, latents, frame, first_group))
        for frame in frames
        if frame // FRAMES_PER_GROUP in inside
    )


def _decoded(autoencoder: Autoencoder, latents: Tensor, frame: int, first_group: int) -> UInt8[Tensor, "3 H W"]:
    group = frame // FRAMES_PER_GROUP - first_group
    before = min(group, 1)
    around = autoencoder.decode_latents(latents[group - before : group + 2])
    return around[before * FRAMES_PER_GROUP + frame % FRAMES_PER_GROUP]


def standing(
    frames: UInt8[Tensor, "f 3 H W"], borders: Sequence[Border], *, first_frame: int = 0
) -> UInt8[Tensor, "f 3 H W"]:
    """Lay what stands still over decoded frames.

        x_t = D_t + sum over the borders b of the gap of s_b(t) w_b (X_b - D_t),    w_b = exp(-(|D_t - D_b| / tolerance)^2)

    X is what was filmed and D what was decoded; the share s of a border falls from one to the other in a straight line, and is
    1 where a gap has one border only.

    Args:
        frames: consecutive, as decoded.
        borders: of the whole canvas, in the order of time.
        first_frame: index of the first among the frames that are made.

    Returns:
        The frames; what lies within pins is not meant, and is laid over later.
    """
    if not borders:
        return frames
    shown = frames.clone()
    for index in range(len(frames)):
        at = first_frame + index
        before = max((each for each in borders if each.frame < at), key=lambda each: each.frame, default=None)
        after = min((each for each in borders if each.frame > at), key=lambda each: each.frame, default=None)
        if any(each.frame == at for each in borders) or (before is None and after is None):
            continue
        late = 0.0 if after is None else 1.0 if before is None else (at - before.frame) / (after.frame - before.frame)
        decoded = frames[index].float()
        laid = decoded.clone()
        for border, share in ((before, 1 - late), (after, late)):
            if border is not None and share:
                laid += share * _likeness(decoded, border.decoded.float()) * (border.filmed.float() - decoded)
        shown[index] = laid.round().clamp(0, 255).to(torch.uint8)
    return shown


def _likeness(one: Float[Tensor, "3 H W"], other: Float[Tensor, "3 H W"]) -> Float[Tensor, "1 H W"]:
    """1 where two frames look alike, 0 where they do not: of the colour that differs most, averaged over a small square."""
    difference = (one - other).abs().amax(0, keepdim=True)
    padded = functional.pad(difference[None], (_REACH_PX,) * 4, mode="replicate")
    return torch.exp(-((functional.avg_pool2d(padded, 2 * _REACH_PX + 1, 1)[0] / TOLERANCE) ** 2))
