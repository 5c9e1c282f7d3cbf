from itertools import combinations

import numpy as np
import pytest

from misora.worlds.look import LIGHT, PATCH_SIDE, RGB, SHADE, floor_texture, patches
from misora.worlds.script import CLASHES, COLOURS, FLOORS, LIGHTS


def test_every_name_has_a_look() -> None:
    assert set(RGB) == set(SHADE) == set(COLOURS)
    assert set(LIGHT) == set(LIGHTS)


def test_colours_stay_apart_under_every_light() -> None:
    for light in LIGHT.values():
        strength = np.clip(np.array(light.sun) * 0.6 + np.array(light.fill), 0, 1)
        for one, other in combinations(COLOURS, 2):
            assert np.linalg.norm((np.array(RGB[one]) - RGB[other]) * strength) > 0.16, (one, other)


@pytest.mark.parametrize("floor", FLOORS)
def test_things_stand_out_from_floors(floor: str) -> None:
    mean = floor_texture(floor).reshape(-1, 3).mean(axis=0) / 255
    for colour in COLOURS:
        if colour not in CLASHES[floor]:
            assert np.linalg.norm(mean - RGB[colour]) > 0.25, colour


@pytest.mark.parametrize("floor", FLOORS)
def test_floors_repeat_without_a_seam_and_never_change(floor: str) -> None:
    texture = floor_texture(floor).astype(float)
    inside = np.abs(np.diff(texture, axis=0)).mean(axis=(1, 2))
    seam = np.abs(texture[0] - texture[-1]).mean()
    assert seam <= 1.1 * inside.max()
    np.testing.assert_array_equal(floor_texture(floor), texture)


@pytest.mark.parametrize("colour", COLOURS)
def test_patches_are_two_shades_that_differ_and_still_bear_the_name(colour: str) -> None:
    picture = patches(colour).reshape(-1, 3) / 255
    shades, counts = np.unique(picture, axis=0, return_counts=True)
    assert counts.tolist() == [3 * PATCH_SIDE**2] * 2
    assert np.linalg.norm(shades[0] - shades[1]) > 0.2
    for shade in shades:
        nearest = min(
            COLOURS, key=lambda name: min(np.linalg.norm(shade - RGB[name]), np.linalg.norm(shade - SHADE[name]))
        )
        assert nearest == colour


def test_the_evening_sun_is_the_lowest() -> None:
    assert LIGHT["low"].slope_degrees[1] < min(LIGHT[name].slope_degrees[0] for name in LIGHTS if name != "low")
