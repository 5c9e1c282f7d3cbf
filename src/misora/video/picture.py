"""One decoded frame as three planes of bytes, and how it is to be turned; light enough for the decoding process."""

import os
from dataclasses import dataclass

from misora.core.errors import MediaError


@dataclass(frozen=True, slots=True, kw_only=True)
class Orientation:
    """How stored pixels become the picture seen: rows and columns swapped first, then mirrored.

    Attributes:
        is_transposed: rows and columns change places.
        is_mirrored: left and right change places.
        is_flipped: top and bottom change places.
    """

    is_transposed: bool = False
    is_mirrored: bool = False
    is_flipped: bool = False

    @classmethod
    def from_matrix(cls, matrix: tuple[int, ...]) -> "Orientation":
        """Read a display matrix: nine numbers that carry (x, y) stored to (a x + c y, b x + d y) seen.

        Args:
            matrix: a, b, u, c, d, v, x, y, w, of which only the signs of a, b, c and d count.

        Returns:
            The orientation.

        Raises:
            MediaError: if the turn is not by right angles.
        """
        a, b, c, d = matrix[0], matrix[1], matrix[3], matrix[4]
        if a and d and not b and not c:
            return cls(is_mirrored=a < 0, is_flipped=d < 0)
        if b and c and not a and not d:
            return cls(is_transposed=True, is_mirrored=c < 0, is_flipped=b < 0)
        raise MediaError("the file asks to be shown turned by a skew angle; turn it upright and save it again")

    @property
    def rotation_degrees(self) -> int:
        """How far the stored picture is turned clockwise to be seen, leaving mirroring aside."""
        if not self.is_transposed:
            return 180 if self.is_mirrored and self.is_flipped else 0
        return 90 if self.is_mirrored else 270


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One frame, before it is turned upright.

    Attributes:
        width_px: width as stored.
        height_px: height as stored.
        pts_seconds: when it is shown, on the source clock.
        planes: red, green and blue, `height_px` rows each.
        strides_bytes: from one row to the next, per plane; at least `width_px`.
    """

    width_px: int
    height_px: int
    pts_seconds: float
    planes: tuple[memoryview, memoryview, memoryview]
    strides_bytes: tuple[int, int, int]

    def write_to(self, handle: int) -> None:
        """Append the planes to an open file, rows packed.

        Args:
            handle: the file descriptor.
        """
        for plane, stride in zip(self.planes, self.strides_bytes, strict=True):
            _write_all(handle, packed(plane, self.width_px, height_px=self.height_px, stride_bytes=stride))


def packed(plane: memoryview, width_px: int, *, height_px: int, stride_bytes: int) -> memoryview:
    """Drop what pads the rows of a plane.

    Args:
        plane: the bytes, rows `stride_bytes` apart.
        width_px: bytes of a row that count.
        height_px: how many rows.
        stride_bytes: from one row to the next.

    Returns:
        width_px * height_px bytes; the same memory where nothing pads.
    """
    if stride_bytes == width_px:
        return plane[: width_px * height_px]
    starts = range(0, height_px * stride_bytes, stride_bytes)
    return memoryview(b"".join([plane[start : start + width_px] for start in starts]))


def _write_all(handle: int, data: memoryview) -> None:
    while data:
        data = data[os.write(handle, data) :]
