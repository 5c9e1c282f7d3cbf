"""Where the camera stands in every frame of a shot, and where a point in space appears in the picture."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float64

from misora.worlds.script import Script, Shot

TAN_HALF_VIEW = math.tan(math.radians(16.0))
VIEW_METRES = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraPath:
    """A camera that looks at one point; right in the picture is +x when the azimuth is 90 degrees.

    Attributes:
        look_at_m: the point in the middle of the picture.
        azimuth_degrees: heading of the view, counter-clockwise from +x.
        elevation_degrees: angle of the view below the horizon.
        distance_m: from the camera to the point.
        tan_half_height: tangent of half the vertical field of view.
        width_px: of the picture.
        height_px: of the picture.
    """

    look_at_m: Float64[np.ndarray, "3"]
    azimuth_degrees: Float64[np.ndarray, " f"]
    elevation_degrees: float
    distance_m: Float64[np.ndarray, " f"]
    tan_half_height: float
    width_px: int
    height_px: int

    def at(self, frame: int, *, num_frames: int) -> CameraPath:
        """Hold one pose.

        Args:
            frame: whose pose.
            num_frames: how long to hold it.

        Returns:
            A camera at rest.
        """
        return replace(
            self,
            azimuth_degrees=np.full(num_frames, self.azimuth_degrees[frame]),
            distance_m=np.full(num_frames, self.distance_m[frame]),
        )

    def rotations(self) -> Float64[np.ndarray, "f 3 3"]:
        """Give the axes of the camera.

        Returns:
            Rows right, up and forward, in world coordinates.
        """
        azimuth = np.radians(self.azimuth_degrees)
        cos_e, sin_e = math.cos(math.radians(self.elevation_degrees)), math.sin(math.radians(self.elevation_degrees))
        heading = np.stack([np.cos(azimuth), np.sin(azimuth), np.zeros_like(azimuth)], axis=-1)
        vertical = np.array([0.0, 0.0, 1.0])
        right = np.stack([np.sin(azimuth), -np.cos(azimuth), np.zeros_like(azimuth)], axis=-1)
        return np.stack([right, sin_e * heading + cos_e * vertical, cos_e * heading - sin_e * vertical], axis=1)

    def positions_m(self) -> Float64[np.ndarray, "f 3"]:
        """Give the place of the camera.

        Returns:
            World coordinates per frame.
        """
        return self.look_at_m - self.rotations()[:, 2] * self.distance_m[:, None]

    def project(self, points_m: Float64[np.ndarray, "f k 3"]) -> Float64[np.ndarray, "f k 3"]:
        """Find where points appear.

        Args:
            points_m: world coordinates, per frame.

        Returns:
            Column and row in pixels from the upper left corner, and depth in metres.
        """
        relative = points_m - self.positions_m()[:, None]
        right, up, depth = np.moveaxis(np.einsum("fkc,fac->fka", relative, self.rotations()), -1, 0)
        scale = self.height_px / (2 * self.tan_half_height * depth)
        return np.stack([self.width_px / 2 + right * scale, self.height_px / 2 - up * scale, depth], axis=-1)


def draw_camera(
    rng: np.random.Generator,
    shot: Shot,
    *,
    script: Script,
    num_frames: int,
    look_at_m: tuple[float, float, float],
    raised_degrees: float = 0.0,
) -> CameraPath:
    """Draw the camera of a shot.

    It never sees the horizon: the upper edge of the picture still looks down on the floor.

    Args:
        rng: source of the jitter.
        shot: names the kind of camera.
        script: gives the size of the picture.
        num_frames: frames in the shot.
        look_at_m: middle of the action, before jitter.
        raised_degrees: how much steeper than usual it looks down, so that things behind one another part.

    Returns:
        One pose per frame.
    """
    jitter = rng.uniform(-1, 1, size=6)
    elevation = 29.0 + raised_degrees + 3.5 * jitter[0]
    distance = VIEW_METRES / 2 / TAN_HALF_VIEW * (1.0 + 0.05 * jitter[1])
    progress = np.linspace(0.0, 1.0, num_frames)
    azimuth = np.full(num_frames, 90.0 + 4.0 * jitter[2])
    distances = np.full(num_frames, distance)
    sign = 1.0 if jitter[3] > 0 else -1.0
    if shot.camera == "orbit":
        azimuth = 90.0 + sign * (progress - 0.5) * (34.0 + 6.0 * jitter[2])
    if shot.camera == "push_in":
        distances = distance * (1.24 - 0.38 * progress)
    shape = max(1.0, script.height_px / script.width_px)
    return CameraPath(
        look_at_m=np.asarray(look_at_m) + np.array([0.12, 0.12, 0.05]) * jitter[[4, 5, 2]],
        azimuth_degrees=azimuth,
        elevation_degrees=elevation,
        distance_m=distances,
        tan_half_height=TAN_HALF_VIEW * shape,
        width_px=script.width_px,
        height_px=script.height_px,
    )
