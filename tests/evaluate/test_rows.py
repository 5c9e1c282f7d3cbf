import torch

from misora.core.seeds import derive
from misora.evaluate.augment import patch_basis
from misora.evaluate.examples import Example, film_scripts
from misora.evaluate.judge import Judge
from misora.evaluate.motion import DOINGS, NUM_FEATURES
from misora.evaluate.rows import rows_of
from misora.worlds.draw import draw_script
from misora.worlds.script import CAMERAS


def _example() -> Example:
    script = draw_script(derive("rows", 1), split="any", seconds=2.0, fps=8, size=(96, 96), num_lines=2)
    [example] = film_scripts([script])
    assert example is not None
    return example


def test_every_beat_step_and_shot_is_a_row_whatever_the_number_of_threads() -> None:
    example = _example()
    basis = patch_basis((example.clip.frames.float() / 255).unflatten(0, (-1, 4)), num_kept=8)
    judge = Judge.with_maps()
    one, two = (rows_of(judge, [example], basis, seed=0, views=2, workers=workers) for workers in (1, 2))
    assert torch.equal(one.motions, two.motions)
    assert one.motions.shape[1] == NUM_FEATURES
    assert len(one.changes) == len(one.is_cut) == 2 * 15
    assert int(one.is_cut.sum()) == 2 * (len(example.script.shots) - 1)
    assert one.cameras.tolist() == 2 * [CAMERAS.index(shot.camera) for shot in example.script.shots]
    assert len({DOINGS[int(doing)] for doing in one.doings}) >= 2
