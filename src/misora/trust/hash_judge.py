"""The judge of hashes: frames that look like listed ones. It knows nothing else; no classifier of images is shipped.

The hash is pHash (Zauner 2010): the signs of the lowest frequencies of a small grey picture, about their median.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch
from jaxtyping import Float, UInt8
from torch import Tensor
from torch.nn import functional

from misora.core.errors import PolicyError, UsageError
from misora.trust.findings import Finding
from misora.video.clip import Clip

_SIDE_PX = 32
_LOW = 8
_FLAT_LEVELS = 3.0  # a frame that varies less shows nothing, and its signs are noise
_LINE = re.compile(r"([0-9a-fA-F]{16})\s+([\w-]+)\s+(\S+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One listed picture.

    Attributes:
        bits: its hash.
        category: of the policy.
        rule: what it is called.
    """

    bits: int
    category: str
    rule: str


class HashJudge:
    """Compares frames with a list."""

    name = "hashes"

    def __init__(self, path: Path, *, max_distance: int = 8) -> None:
        """Read the list.

        Args:
            path: lines of hash, category and rule; `#` begins a remark.
            max_distance: bits of 64 by which a frame may differ.

        Raises:
            PolicyError: if a line is something else, with its number.
        """
        self.listed = tuple(_listed(path))
        self._max_distance = max_distance

    @property
    def categories(self) -> frozenset[str]:
        """Every category that the list speaks of."""
        return frozenset(entry.category for entry in self.listed)

    def judge_frames(self, clip: Clip, /) -> list[Finding]:
        """Compare every frame of a clip, as it is and mirrored.

        Args:
            clip: frames to look at.

        Returns:
            A finding for each frame that looks like a listed one.
        """
        if not self.listed:
            return []
        pairs = zip(frame_hashes(clip.frames), frame_hashes(clip.frames.flip(-1)), strict=True)
        return [
            Finding(
                category=entry.category,
                score=1.0,
                rule=f"hashes/{entry.rule}",
                evidence=f"{distance} of 64 bits differ",
                frame=index,
            )
            for index, hashes in enumerate(pairs)
            for entry in self.listed
            if (distance := _distance(entry.bits, hashes)) <= self._max_distance
        ]


def _distance(bits: int, hashes: tuple[int | None, ...]) -> int:
    return min(((bits ^ other).bit_count() for other in hashes if other is not None), default=_LOW**2)


def hash_line(frame: UInt8[Tensor, "3 H W"], *, category: str, rule: str) -> str:
    """Write the line of a list by which frames that look like this one are found.

    Args:
        frame: RGB, 0..255.
        category: of the policy.
        rule: what it is called, without spaces.

    Returns:
        The line.

    Raises:
        UsageError: if the frame shows nothing but a flat colour, or the words cannot stand in a line.
    """
    [bits] = frame_hashes(frame[None])
    if bits is None:
        raise UsageError("the picture shows nothing but a flat colour; every flat frame would look like it")
    line = f"{bits:016x} {category} {rule}"
    if not _LINE.fullmatch(line):
        raise UsageError(f"category {category!r} and rule {rule!r} must be words without spaces")
    return line


def frame_hashes(frames: UInt8[Tensor, "f 3 H W"]) -> list[int | None]:
    """Hash the look of each frame.

    Args:
        frames: RGB, 0..255.

    Returns:
        64 bits a frame; None for one that shows nothing but a flat colour.

    Source: Zauner 2010, "Implementation and benchmarking of perceptual image hash functions", chapter 3.
    """
    grey = frames.float().mul(torch.tensor([0.299, 0.587, 0.114]).view(3, 1, 1)).sum(1, keepdim=True)
    small = functional.interpolate(grey, size=(_SIDE_PX, _SIDE_PX), mode="bilinear", antialias=True)[:, 0]
    low = (_cosines() @ small @ _cosines().T)[:, 1 : _LOW + 1, 1 : _LOW + 1].flatten(1)
    is_above = low > low.median(dim=1, keepdim=True).values
    return [
        int("".join("1" if bit else "0" for bit in bits), 2) if varies else None
        for bits, varies in zip(is_above.tolist(), (small.flatten(1).std(1) > _FLAT_LEVELS).tolist(), strict=True)
    ]


@cache
def _cosines() -> Float[Tensor, "32 32"]:
    index = torch.arange(_SIDE_PX, dtype=torch.float32)
    return torch.cos(torch.pi / _SIDE_PX * (index[None] + 0.5) * index[:, None])


def _listed(path: Path) -> list[Listed]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise PolicyError(f"cannot read {path}: {error}; correct the path") from error
    found = []
    for number, line in enumerate(lines, start=1):
        if not (bare := line.partition("#")[0].strip()):
            continue
        if not (match := _LINE.fullmatch(bare)):
            raise PolicyError(
                f"{path}:{number}: {bare!r} is not a hash of 16 digits, a category and a rule; correct it"
            )
        found.append(Listed(bits=int(match.group(1), 16), category=match.group(2), rule=match.group(3)))
    return found
