"""Sizes, masses and orientations of the five shapes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from misora.worlds.script import Thing

MASS_KG = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A thing in numbers.

    Attributes:
        half_m: MuJoCo's three half sizes of the geom.
        reach_m: half extents along its own axes.
        inertia: principal moments for `MASS_KG`, in kg m².
        rest_height_m: height of the centre when it rests on the floor.
        around_m: radius in the floor plane that keeps clear of others.
        roll_radius_m: radius it rolls with, 0 when it slides.
    """

    half_m: tuple[float, float, float]
    reach_m: tuple[float, float, float]
    inertia: tuple[float, float, float]
    rest_height_m: float
    around_m: float
    roll_radius_m: float


def body(thing: Thing, *, stands: bool = False) -> Body:
    """Give the sizes of a thing.

    Args:
        thing: names shape and size.
        stands: whether it stands upright, to be toppled: a box is then taller than wide.

    Returns:
        Its body; every thing weighs the same, so that a hit passes its motion on.
    """
    s = thing.size
    if stands:
        return _standing(thing.shape, s)
    if thing.shape == "ball":
        r = 0.5 * s
        return _round((r, 0.0, 0.0), (r, r, r), _ellipsoid(r, r, r), r, around=r)
    if thing.shape == "egg":
        a, b = 0.68 * s, 0.42 * s
        return _round((b, b, a), (b, b, a), _ellipsoid(b, b, a), b, around=0.85 * a)
    if thing.shape == "capsule":
        r, half = 0.29 * s, 0.5 * s
        return _round((r, half, 0.0), (r, r, half + r), _rod(r, half + 0.6 * r), r, around=0.85 * (half + r))
    if thing.shape == "cylinder":
        r, half = 0.36 * s, 0.52 * s
        return Body(
            half_m=(r, half, 0.0),
            reach_m=(r, r, half),
            inertia=_rod(r, half),
            rest_height_m=half,
            around_m=r,
            roll_radius_m=0.0,
        )
    h = 0.42 * s
    cube = MASS_KG * 2 / 3 * h * h
    return Body(
        half_m=(h, h, h),
        reach_m=(h, h, h),
        inertia=(cube, cube, cube),
        rest_height_m=h,
        around_m=1.25 * h,
        roll_radius_m=0.0,
    )


def _standing(shape: str, s: float) -> Body:
    """An upright thing; the room around it is that which it needs once it lies."""
    if shape == "box":
        a, h = 0.29 * s, 0.52 * s
        half = reach = (a, a, h)
        across = MASS_KG / 3 * (a * a + h * h)
        inertia = (across, across, MASS_KG * 2 / 3 * a * a)
    elif shape == "cylinder":
        a, h = 0.36 * s, 0.52 * s
        half, reach, inertia = (a, h, 0.0), (a, a, h), _rod(a, h)
    else:
        a, straight = 0.29 * s, 0.46 * s
        h = straight + a
        half, reach, inertia = (a, straight, 0.0), (a, a, h), _rod(a, straight + 0.6 * a)
    return Body(half_m=half, reach_m=reach, inertia=inertia, rest_height_m=h, around_m=0.8 * h, roll_radius_m=0.0)


def _round(
    half: tuple[float, float, float],
    reach: tuple[float, float, float],
    inertia: tuple[float, float, float],
    radius: float,
    *,
    around: float,
) -> Body:
    return Body(
        half_m=half, reach_m=reach, inertia=inertia, rest_height_m=radius, around_m=around, roll_radius_m=radius
    )


def _ellipsoid(a: float, b: float, c: float) -> tuple[float, float, float]:
    share = MASS_KG / 5
    return share * (b * b + c * c), share * (a * a + c * c), share * (a * a + b * b)


def _rod(radius: float, half: float) -> tuple[float, float, float]:
    across = MASS_KG * (3 * radius**2 + (2 * half) ** 2) / 12
    return across, across, MASS_KG * radius**2 / 2


def lying(heading_radians: float) -> Float64[np.ndarray, "4"]:
    """Lay the long axis (own z) into the floor plane, square to a heading.

    Args:
        heading_radians: direction in which it would roll, counter-clockwise from +x.

    Returns:
        Quaternion w, x, y, z.
    """
    axis = heading_radians + math.pi / 2
    return multiply(turned(axis), np.array([math.sqrt(0.5), 0.0, math.sqrt(0.5), 0.0]))


def turned(yaw_radians: float) -> Float64[np.ndarray, "4"]:
    """Turn about the vertical.

    Args:
        yaw_radians: counter-clockwise from above.

    Returns:
        Quaternion w, x, y, z.
    """
    return np.array([math.cos(yaw_radians / 2), 0.0, 0.0, math.sin(yaw_radians / 2)])


def tilted(angle_radians: float, *, about_radians: float) -> Float64[np.ndarray, "4"]:
    """Tilt about a horizontal axis.

    Args:
        angle_radians: how far.
        about_radians: heading of the axis.

    Returns:
        Quaternion w, x, y, z.
    """
    half = angle_radians / 2
    return np.array(
        [math.cos(half), math.sin(half) * math.cos(about_radians), math.sin(half) * math.sin(about_radians), 0.0]
    )


def multiply(a: Float64[np.ndarray, "4"], b: Float64[np.ndarray, "4"]) -> Float64[np.ndarray, "4"]:
    """Compose two rotations.

    Args:
        a: applied second.
        b: applied first.

    Returns:
        Quaternion w, x, y, z.
    """
    w, x, y, z = a
    return np.array(
        [
            w * b[0] - x * b[1] - y * b[2] - z * b[3],
            w * b[1] + x * b[0] + y * b[3] - z * b[2],
            w * b[2] - x * b[3] + y * b[0] + z * b[1],
            w * b[3] + x * b[2] - y * b[1] + z * b[0],
        ]
    )
