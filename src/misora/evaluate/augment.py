"""What autoencoders and codecs do to a picture, so that the judge reads made videos as well as filmed ones.

Every function takes groups of four frames in [0, 1] and returns as many; chance comes from a generator.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

import numpy as np
import torch
from einops import rearrange
from jaxtyping import Float
from PIL import Image
from torch import Tensor, nn

GROUP_FRAMES = 4
PATCH_PX = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """How often, in [0, 1], and how strongly each damage is done.

    Attributes:
        untouched: groups left as filmed.
        basis: groups seen through a short linear code of 4x16x16 patches: soft, blocky, torn in fast motion.
        blur: groups blurred.
        coarse: groups made small and large again.
        ghost: groups whose frames are mixed with their neighbours in time.
        jpeg: groups compressed frame by frame.
        noise: largest standard deviation of added noise, in [0, 1] of the pixel range.
        brightness: largest gain up or down.
        tint: largest gain of one channel up or down.
    """

    untouched: float = 0.2
    basis: float = 0.4
    blur: float = 0.35
    coarse: float = 0.25
    ghost: float = 0.2
    jpeg: float = 0.1
    noise: float = 0.03
    brightness: float = 0.12
    tint: float = 0.03


def patch_basis(groups: Float[Tensor, "g 4 3 H W"], *, num_kept: int = 256) -> Float[Tensor, "k v"]:
    """Principal directions of 4x16x16 patches: the best linear autoencoder.

    Args:
        groups: frames in [0, 1], sides multiples of 16.
        num_kept: directions kept, the strongest first.

    Returns:
        Orthonormal rows.
    """
    patches = to_patches(groups).flatten(0, 1)
    centred = patches - patches.mean(0)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        _, _, directions = torch.svd_lowrank(centred, q=num_kept, niter=2)
    return directions.T.contiguous()


def to_patches(groups: Float[Tensor, "g 4 3 H W"]) -> Float[Tensor, "g p v"]:
    """Cut groups into spacetime patches of 4x16x16."""
    return rearrange(groups, "g t c (r y) (q x) -> g (r q) (t c y x)", y=PATCH_PX, x=PATCH_PX)


def from_patches(patches: Float[Tensor, "g p v"], like: Float[Tensor, "g 4 3 H W"]) -> Float[Tensor, "g 4 3 H W"]:
    """Put patches back where they were."""
    rows, frames = like.shape[-2] // PATCH_PX, like.shape[1]
    return rearrange(patches, "g (r q) (t c y x) -> g t c (r y) (q x)", r=rows, t=frames, y=PATCH_PX, x=PATCH_PX)


def through_basis(
    groups: Float[Tensor, "g 4 3 H W"], basis: Float[Tensor, "k v"], *, noise: float, generator: torch.Generator
) -> Float[Tensor, "g 4 3 H W"]:
    """See groups through a linear code whose values are a little off.

    Args:
        groups: frames in [0, 1].
        basis: orthonormal rows of `patch_basis`, cut to the length of the code.
        noise: error of the code relative to its spread.
        generator: of the error.

    Returns:
        The reconstruction.
    """
    patches = to_patches(groups)
    centre = patches.mean((0, 1))
    code = (patches - centre) @ basis.T
    code = code + noise * code.std((0, 1)) * torch.randn(code.shape, generator=generator)
    return from_patches(code @ basis + centre, groups)


def blurred(groups: Float[Tensor, "g 4 3 H W"], sigma_px: float) -> Float[Tensor, "g 4 3 H W"]:
    """Gaussian blur within each frame.

    Args:
        groups: frames in [0, 1].
        sigma_px: width of the bell, above 0.

    Returns:
        Softer frames.
    """
    reach = max(1, round(2.5 * sigma_px))
    bell = torch.exp(-0.5 * (torch.arange(-reach, reach + 1) / sigma_px) ** 2)
    bell = (bell / bell.sum()).view(1, 1, 1, -1)
    planes = rearrange(groups, "g t c y x -> (g t c) 1 y x")
    planes = nn.functional.conv2d(nn.functional.pad(planes, (reach, reach, 0, 0), mode="replicate"), bell)
    planes = nn.functional.conv2d(nn.functional.pad(planes, (0, 0, reach, reach), mode="replicate"), bell.mT)
    return planes.view_as(groups)


def coarse(groups: Float[Tensor, "g 4 3 H W"], factor: float) -> Float[Tensor, "g 4 3 H W"]:
    """Make frames small and large again.

    Args:
        groups: frames in [0, 1].
        factor: how many times smaller, above 1.

    Returns:
        Frames of the old size with less in them.
    """
    frames = groups.flatten(0, 1)
    size = [round(side / factor) for side in frames.shape[-2:]]
    small = nn.functional.interpolate(frames, size=size, mode="bilinear", antialias=True)
    return nn.functional.interpolate(small, size=frames.shape[-2:], mode="bilinear").view_as(groups)


def ghosted(groups: Float[Tensor, "g 4 3 H W"], share: float) -> Float[Tensor, "g 4 3 H W"]:
    """Mix each frame with its neighbours in the group.

    Args:
        groups: frames in [0, 1].
        share: weight of the neighbours, in [0, 0.5].

    Returns:
        Frames with a shadow of what comes before and after.
    """
    before, after = groups.roll(1, 1).clone(), groups.roll(-1, 1).clone()
    before[:, 0], after[:, -1] = groups[:, 0], groups[:, -1]
    return (1 - share) * groups + share / 2 * (before + after)


def jpeg(groups: Float[Tensor, "g 4 3 H W"], quality: int) -> Float[Tensor, "g 4 3 H W"]:
    """Compress each frame and read it back.

    Args:
        groups: frames in [0, 1].
        quality: of the JPEG, 1..95.

    Returns:
        Frames with the blocks of the codec.
    """
    pixels = rearrange((groups.clamp(0, 1) * 255).round().byte(), "g t c y x -> (g t) y x c").numpy()
    back = torch.from_numpy(np.stack([_jpeg_one(frame, quality) for frame in pixels]))
    return rearrange(back, "(g t) y x c -> g t c y x", g=len(groups)).float() / 255


def _jpeg_one(frame: np.ndarray, quality: int) -> np.ndarray:
    file = BytesIO()
    Image.fromarray(frame).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))


def damaged(
    groups: Float[Tensor, "g 4 3 H W"], basis: Float[Tensor, "k v"], *, generator: torch.Generator, shares: Shares
) -> Float[Tensor, "g 4 3 H W"]:
    """Damage each group in its own way.

    Args:
        groups: frames in [0, 1], sides multiples of 16.
        basis: rows of `patch_basis`.
        generator: of all chance.
        shares: how often and how strongly.

    Returns:
        Frames as an autoencoder, a codec or a generator might show them, in [0, 1].
    """
    return torch.cat([damaged_alike(group[None], basis, generator=generator, shares=shares) for group in groups])


def damaged_alike(
    group: Float[Tensor, "g 4 3 H W"], basis: Float[Tensor, "k v"], *, generator: torch.Generator, shares: Shares
) -> Float[Tensor, "g 4 3 H W"]:
    """Damage all groups of one clip in the same way.

    Args:
        group: frames in [0, 1], sides multiples of 16.
        basis: rows of `patch_basis`.
        generator: of all chance.
        shares: how often and how strongly.

    Returns:
        The damaged frames, in [0, 1].
    """

    def chance(share: float) -> bool:
        return bool(torch.rand((), generator=generator) < share)

    def between(low: float, high: float) -> float:
        return low + (high - low) * float(torch.rand((), generator=generator))

    group = _lit(group, between, shares)
    if chance(shares.untouched):
        return group.clamp(0, 1)
    if chance(shares.basis):
        num_kept = int(32 * 8 ** between(0.0, 1.0))  # 32..256, short codes as often as long ones
        group = through_basis(group, basis[:num_kept], noise=between(0.0, 0.15), generator=generator)
    if chance(shares.ghost):
        group = ghosted(group, between(0.1, 0.5))
    if chance(shares.blur):
        group = blurred(group, between(0.4, 1.2))
    if chance(shares.coarse):
        group = coarse(group, between(1.2, 2.0))
    if chance(shares.jpeg):
        group = jpeg(group, round(between(30, 90)))
    group = group + between(0.0, shares.noise) * torch.randn(group.shape, generator=generator)
    return group.clamp(0, 1)


def _lit(group: Tensor, between: Callable[[float, float], float], shares: Shares) -> Tensor:
    gain = 1 + between(-shares.brightness, shares.brightness)
    tint = torch.tensor([1 + between(-shares.tint, shares.tint) for _ in range(3)]).view(3, 1, 1)
    return group * gain * tint
