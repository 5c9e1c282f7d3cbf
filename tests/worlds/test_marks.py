import numpy as np

from misora.worlds.draw import draw_script
from misora.worlds.grammar import WIDE
from misora.worlds.marks import MAX_MARKS, draw_marks
from misora.worlds.renderer import mujoco
from misora.worlds.scene import Scene
from misora.worlds.script import Script
from misora.worlds.simulate import simulate
from misora.worlds.stage import stage


def drawn(script: Script, frame: int) -> list[tuple[int, np.ndarray, np.ndarray]]:
    scene = Scene()
    drawing = mujoco.MjvScene(scene.model, maxgeom=MAX_MARKS)
    staging = stage(script, 0, attempt=0)
    states = simulate(scene, script, 0, staging=staging).states
    draw_marks(drawing, script.shots[0], staging, states=states[: frame + 1], rgb=scene.rgb)
    return [(int(g.type), np.array(g.pos), np.array(g.rgba)) for g in drawing.geoms[: drawing.ngeom]]


def first(kind: str, *, paints: bool = False) -> Script:
    scripts = (draw_script(seed, split="any", num_lines=1, seconds=2.0, grammar=WIDE) for seed in range(2000))
    return next(
        s for s in scripts if s.shots[0].beats[0].kind == kind and any(t.paints for t in s.shots[0].things) == paints
    )


def test_a_trail_grows_and_stays_where_it_was() -> None:
    script = first("roll", paints=True)
    early, late = drawn(script, 4), drawn(script, 9)
    assert 0 < len(early) < len(late)
    for (_, one, colour), (_, other, _) in zip(early, late, strict=False):
        np.testing.assert_allclose(one, other)
        assert one[2] < 0.02
        assert colour[3] > 0.9


def test_what_swings_hangs_on_a_line_to_a_fixed_point_above() -> None:
    (line, hook), (later, same) = (drawn(first("swing"), frame) for frame in (0, 6))
    assert not np.allclose(line[1], later[1])
    np.testing.assert_allclose(hook[1], same[1])
    assert hook[1][2] > line[1][2] > 1


def test_nothing_else_leaves_marks() -> None:
    assert drawn(first("slide"), 9) == []
    assert drawn(first("roll"), 9) == []
