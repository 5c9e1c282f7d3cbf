import pytest

from misora.core.seeds import numpy_rng
from misora.worlds.camera import draw_camera
from misora.worlds.draw import draw_script
from misora.worlds.geometry import body
from misora.worlds.grammar import WIDE
from misora.worlds.layout import Layout, draw_layout
from misora.worlds.script import Script


def layout_of(script: Script, seed: int) -> Layout:
    shot = script.shots[0]
    camera = draw_camera(numpy_rng(seed), shot, script=script, num_frames=8, look_at_m=(0.0, 0.0, 0.5))
    topples = {beat.thing for beat in shot.beats if beat.kind == "topple"}
    bodies = tuple(body(thing, stands=k in topples) for k, thing in enumerate(shot.things))
    return draw_layout(numpy_rng(seed), shot, camera=camera, bodies=bodies, fps=script.fps)


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


def wide_layouts(kind: str, num: int = 6) -> list[tuple[Script, Layout]]:
    scripts = (draw_script(seed, split="any", num_lines=1, grammar=WIDE) for seed in range(999))
    found = [script for script in scripts if script.shots[0].beats[0].kind == kind][:num]
    return [(script, layout_of(script, script.seed)) for script in found]


def test_what_topples_is_pushed_over_its_edge_and_lies_to_the_told_side() -> None:
    for script, layout in wide_layouts("topple"):
        beat, (push,) = script.shots[0].beats[0], layout.pushes
        sign = 1 if beat.direction == "right" else -1
        assert sign * (layout.route[-1][0] - layout.route[0][0])[0] > 0.6
        assert push.spin is not None
        assert sign * push.spin[1] > 0.5  # about the axis away from the viewer, which lowers the right
        assert sign * push.velocity[0] > 0


def test_what_swings_hangs_over_the_middle_of_its_way() -> None:
    for _, layout in wide_layouts("swing"):
        assert layout.pendulum is not None
        middle = (layout.route[0][0] + layout.route[-1][0]) / 2
        assert layout.pendulum.pivot_m[:2] == pytest.approx(tuple(middle))
        assert layout.pendulum.pivot_m[2] > 3


def test_a_spin_is_slow_enough_for_frames_to_show_its_sense() -> None:
    for script, layout in wide_layouts("spin"):
        (push,) = layout.pushes
        assert push.spin is not None
        assert 0.4 < abs(push.spin[2]) / script.fps < 0.6  # radians a frame; a cube repeats after 1.57


def test_a_relation_places_the_second_thing() -> None:
    scripts = (draw_script(seed, split="any", grammar=WIDE, num_lines=1) for seed in range(400))
    for script in (s for s in scripts if s.shots[0].relation):
        layout = layout_of(script, script.seed)
        x, y = layout.route[0][1] - layout.route[0][0]
        expected = {"left_of": x > 0, "right_of": x < 0, "in_front_of": y > 0, "behind": y < 0}
        assert expected[script.shots[0].relation or ""]
