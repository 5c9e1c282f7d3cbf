import math

import numpy as np
import pytest

from misora.core.seeds import numpy_rng
from misora.worlds.camera import CameraPath, draw_camera
from misora.worlds.draw import draw_script
from misora.worlds.grammar import WIDE


def camera(**changed: object) -> CameraPath:
    settings: dict = {
        "look_at_m": np.zeros((1, 3)),
        "azimuth_degrees": np.array([90.0]),
        "elevation_degrees": np.array([30.0]),
        "distance_m": np.array([8.0]),
        "tan_half_height": 0.25,
        "width_px": 128,
        "height_px": 96,
    }
    return CameraPath(**{**settings, **changed})


def test_the_point_looked_at_is_in_the_middle() -> None:
    np.testing.assert_allclose(camera().project(np.zeros((1, 1, 3)))[0, 0], [64, 48, 8], atol=1e-12)


def test_right_is_right_up_is_up_and_towards_is_down_and_near() -> None:
    right, up, towards = camera().project(np.array([[[1.0, 0, 0], [0, 0, 1.0], [0, -1.0, 0]]]))[0]
    assert right[0] > 64
    assert up[1] < 48
    assert towards[1] > 48
    assert towards[2] < 8


def test_the_upper_edge_is_where_the_field_of_view_ends() -> None:
    level = camera(elevation_degrees=np.array([0.0]))
    column, row, depth = level.project(np.array([[[0.0, 0.0, 2.0]]]))[0, 0]
    assert (column, row, depth) == (64, pytest.approx(0, abs=1e-12), 8)  # 2 m above at 8 m is a tangent of 0.25


def test_axes_are_a_right_handed_frame() -> None:
    right, up, forward = camera(azimuth_degrees=np.array([71.0])).rotations()[0]
    np.testing.assert_allclose(np.cross(right, up), -forward, atol=1e-12)


def test_a_held_pose_is_one_of_the_path() -> None:
    path = camera(
        look_at_m=np.array([[0.0, 0, 0], [1.0, 0, 0]]),
        azimuth_degrees=np.array([80.0, 100.0]),
        elevation_degrees=np.array([30.0, 40.0]),
        distance_m=np.array([8.0, 6.0]),
    )
    held = path.at(1, num_frames=3)
    assert held.look_at_m.tolist() == [[1.0, 0.0, 0.0]] * 3
    assert held.elevation_degrees.tolist() == [40.0] * 3
    assert held.azimuth_degrees.tolist() == [100.0] * 3
    assert held.distance_m.tolist() == [6.0] * 3


def test_no_drawn_camera_sees_the_horizon_and_each_moves_as_named() -> None:
    for seed in range(150):
        script = draw_script(seed, split="any", grammar=WIDE)
        shot = script.shots[0]
        path = draw_camera(numpy_rng(seed), shot, script=script, num_frames=16, look_at_m=(0.0, 0.0, 0.5))
        assert path.elevation_degrees.min() > math.degrees(math.atan(path.tan_half_height))
        turn, approach = np.ptp(path.azimuth_degrees), path.distance_m[0] / path.distance_m[-1]
        assert (turn > 25) == (shot.camera == "orbit")
        assert (approach > 1.3) == (shot.camera == "push_in")
        assert (approach < 0.75) == (shot.camera == "pull_back")
        assert (np.ptp(path.elevation_degrees) > 15) == (shot.camera == "rise")
        assert (np.ptp(path.look_at_m[:, 0]) > 1.0) == (shot.camera == "pan")
        moved = np.linalg.norm(np.ptp(path.positions_m(), axis=0))
        assert (moved < 1e-9) == (shot.camera in ("still", "pan"))
