import pytest

from misora.core.seeds import numpy_rng
from misora.worlds.camera import draw_camera
from misora.worlds.draw import draw_script
from misora.worlds.geometry import body
from misora.worlds.layout import Layout, draw_layout
from misora.worlds.script import Script


def layout_of(script: Script, seed: int) -> Layout:
    shot = script.shots[0]
    camera = draw_camera(numpy_rng(seed), shot, script=script, num_frames=8, look_at_m=(0.0, 0.0, 0.5))
    return draw_layout(numpy_rng(seed), shot, camera=camera, bodies=tuple(body(thing) for thing in shot.things))


def test_routes_lead_where_the_words_say() -> None:
    for seed in range(100):
        script = draw_script(seed, split="any")
        layout = layout_of(script, seed)
        for index, beat in enumerate(script.shots[0].beats):
            x, y = layout.route[index + 1][beat.thing] - layout.route[index][beat.thing]
            expected = {"left": x < -1, "right": x > 1, "towards": y < -1, None: x == y == 0}[beat.direction]
            assert expected, (seed, beat)


def test_the_target_lies_on_the_way_and_is_passed_on() -> None:
    for seed in range(100):
        script = draw_script(seed, split="any", num_lines=1)
        beat = script.shots[0].beats[0]
        if beat.target is None:
            continue
        start, end = layout_of(script, seed).route
        way = end[beat.thing] - start[beat.thing]
        to_target = start[beat.target] - start[beat.thing]
        assert way[0] * to_target[1] - way[1] * to_target[0] == pytest.approx(0, abs=1e-9)
        assert (end[beat.target] - start[beat.target]) @ way > 0


def test_a_push_starts_every_beat() -> None:
    for seed in range(30):
        script = draw_script(seed, split="any", num_lines=2)
        layout = layout_of(script, seed)
        assert len(layout.pushes) == len(script.shots[0].beats) == len(layout.route) - 1
