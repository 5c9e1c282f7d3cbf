import numpy as np

from misora.core.seeds import numpy_rng
from misora.worlds.camera import draw_camera
from misora.worlds.fit import misfit_px
from misora.worlds.geometry import body
from misora.worlds.layout import Layout
from misora.worlds.script import Beat, Script, Shot, Thing


def misfit(*places: tuple[float, float]) -> float:
    things = tuple(Thing(shape="ball", colour=c, size=1.3) for c in ("red", "blue", "pink"))[: len(places)]
    beat = Beat(kind="fall", thing=0, direction=None, target=None, from_seconds=0.0, to_seconds=1.0)
    times = {"from_seconds": 0.0, "to_seconds": 1.0}
    shot = Shot(floor="grey", light="bright", camera="still", things=things, beats=(beat,), **times)
    script = Script(seed=0, seconds=1.0, fps=8, width_px=96, height_px=96, shots=(shot,))
    camera = draw_camera(numpy_rng(0), shot, script=script, num_frames=8, look_at_m=(0.0, 0.0, 0.6))
    stop = np.array(places)
    layout = Layout(route=[stop, stop], heights=[0.65] * len(places), headings=[0.0] * len(places), pushes=[])
    return misfit_px(layout, shot, camera=camera, bodies=tuple(body(thing) for thing in things))


def test_a_thing_in_the_middle_fits() -> None:
    assert misfit((0.0, 0.0)) == 0


def test_the_further_outside_the_worse() -> None:
    assert 0 < misfit((2.6, 0.0)) < misfit((3.2, 0.0))


def test_two_things_apart_fit_and_hiding_or_touching_does_not() -> None:
    assert misfit((-1.2, 0.0), (1.2, 0.0)) == 0
    assert misfit((0.0, -0.7), (0.0, 1.0)) > 0
    assert misfit((-0.5, 0.0), (0.5, 0.0)) > misfit((-0.7, 0.0), (0.7, 0.0)) > 0


def test_a_third_thing_needs_room_too() -> None:
    assert misfit((-1.3, 0.0), (1.3, 0.0), (-1.3, 0.1)) > 0
