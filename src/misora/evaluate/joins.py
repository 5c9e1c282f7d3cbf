"""Joints of filmed parts: where their seams are, how much changes across them, and how editors would bridge the gaps."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate, pairwise
from statistics import mean

import torch
from einops import rearrange
from jaxtyping import Float, UInt8
from torch import Tensor

from misora.evaluate.reconstruction import decibels
from misora.generate.canvas import Canvas
from misora.model.autoencoder import Autoencoder
from misora.model.grid import FRAMES_PER_GROUP


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """Parts in the order of time, and what lies between them.

    Attributes:
        parts: frames of each, at least two; one part more than there are gaps. The last one of a loop is its own start, and
            where nothing comes after a gap, what an editor would have put there.
        gaps: frames between a part and the next.
        is_loop: whether the last part is seen only when the clip begins anew.
    """

    parts: tuple[UInt8[Tensor, "_ 3 H W"], ...]
    gaps: tuple[int, ...]
    is_loop: bool = False

    def __post_init__(self) -> None:
        assert len(self.parts) == len(self.gaps) + 1, "a gap lies between two parts"

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """First frame of each gap, and the first after it."""
        lengths = [length for part, gap in zip(self.parts, self.gaps, strict=False) for length in (len(part), gap)]
        edges = list(accumulate(lengths))
        return tuple(zip(edges[::2], edges[1::2], strict=True))

    @property
    def cuts(self) -> tuple[int, ...]:
        """First frame of each part but the first, where nothing lies between them."""
        return tuple(accumulate(len(part) for part in self.parts[:-1]))

    def played(self, frames: UInt8[Tensor, "f 3 H W"]) -> UInt8[Tensor, "g 3 H W"]:
        """What is seen when a made clip is played: a loop begins anew.

        Args:
            frames: the clip.

        Returns:
            The same, with the start of a loop after its end.
        """
        return torch.cat((frames, self.parts[-1])) if self.is_loop else frames


def seams_of(joined: Joined, num_frames: int) -> tuple[int, ...]:
    """First frames on the far side of each seam.

    Args:
        joined: what is joined.
        num_frames: that are seen; a gap at their end has one seam only.

    Returns:
        Frame indices, rising.
    """
    return tuple(edge for span in joined.spans for edge in span if edge < num_frames)


def cross_faded(joined: Joined) -> UInt8[Tensor, "f 3 H W"]:
    """Bridge the gaps as an editor does: the last frame before a gap fades into the first after it.

    Args:
        joined: what is joined.

    Returns:
        As many frames as parts and gaps have.
    """
    pieces = [joined.parts[0]]
    for (before, after), gap in zip(pairwise(joined.parts), joined.gaps, strict=True):
        share = (torch.arange(1, gap + 1) / (gap + 1)).view(-1, 1, 1, 1)
        faded = before[-1:].float() * (1 - share) + after[:1].float() * share
        pieces += [faded.round().to(torch.uint8), after]
    return torch.cat(pieces)


def hard_cut(joined: Joined) -> UInt8[Tensor, "f 3 H W"]:
    """Leave the gaps out.

    Args:
        joined: what is joined.

    Returns:
        The parts, one after another.
    """
    return torch.cat(joined.parts)


def steps_of(frames: UInt8[Tensor, "f 3 H W"]) -> Float[Tensor, "e 2"]:
    """How much changes in each step from a frame to the next, and how much that change differs from its neighbours.

    Args:
        frames: at least three.

    Returns:
        Change and acceleration: means over pixels and colours of the absolute first difference, and of the second, the larger
        of the two that hold the step. Of 255.
    """
    assert len(frames) > 2, "acceleration takes three frames"
    pictures = frames.float()
    first = pictures[1:] - pictures[:-1]
    second = (first[1:] - first[:-1]).abs().mean((1, 2, 3))
    none = second.new_zeros(1)
    beside = torch.maximum(torch.cat((none, second)), torch.cat((second, none)))
    return torch.stack((first.abs().mean((1, 2, 3)), beside), 1)


def undissolved(frames: UInt8[Tensor, "f 3 H W"]) -> Float[Tensor, "e 3 H W"]:
    """Changes from frame to frame, less what fading from the first frame to the last would do of them.

    A cross-fade changes from frame to frame although nothing in it moves; of its changes nothing is left.

    Args:
        frames: at least two, with the frames on both sides of a gap.

    Returns:
        First differences without their part along the difference of the last and the first frame. Of 255.
    """
    pictures = frames.float()
    changes, way = pictures[1:] - pictures[:-1], pictures[-1] - pictures[0]
    share = (changes * way).sum((1, 2, 3), keepdim=True) / way.square().sum().clamp(min=1e-6)
    return changes - share * way


@torch.no_grad()
def kept_decibels(autoencoder: Autoencoder, window: Canvas, decoded: UInt8[Tensor, "f 3 H W"]) -> float:
    """Compare what a sampler made of pinned frames with what the autoencoder alone makes of them.

    Args:
        autoencoder: of the model.
        window: a prepared canvas, its pins on whole groups.
        decoded: what was made of it, before pinned pixels are laid over.

    Returns:
        Decibels more than those of the autoencoder; the mean over pins.

    Raises:
        ValueError: if nothing is pinned exactly.
    """
    found = []
    for pin in window.pins:
        first = round(pin.at_seconds * window.fps)
        made = decoded[first : first + pin.clip.num_frames]
        if pin.is_card or not pin.is_exact or len(made) < pin.clip.num_frames:
            continue
        real = pin.clip.frames
        groups = rearrange(real, "(g n) c h w -> g n c h w", n=FRAMES_PER_GROUP)
        own = autoencoder.decode_latents(autoencoder.encode_frames(groups))
        found.append(_decibels(made, real) - _decibels(own, real))
    if not found:
        raise ValueError("nothing is pinned exactly on this canvas")
    return mean(found)


def _decibels(made: UInt8[Tensor, "f 3 H W"], real: UInt8[Tensor, "f 3 H W"]) -> float:
    return decibels((made.float() - real.float()).square().mean().item())
