import numpy as np
import pytest

from misora.worlds.scene import Scene
from misora.worlds.script import Beat, Script, Shot, Thing
from misora.worlds.simulate import simulate
from misora.worlds.stage import stage


@pytest.fixture(scope="module")
def scene() -> Scene:
    return Scene()


def script_of(kind: str, *, shapes: tuple[str, ...] = ("ball",), seed: int = 3, fps: int = 8) -> Script:
    things = tuple(Thing(shape=s, colour=c, size=1.3) for s, c in zip(shapes, ("red", "blue"), strict=False))
    direction = "left" if kind in ("roll", "slide", "collide") else None
    target = 1 if kind == "collide" else None
    beat = Beat(kind=kind, thing=0, direction=direction, target=target, from_seconds=0.0, to_seconds=2.0)
    times = {"from_seconds": 0.0, "to_seconds": 2.0}
    shot = Shot(floor="grey", light="bright", camera="still", things=things, beats=(beat,), **times)
    return Script(seed=seed, seconds=2.0, fps=fps, width_px=96, height_px=96, shots=(shot,))


@pytest.mark.parametrize("fps", [8, 12])
def test_a_fall_takes_the_time_that_gravity_gives_it(scene: Scene, fps: int) -> None:
    script = script_of("fall", fps=fps)
    staging = stage(script, 0, attempt=0)
    run = simulate(scene, script, 0, staging=staging)
    drop = staging.positions_m[0, 2] - staging.bodies[0].rest_height_m
    assert run.states.shape == (2 * fps, 1, 13)
    assert run.contacts[0].first == -1
    assert run.contacts[0].seconds == pytest.approx(np.sqrt(2 * drop / 9.81), abs=0.01)
    assert run.contacts[0].closing_speed == pytest.approx(np.sqrt(2 * drop * 9.81), rel=0.01)


def test_a_bounce_gives_back_the_share_of_speed_that_was_staged(scene: Scene) -> None:
    script = script_of("bounce")
    staging = stage(script, 0, attempt=0)
    heights = simulate(scene, script, 0, staging=staging).states[:, 0, 2] - staging.bodies[0].rest_height_m
    lowest = int(heights[:10].argmin())
    expected = heights[0] * staging.pushes[0].restitution ** 2
    assert heights[lowest:].max() == pytest.approx(expected, rel=0.15)  # frames miss the apex by up to 1/16 s


def test_a_hit_keeps_the_momentum(scene: Scene) -> None:
    script = script_of("collide", shapes=("ball", "ball"))
    run = simulate(scene, script, 0, staging=stage(script, 0, attempt=0))
    hit = next(contact for contact in run.contacts if contact.first == 0)
    frame = int(hit.seconds * 8)
    before, after = (run.states[f, :, 7:9].sum(axis=0) for f in (frame, frame + 1))
    np.testing.assert_allclose(after, before, atol=float(0.25 * np.linalg.norm(before)))  # spin and floor take a share
    assert hit.second == 1


def test_nothing_of_an_earlier_shot_remains(scene: Scene) -> None:
    first, other = script_of("roll"), script_of("collide", shapes=("box", "egg"), seed=9)
    runs = [simulate(scene, script, 0, staging=stage(script, 0, attempt=0)) for script in (first, other, first)]
    np.testing.assert_array_equal(runs[0].states, runs[2].states)
