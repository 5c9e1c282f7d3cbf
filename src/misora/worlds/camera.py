"""Where the camera stands in every frame of a shot, and where a point in space appears in the picture."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float64

from misora.worlds.script import Script, Shot

TAN_HALF_VIEW = math.tan(math.radians(16.0))
VIEW_METRES = 5.0
_STEEPEST_HALF_VIEW_DEGREES = 21.0
"""Half the vertical view of a picture 3:4, down to which the usual elevation hides the horizon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraPath:
    """A camera that looks at a point; right in the picture is +x when the azimuth is 90 degrees.

    Attributes:
        look_at_m: the point in the middle of the picture, per frame.
        azimuth_degrees: heading of the view, counter-clockwise from +x.
        elevation_degrees: angle of the view below the horizon.
        distance_m: from the camera to the point.
        tan_half_height: tangent of half the vertical field of view.
        width_px: of the picture.
        height_px: of the picture.
    """

    look_at_m: Float64[np.ndarray, "f 3"]
    azimuth_degrees: Float64[np.ndarray, " f"]
    elevation_degrees: Float64[np.ndarray, " f"]
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
            look_at_m=np.repeat(self.look_at_m[[frame]], num_frames, axis=0),
            elevation_degrees=np.full(num_frames, self.elevation_degrees[frame]),
            azimuth_degrees=np.full(num_frames, self.azimuth_degrees[frame]),
            distance_m=np.full(num_frames, self.distance_m[frame]),
        )

    def rotations(self) -> Float64[np.ndarray, "f 3 3"]:
        """Give the axes of the camera.

        Returns:
            Rows right, up and forward, in world coordinates.
        """
        azimuth = np.radians(self.azimuth_degrees)
        elevation = np.radians(self.elevation_degrees)[:, None]
        cos_e, sin_e = np.cos(elevation), np.sin(elevation)
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
    farther: float = 1.0,
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
        farther: factor on the usual distance.

    Returns:
        One pose per frame.
    """
    jitter = rng.uniform(-1, 1, size=6)
    shape = max(1.0, script.height_px / script.width_px)
    steeper = max(0.0, math.degrees(math.atan(TAN_HALF_VIEW * shape)) - _STEEPEST_HALF_VIEW_DEGREES)
    elevation = 29.0 + raised_degrees + 3.5 * jitter[0] + steeper
    distance = VIEW_METRES / 2 / TAN_HALF_VIEW * (1.0 + 0.05 * jitter[1]) * farther
    progress = np.linspace(0.0, 1.0, num_frames)
    sign = 1.0 if jitter[3] > 0 else -1.0
    path = CameraPath(
        look_at_m=np.tile(np.asarray(look_at_m) + np.array([0.12, 0.12, 0.05]) * jitter[[4, 5, 2]], (num_frames, 1)),
        azimuth_degrees=np.full(num_frames, 90.0 + 4.0 * jitter[2]),
        elevation_degrees=np.full(num_frames, elevation),
        distance_m=np.full(num_frames, distance),
        tan_half_height=TAN_HALF_VIEW * shape,
        width_px=script.width_px,
        height_px=script.height_px,
    )
    if shot.camera == "orbit":
        return replace(path, azimuth_degrees=90.0 + sign * (progress - 0.5) * (34.0 + 6.0 * jitter[2]))
    if shot.camera == "push_in":
        return replace(path, distance_m=distance * (1.24 - 0.38 * progress))
    if shot.camera == "pull_back":
        return replace(path, distance_m=distance * (0.86 + 0.38 * progress))
    if shot.camera == "rise":
        return replace(path, elevation_degrees=elevation - 4.0 + 17.0 * progress)
    if shot.camera == "pan":
        return _panned(path, distance_m=1.1 * distance, turn_degrees=sign * (progress - 0.5) * (9.5 + jitter[2]))
    return path


def _panned(path: CameraPath, *, distance_m: float, turn_degrees: Float64[np.ndarray, " f"]) -> CameraPath:
    """Turn a camera where it stands: the point that it looks at goes along a circle around it."""
    far = replace(path, distance_m=np.full_like(turn_degrees, distance_m))
    turned = replace(far, azimuth_degrees=far.azimuth_degrees + turn_degrees)
    return replace(turned, look_at_m=far.positions_m() + turned.rotations()[:, 2] * distance_m)
