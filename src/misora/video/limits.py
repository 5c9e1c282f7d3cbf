"""What is wanted of a file, and how much of a machine it may take."""

from dataclasses import dataclass, fields

from misora.core.errors import MediaError


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodeLimits:
    """Bounds on one file and on the process that decodes it; past any of them the file is refused, never cut.

    Attributes:
        max_file_bytes: size of the file itself.
        max_pixels: pixels of one frame.
        max_frames: frames handed back.
        max_seconds: stretch of time handed back, first frame to last.
        max_output_bytes: all decoded pixels together.
        max_memory_bytes: address space of the decoding process.
        max_cpu_seconds: processor time of the decoding process.
        max_wall_seconds: time that passes before the process is killed.
    """

    max_file_bytes: int = 2 << 30
    max_pixels: int = 4096 * 2304
    max_frames: int = 7200
    max_seconds: float | int = 600.0
    max_output_bytes: int = 2 << 30
    max_memory_bytes: int = 1536 << 20
    max_cpu_seconds: int = 60
    max_wall_seconds: float | int = 120.0

    def __post_init__(self) -> None:
        for field in fields(self):
            if (value := getattr(self, field.name)) <= 0:
                raise ValueError(f"DecodeLimits.{field.name} must be above 0, got {value}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Which part of a file is wanted, and how large.

    Attributes:
        from_seconds: frames shown before this are skipped, on the source clock; None is the start.
        to_seconds: frames shown from here on are skipped; None is the end.
        short_side_px: frames are shrunk until their shorter side has this many pixels; None keeps their size.
    """

    from_seconds: float | int | None = None
    to_seconds: float | int | None = None
    short_side_px: int | None = None


def check_pixels(width_px: int, height_px: int, *, limits: DecodeLimits) -> None:
    """Refuse frames that are too large, or have no pixels.

    Args:
        width_px: width of a frame.
        height_px: height of a frame.
        limits: what is allowed.

    Raises:
        MediaError: if a frame has none or more than `max_pixels`.
    """
    if width_px < 1 or height_px < 1:
        raise MediaError("the file does not say how large its frames are; it is broken or cut short")
    if width_px * height_px > limits.max_pixels:
        raise MediaError(
            f"frames of {width_px}x{height_px} have more than the {limits.max_pixels} pixels allowed; make them smaller"
        )


def check_amount(num_frames: int, num_bytes: int, *, seconds: float | int, limits: DecodeLimits) -> None:
    """Refuse once more comes out of a file than may.

    Args:
        num_frames: frames so far.
        num_bytes: bytes of pixels so far.
        seconds: from the first frame to this one.
        limits: what is allowed.

    Raises:
        MediaError: if any is exceeded.
    """
    for found, allowed, unit in (
        (num_frames, limits.max_frames, "frames"),
        (seconds, limits.max_seconds, "seconds"),
        (num_bytes, limits.max_output_bytes, "bytes of pixels"),
    ):
        if found > allowed:
            raise MediaError(f"the clip holds more than {allowed:g} {unit}; cut it shorter or ask for a part of it")
