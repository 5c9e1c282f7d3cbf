import math

import numpy as np
import pytest

from misora.worlds.geometry import MASS_KG, body, lying, multiply, tilted, turned
from misora.worlds.renderer import mujoco
from misora.worlds.script import SHAPES, TOPPLING_SHAPES, Thing


def rotated(quaternion: np.ndarray, vector: tuple[float, float, float]) -> np.ndarray:
    result = np.zeros(3)
    mujoco.mju_rotVecQuat(result, np.array(vector), quaternion)
    return result


@pytest.mark.parametrize(
    ("shape", "stands"), [*((shape, False) for shape in SHAPES), *((shape, True) for shape in TOPPLING_SHAPES)]
)
def test_moments_agree_with_the_simulator(shape: str, stands: bool) -> None:
    each = body(Thing(shape=shape, colour="red", size=1.3), stands=stands)
    kind = {"ball": "sphere", "egg": "ellipsoid"}.get(shape, shape)
    size = " ".join(str(value) for value in each.half_m if value)
    model = mujoco.MjModel.from_xml_string(
        f"<mujoco><worldbody><body><freejoint/><geom type='{kind}' size='{size}' mass='{MASS_KG}'/></body></worldbody></mujoco>"
    )
    tolerance = 0.1 if shape == "capsule" else 1e-6  # the capsule is taken for a rod of about its length
    np.testing.assert_allclose(sorted(model.body_inertia[1]), sorted(each.inertia), rtol=tolerance)
    np.testing.assert_allclose(model.geom_aabb[0, 3:], each.reach_m, rtol=1e-6)


def test_long_shapes_are_long() -> None:
    capsule, egg = (body(Thing(shape=shape, colour="red", size=1.0)) for shape in ("capsule", "egg"))
    assert capsule.reach_m[2] / capsule.reach_m[0] > 2.4
    assert egg.reach_m[2] / egg.reach_m[0] == pytest.approx(1.6, abs=0.1)


def test_a_lying_thing_has_its_long_axis_square_to_its_heading() -> None:
    for heading in (0.0, 0.7, math.pi, -math.pi / 2):
        axis = rotated(lying(heading), (0.0, 0.0, 1.0))
        assert axis[2] == pytest.approx(0, abs=1e-12)
        assert axis @ [math.cos(heading), math.sin(heading), 0.0] == pytest.approx(0, abs=1e-12)


def test_turns_and_tilts_compose() -> None:
    both = multiply(tilted(math.pi / 2, about_radians=0.0), turned(math.pi / 2))
    np.testing.assert_allclose(rotated(both, (1.0, 0.0, 0.0)), [0, 0, 1], atol=1e-12)  # x to y, then y to z


def test_what_stands_is_taller_than_wide() -> None:
    for shape in TOPPLING_SHAPES:
        each = body(Thing(shape=shape, colour="red", size=1.3), stands=True)
        assert each.rest_height_m == each.reach_m[2] > 1.4 * each.reach_m[0]
