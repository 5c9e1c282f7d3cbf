"""A thing on a line: the path of a pendulum as a formula, since a picture asks for no more."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float64

from misora.worlds.geometry import multiply, tilted

GRAVITY = 9.81


@dataclass(frozen=True, slots=True, kw_only=True)
class Pendulum:
    """A rigid line without mass, and how it swings.

    Attributes:
        pivot_m: the fixed end.
        length_m: from the pivot to the centre of the thing.
        amplitude: largest angle from the vertical, in radians.
        phase: of the swing when it begins, in radians; 0 is the far end of the heading.
        heading: of the plane in which it swings, in radians from +x.
        lowest_m: height of the centre when the line hangs straight down.
    """

    pivot_m: tuple[float, float, float]
    length_m: float
    amplitude: float
    phase: float
    heading: float
    lowest_m: float

    @property
    def width_m(self) -> float:
        """From one turning point to the other, along the floor."""
        return 2 * self.length_m * math.sin(self.amplitude)

    @property
    def rate(self) -> float:
        """Radians of phase per second.

        Source: the pendulum to the second order in its amplitude, w = sqrt(g / l) (1 - a^2 / 16).
        """
        return math.sqrt(GRAVITY / self.length_m) * (1 - self.amplitude**2 / 16)

    def under(self, start_m: Float64[np.ndarray, "2"], end_m: Float64[np.ndarray, "2"]) -> Pendulum:
        """Hang it so that it swings over two points.

        Args:
            start_m: one turning point, in the floor plane.
            end_m: the other.

        Returns:
            The same pendulum in its place.
        """
        x, y = (start_m + end_m) / 2
        return replace(self, pivot_m=(float(x), float(y), self.lowest_m + self.length_m))

    def state(self, seconds: float, *, rest: Float64[np.ndarray, "4"]) -> Float64[np.ndarray, "13"]:
        """Give the state of the thing on the line.

        Args:
            seconds: since the swing began.
            rest: orientation when the line hangs straight down.

        Returns:
            Position, quaternion, velocity and angular velocity (both in world axes).
        """
        angle = self.amplitude * math.cos(self.rate * seconds + self.phase)
        pace = -self.amplitude * self.rate * math.sin(self.rate * seconds + self.phase)
        x, y = math.cos(self.heading), math.sin(self.heading)
        across, down = math.sin(angle), math.cos(angle)
        place = np.array(self.pivot_m) + self.length_m * np.array([across * x, across * y, -down])
        turn = multiply(tilted(-angle, about_radians=self.heading + math.pi / 2), rest)
        velocity = self.length_m * pace * np.array([down * x, down * y, across])
        return np.concatenate([place, turn, velocity, -pace * np.array([-y, x, 0.0])])
