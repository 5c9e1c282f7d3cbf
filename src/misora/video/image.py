"""Still images in and out. Only pixels come in: where and with what a picture was taken stays behind."""

import io
import json
from pathlib import Path

import numpy as np
import torch
from jaxtyping import UInt8
from PIL import Image, PngImagePlugin
from torch import Tensor

from misora.core.errors import MediaError, UsageError
from misora.core.files import write_atomic
from misora.video.animation import description, opaque, read_still
from misora.video.limits import DecodeLimits
from misora.video.sniff import HEAD_BYTES, STILLS, open_source, sniff

_PIL_NAMES = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}


def read_image(
    source: bytes | Path | str,
    *,
    background: tuple[int, int, int] | None = None,
    limits: DecodeLimits | None = None,
) -> UInt8[Tensor, "3 H W"]:
    """Read a trusted image: PNG, JPEG, BMP, or the first frame of a WebP or GIF.

    Args:
        source: the file's bytes, or its path.
        background: RGB laid under what is transparent; None refuses transparency.
        limits: bounds on the file's bytes and the image's pixels.

    Returns:
        RGB 0..255, turned upright as its EXIF asks; the EXIF itself is dropped.

    Raises:
        MediaError: if it cannot be read, is transparent without a background, or exceeds a limit.
    """
    limits = limits or DecodeLimits()
    with open_source(source, limits) as file:
        kind = sniff(file.read(HEAD_BYTES))
        if kind not in STILLS and kind not in ("webp", "gif"):
            raise MediaError("this is a video, not an image; use decode")
        file.seek(0)
        return from_pil(read_still(file, background=background, limits=limits))


def encode_image(
    image: UInt8[Tensor, "3 H W"],
    *,
    format: str = "png",  # noqa: A002
    quality: int = 95,
    metadata: dict[str, str] | None = None,
) -> bytes:
    """Encode an image in memory.

    Args:
        image: RGB 0..255.
        format: "png", "jpg", "jpeg" or "webp".
        quality: of JPEG and WebP, 1 to 100.
        metadata: tags; PNG keeps each as text, the others hold them as JSON in the image description.

    Returns:
        The file's bytes.

    Raises:
        UsageError: if the format is another or the quality out of range.
    """
    name = _PIL_NAMES.get(f".{format.lower()}")
    if name is None:
        raise UsageError(f"cannot write an image as {format!r}; choose png, jpg or webp")
    if not 1 <= quality <= 100:
        raise UsageError(f"quality must lie between 1 and 100, got {quality}")
    buffer, picture = io.BytesIO(), to_pil(image)
    if name == "PNG":
        picture.save(buffer, format=name, pnginfo=_png_text(metadata or {}))
    else:
        exif = description(json.dumps(metadata, ensure_ascii=False) if metadata else "")
        extra = {"subsampling": 0} if name == "JPEG" else {"method": 4}
        picture.save(buffer, format=name, quality=quality, exif=exif, **extra)
    return buffer.getvalue()


def write_image(
    path: Path | str,
    image: UInt8[Tensor, "3 H W"],
    *,
    quality: int = 95,
    metadata: dict[str, str] | None = None,
) -> None:
    """Write an image to a file whose suffix says the format; the file is whole or not there.

    Args:
        path: the target, ending in .png, .jpg, .jpeg or .webp; replaced if it exists.
        image: RGB 0..255.
        quality: of JPEG and WebP, 1 to 100.
        metadata: tags; PNG keeps each as text, the others hold them as JSON in the image description.

    Raises:
        UsageError: if the suffix is another or the quality out of range.
        OutputError: if the file cannot be written.
    """
    data = encode_image(image, format=Path(path).suffix.removeprefix(".") or "none", quality=quality, metadata=metadata)
    write_atomic(path, data)


def to_pil(image: UInt8[Tensor, "3 H W"]) -> Image.Image:
    """The same pixels as PIL knows them.

    Args:
        image: RGB 0..255.

    Returns:
        An image in mode RGB.
    """
    return Image.fromarray(image.permute(1, 2, 0).contiguous().cpu().numpy())


def from_pil(image: Image.Image) -> UInt8[Tensor, "3 H W"]:
    """The pixels of a PIL image.

    Args:
        image: of any mode without transparency.

    Returns:
        RGB 0..255.

    Raises:
        MediaError: if it is transparent somewhere.
    """
    return torch.from_numpy(np.array(opaque(image))).permute(2, 0, 1).contiguous()


def _png_text(metadata: dict[str, str]) -> PngImagePlugin.PngInfo:
    text = PngImagePlugin.PngInfo()
    for key, value in metadata.items():
        text.add_itxt(key, value)
    return text
