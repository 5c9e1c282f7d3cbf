"""GIF and animated WebP, in and out, through PIL.

Both keep a frame that repeats once and show it longer, so a clip at rest comes back with fewer frames and uneven times.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BufferedIOBase
from itertools import pairwise
from typing import IO, TYPE_CHECKING, Any, cast

from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from misora.core.errors import MediaError
from misora.video.limits import DecodeLimits, Wish, check_amount, check_pixels
from misora.video.picture import Picture

if TYPE_CHECKING:
    from misora.video.clip import Clip

STILL_NAMES = ("PNG", "JPEG", "BMP", "WEBP", "GIF")

_UNSAID_MS = 100  # players show a frame without a duration this long
_PALETTE_FRAMES = 8
_IMAGE_DESCRIPTION = 0x010E


def animation_pictures(file: BufferedIOBase, *, wish: Wish, limits: DecodeLimits) -> Iterator[Picture]:
    """Read an animation frame by frame.

    Args:
        file: a GIF or a WebP.
        wish: which stretch; sizes are kept.
        limits: pixels, frames, seconds and bytes.

    Yields:
        Frames, the first at 0 s.

    Raises:
        MediaError: if it is broken, transparent somewhere, or exceeds a limit.
    """
    with opened_image(file, ("GIF", "WEBP"), limits=limits) as image:
        width, height = image.size
        shown_ms, num_frames = 0, 0
        for frame in ImageSequence.Iterator(image):
            pts_seconds = shown_ms / 1000
            frame.load()  # a WebP tells a frame's duration only then
            shown_ms += round(frame.info.get("duration", 0)) or _UNSAID_MS
            if pts_seconds < (wish.from_seconds or 0.0):
                continue
            if wish.to_seconds is not None and pts_seconds >= wish.to_seconds:
                return
            num_frames += 1
            check_amount(num_frames, 3 * num_frames * width * height, seconds=pts_seconds, limits=limits)
            red, green, blue = (memoryview(band.tobytes()) for band in opaque(frame).split())
            yield Picture(
                width_px=width,
                height_px=height,
                pts_seconds=pts_seconds,
                planes=(red, green, blue),
                strides_bytes=(width, width, width),
            )


def animation_times(image: Image.Image, limits: DecodeLimits) -> list[float]:
    """When each frame of an open animation is shown.

    Args:
        image: an animation, or a still.
        limits: the most frames allowed.

    Returns:
        Seconds, the first 0.

    Raises:
        MediaError: if there are too many frames.
    """
    times, shown_ms = [], 0
    for frame in ImageSequence.Iterator(image):
        frame.load()
        times.append(shown_ms / 1000)
        shown_ms += round(frame.info.get("duration", 0)) or _UNSAID_MS
        check_amount(len(times), 0, seconds=times[-1], limits=limits)
    return times


def read_still(file: BufferedIOBase, *, background: tuple[int, int, int] | None, limits: DecodeLimits) -> Image.Image:
    """Read a still, or the first frame of an animation, turned upright as its EXIF asks.

    Args:
        file: a PNG, JPEG, BMP, WebP or GIF.
        background: RGB laid under what is transparent; None refuses transparency.
        limits: the most pixels allowed.

    Returns:
        Plain RGB, and nothing else of what the file said.

    Raises:
        MediaError: if it is broken, too large, or transparent without a background.
    """
    with opened_image(file, STILL_NAMES, limits=limits) as image:
        return opaque(ImageOps.exif_transpose(image), background)


@contextmanager
def opened_image(file: BufferedIOBase, kinds: Sequence[str], *, limits: DecodeLimits) -> Iterator[Image.Image]:
    """Open an image with its kind forced, and turn what may go wrong inside into one error.

    Args:
        file: readable and seekable.
        kinds: PIL's names of the formats allowed.
        limits: pixels are checked before any is decoded.

    Yields:
        The image, not yet decoded.

    Raises:
        MediaError: if it is broken or exceeds a limit.
    """
    try:
        with Image.open(cast(IO[bytes], file), formats=list(kinds)) as image:
            check_pixels(*image.size, limits=limits)
            yield image
    except MediaError:
        raise
    except UnidentifiedImageError as error:
        raise MediaError(f"not a readable image of kind {' or '.join(kinds)}") from error
    except Image.DecompressionBombError as error:
        raise MediaError(f"the image has more than the {limits.max_pixels} pixels allowed; make it smaller") from error
    except MemoryError as error:
        raise MediaError("decoding needs more memory than it may take; give a smaller image") from error
    except Exception as error:  # a broken file may raise nearly anything from a plugin
        raise MediaError(f"the image is broken or cut short ({type(error).__name__})") from error


def opaque(image: Image.Image, background: tuple[int, int, int] | None = None) -> Image.Image:
    """Plain RGB, 8 bits a channel.

    Args:
        image: of any mode.
        background: laid under what is transparent; None refuses transparency.

    Returns:
        The image in mode RGB.

    Raises:
        MediaError: if it is transparent somewhere and there is no background, or of floating point.
    """
    if image.mode.startswith("I;16") or image.mode == "I":
        image = image.convert("I").point(lambda level: level / 256).convert("L")
    if image.mode == "F":
        raise MediaError("the image holds floating-point values; save it with 8 or 16 bits a channel")
    if not image.has_transparency_data:
        return image.convert("RGB")
    layered = image.convert("RGBA")
    if layered.getchannel("A").getextrema()[0] == 255:
        return layered.convert("RGB")
    if background is None:
        raise MediaError("the image is transparent in places; flatten it over a colour and save it again")
    return Image.alpha_composite(Image.new("RGBA", image.size, (*background, 255)), layered).convert("RGB")


def write_gif(clip: "Clip", file: Any, *, comment: str = "") -> None:
    """Write a looping GIF: one palette for all frames, so that colours do not flicker.

    Args:
        clip: frames; times are rounded to hundredths of a second without drifting.
        file: a path, or something to write to.
        comment: put into the file's comment.
    """
    frames = [Image.fromarray(frame) for frame in clip.frames.permute(0, 2, 3, 1).contiguous().numpy()]
    step = max(1, len(frames) // _PALETTE_FRAMES)
    sheet = Image.new("RGB", (frames[0].width, frames[0].height * len(frames[::step])))
    for row, frame in enumerate(frames[::step]):
        sheet.paste(frame, (0, row * frame.height))
    palette = sheet.quantize(256, method=Image.Quantize.MEDIANCUT)
    indexed = [frame.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG) for frame in frames]
    indexed[0].save(
        file,
        format="GIF",
        save_all=True,
        append_images=indexed[1:],
        duration=_durations_ms(clip, grid_ms=10),
        loop=0,
        comment=comment.encode(),
        optimize=False,
    )


def write_webp(clip: "Clip", file: Any, *, quality: int = 90, comment: str = "") -> None:
    """Write a looping animated WebP.

    Args:
        clip: frames; times are rounded to thousandths of a second without drifting.
        file: a path, or something to write to.
        quality: 0 to 100.
        comment: put into the image description.
    """
    frames = [Image.fromarray(frame) for frame in clip.frames.permute(0, 2, 3, 1).contiguous().numpy()]
    frames[0].save(
        file,
        format="WEBP",
        save_all=True,
        append_images=frames[1:],
        duration=_durations_ms(clip, grid_ms=1),
        loop=0,
        quality=quality,
        method=4,
        exif=description(comment),
    )


def description(comment: str) -> Image.Exif:
    """EXIF that says one thing and nothing else.

    Args:
        comment: the image description; empty leaves the EXIF empty.

    Returns:
        What PIL's writers take as `exif`.
    """
    exif = Image.Exif()
    if comment:
        exif[_IMAGE_DESCRIPTION] = comment
    return exif


def _durations_ms(clip: "Clip", *, grid_ms: int) -> list[int]:
    starts = [*(clip.pts_seconds - clip.pts_seconds[0]).tolist(), clip.seconds]
    ticks = [round(start * 1000 / grid_ms) for start in starts]
    return [max(1, after - before) * grid_ms for before, after in pairwise(ticks)]
