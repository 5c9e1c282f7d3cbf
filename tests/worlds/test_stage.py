import numpy as np

from misora.worlds.draw import draw_script
from misora.worlds.grammar import WIDE
from misora.worlds.script import mirror
from misora.worlds.stage import stage


def test_a_staging_is_a_function_of_script_and_attempt() -> None:
    script = draw_script(5, split="any")
    one, same, other = (stage(script, 0, attempt=attempt) for attempt in (0, 0, 1))
    np.testing.assert_array_equal(one.positions_m, same.positions_m)
    assert not np.array_equal(one.positions_m, other.positions_m)
    np.testing.assert_array_equal(one.camera.azimuth_degrees, other.camera.azimuth_degrees)


def test_things_start_on_or_above_the_floor_and_in_the_picture() -> None:
    for seed in range(20):
        script = draw_script(seed, split="any", grammar=WIDE)
        staging = stage(script, 0, attempt=0)
        rest = [each.rest_height_m for each in staging.bodies]
        assert (staging.positions_m[:, 2] >= rest).all()
        seen = staging.camera.at(0, num_frames=1).project(staging.positions_m[None])[0]
        assert (seen[:, :2] > 0).all()
        assert (seen[:, :2] < (script.width_px, script.height_px)).all()


def test_the_camera_does_not_depend_on_what_moves() -> None:
    script = next(
        s for s in (draw_script(n, split="any") for n in range(99)) if s.shots[0].beats[0].direction == "left"
    )
    one, other = (stage(each, 0, attempt=0).camera for each in (script, mirror(script)))
    np.testing.assert_array_equal(one.look_at_m, other.look_at_m)
    np.testing.assert_array_equal(one.distance_m, other.distance_m)
