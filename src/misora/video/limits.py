"""How much of a machine one file may take."""

from dataclasses import dataclass, fields


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
    max_seconds: float = 600.0
    max_output_bytes: int = 2 << 30
    max_memory_bytes: int = 1536 << 20
    max_cpu_seconds: int = 60
    max_wall_seconds: float = 120.0

    def __post_init__(self) -> None:
        for field in fields(self):
            if (value := getattr(self, field.name)) <= 0:
                raise ValueError(f"DecodeLimits.{field.name} must be above 0, got {value}")
