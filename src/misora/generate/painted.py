"""Pins painted on the frames of a canvas: which pixels are known, and what they show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from einops import rearrange
from jaxtyping import Bool, UInt8
from torch import Tensor

from misora.core.errors import UsageError
from misora.generate.canvas import Canvas
from misora.generate.pin import Pin
from misora.model.grid import CELL_PX, FRAMES_PER_GROUP

_GREY = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Painted:
    """All frames that are made, with what is known of them.

    Attributes:
        pixels: RGB; grey where nothing is known.
        is_known: which of them are pinned.
    """

    pixels: UInt8[Tensor, "f 3 H W"]
    is_known: Bool[Tensor, "f H W"]

    @property
    def known_tokens(self) -> Bool[Tensor, "g n"]:
        """Which tokens are known: those of which every pixel is."""
        cells = rearrange(
            self.is_known, "(g f) (h y) (w x) -> g (h w) (f y x)", f=FRAMES_PER_GROUP, y=CELL_PX, x=CELL_PX
        )
        return cells.all(-1)

    def filled(self, groups: slice) -> UInt8[Tensor, "g 4 3 H W"]:
        """Frames of some groups for the encoder, with what is unknown drawn over from the nearest that is known.

        Args:
            groups: which; each knows at least one pixel.

        Returns:
            Whole groups without gaps.
        """
        frames = slice(groups.start * FRAMES_PER_GROUP, groups.stop * FRAMES_PER_GROUP)
        pixels, is_known = self.pixels[frames].clone(), self.is_known[frames]
        for first in range(0, len(pixels), FRAMES_PER_GROUP):
            group = slice(first, first + FRAMES_PER_GROUP)
            _spread(pixels[group], is_known[group])
        return rearrange(pixels, "(g f) c h w -> g f c h w", f=FRAMES_PER_GROUP)


def paint(pins: Iterable[Pin], canvas: Canvas) -> Painted:
    """Paint pins on the frames that a canvas makes; frames beyond its ends repeat the nearest.

    Args:
        pins: of one kind; later ones lie over earlier ones.
        canvas: its grid says how many frames.

    Returns:
        The frames.
    """
    grid, (width, height) = canvas.grid, canvas.size
    pixels = torch.full((grid.groups * FRAMES_PER_GROUP, 3, height, width), _GREY, dtype=torch.uint8)
    is_known = torch.zeros(len(pixels), height, width, dtype=torch.bool)
    for pin in pins:
        frames, rows, columns = place_of(pin, canvas)
        mask = torch.ones_like(is_known[frames, rows, columns]) if pin.mask is None else pin.mask
        pixels[frames, :, rows, columns] = torch.where(mask[:, None], pin.clip.frames, pixels[frames, :, rows, columns])
        is_known[frames, rows, columns] |= mask
    first, last = canvas.lead_frames, canvas.num_made_frames - 1
    for beyond, nearest in ((slice(0, first), first), (slice(last + 1, None), last)):
        pixels[beyond], is_known[beyond] = pixels[nearest], is_known[nearest]
    return Painted(pixels=pixels, is_known=is_known)


def place_of(pin: Pin, canvas: Canvas) -> tuple[slice, slice, slice]:
    """Frames, rows and columns of what is made that a pin covers.

    Args:
        pin: no card.
        canvas: on which it stands.

    Returns:
        Three ranges.

    Raises:
        UsageError: if its size, rate or extent does not fit the canvas.
    """
    left, top, right, bottom = pin.region or (0, 0, *pin.clip.size)
    if (pin.region is None and pin.clip.size != canvas.size) or right > canvas.width_px or bottom > canvas.height_px:
        raise UsageError(
            f"a pin of {_by((right - left, bottom - top))} px at {left}, {top} does not fit a canvas of "
            f"{_by(canvas.size)} px; resize it first, or give another region"
        )
    num, rate = pin.clip.num_frames, pin.clip.fps
    if canvas.is_still and (num != 1 or pin.at_seconds):
        raise UsageError(f"a still takes one pinned frame at 0 s, got {num} at {pin.at_seconds} s")
    if num > 1 and abs(rate - canvas.fps) > 0.01 * canvas.fps:
        raise UsageError(f"a pin at {rate:g} frames/s does not fit a canvas at {canvas.fps:g}; resample it first")
    first, most = round(pin.at_seconds * canvas.fps), canvas.num_frames + canvas.tail_frames
    if first + num > most:
        raise UsageError(
            f"a pin of {num} frames from {pin.at_seconds:g} s on ends at {(first + num) / canvas.fps:g} s, after the end "
            f"of the canvas at {most / canvas.fps:g} s; begin it {(first + num - most) / canvas.fps:g} s earlier, or "
            "cut it shorter, or take a longer canvas"
        )
    first += canvas.lead_frames
    return slice(first, first + num), slice(top, bottom), slice(left, right)


def check_pins(canvas: Canvas) -> None:
    """Refuse pins that do not fit their canvas or say different things about the same pixels.

    Args:
        canvas: what is asked.

    Raises:
        UsageError: if a pin's size, rate or extent does not fit, or exact pins disagree.
    """
    for card in canvas.cards:
        if card.clip.size != canvas.size:
            raise UsageError(
                f"a card of {_by(card.clip.size)} px does not fit a canvas of {_by(canvas.size)} px; resize it first"
            )
    placed = [(pin, place_of(pin, canvas)) for pin in canvas.pins if not pin.is_card]
    exact = [(pin, place) for pin, place in placed if pin.is_exact]
    for index, (pin, place) in enumerate(exact):
        for other, others in exact[:index]:
            if _disagree(pin, place, other, others):
                seconds = (max(place[0].start, others[0].start) - canvas.lead_frames) / canvas.fps
                raise UsageError(
                    f"two pins say different things about the picture at {seconds:g} s; move one of them in time, give "
                    "them different regions, or keep one of them roughly (keep below 1)"
                )


def composited(frames: UInt8[Tensor, "f 3 H W"], canvas: Canvas) -> UInt8[Tensor, "f 3 H W"]:
    """Lay the pixels of exact pins over the finished frames.

    Args:
        frames: of the finished clip, as decoded.
        canvas: whose pins are laid over.

    Returns:
        Frames that show every exactly pinned pixel as it was given.
    """
    exact = [pin for pin in canvas.pins if pin.is_exact]
    if not exact:
        return frames
    painted, shown = paint(exact, canvas), slice(canvas.lead_frames, canvas.lead_frames + canvas.num_frames)
    return torch.where(painted.is_known[shown, None], painted.pixels[shown], frames)


def _disagree(pin: Pin, place: tuple[slice, slice, slice], other: Pin, others: tuple[slice, slice, slice]) -> bool:
    """Whether two pins show something else where both are known."""
    both = [(max(a.start, b.start), min(a.stop, b.stop)) for a, b in zip(place, others, strict=True)]
    if any(start >= stop for start, stop in both):
        return False

    def part(pin: Pin, place: tuple[slice, slice, slice]) -> tuple[Tensor, Tensor]:
        f, y, x = (slice(start - own.start, stop - own.start) for (start, stop), own in zip(both, place, strict=True))
        frames = pin.clip.frames[f, :, y, x]
        return frames, torch.ones_like(frames[:, 0], dtype=torch.bool) if pin.mask is None else pin.mask[f, y, x]

    (mine, my_mask), (its, its_mask) = part(pin, place), part(other, others)
    return bool(((mine != its).any(1) & my_mask & its_mask).any())


def _spread(pixels: Tensor, is_known: Tensor) -> None:
    """Fill what is unknown in one group, in place: within a frame from the nearest pixel, else from the nearest frame."""
    from scipy.ndimage import distance_transform_edt

    some = [index for index in range(len(pixels)) if bool(is_known[index].any())]
    for index in some:
        if not bool(is_known[index].all()):
            unknown = (~is_known[index]).numpy()
            nearest = distance_transform_edt(unknown, return_distances=False, return_indices=True)
            rows, columns = torch.from_numpy(np.asarray(nearest))
            pixels[index] = pixels[index][:, rows, columns]
    for index in set(range(len(pixels))) - set(some):
        pixels[index] = pixels[min(some, key=lambda known: abs(known - index))]


def _by(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"
