import torch

from misora.core.seeds import generator
from misora.evaluate.cuts import NUM_FEATURES as STEP_FEATURES
from misora.evaluate.motion import DOINGS, NUM_COLUMNS, NUM_POINTS
from misora.evaluate.motion import NUM_FEATURES as BEAT_FEATURES
from misora.evaluate.perceptrons import fit_cameras, fit_cuts, fit_motions
from misora.evaluate.rows import Rows
from misora.evaluate.viewpoint import NUM_FEATURES as SHOT_FEATURES


def _rows() -> Rows:
    """Things that go to the right or fall, steps with and without a cut, cameras that pan or stand still."""
    chance, way = generator("rows"), torch.linspace(0, 0.5, NUM_POINTS)
    tracks = torch.zeros(100, 2, NUM_COLUMNS, NUM_POINTS)
    is_even = torch.arange(100) % 2 == 0
    tracks[:, 0, 5] = 1
    tracks[is_even, 0, 0] = way
    tracks[~is_even, 0, 1] = way
    extra = torch.zeros(100, BEAT_FEATURES - 2 * NUM_COLUMNS * NUM_POINTS)
    names = torch.tensor([DOINGS.index("fall"), DOINGS.index("right")])
    changes, views = (0.01 * torch.randn(100, width, generator=chance) for width in (STEP_FEATURES, SHOT_FEATURES))
    changes[is_even] += 1
    views[is_even] += torch.linspace(0, 0.5, SHOT_FEATURES)
    return Rows(
        motions=torch.cat([tracks.flatten(1), extra], 1),
        doings=names[is_even.long()],
        changes=changes,
        is_cut=is_even.float(),
        views=views,
        cameras=2 * is_even.long(),
    )


def test_simple_rows_are_learnt_and_equal_seeds_learn_equally() -> None:
    rows = _rows()
    motions, again = (fit_motions(rows, seed=0, epochs=10) for _ in range(2))
    assert torch.equal(motions.layers[0].weight, again.layers[0].weight)
    assert (motions(rows.motions).argmax(1) == rows.doings).float().mean() > 0.95
    assert ((fit_cuts(rows, seed=0, epochs=20)(rows.changes) > 0) == (rows.is_cut > 0)).float().mean() > 0.95
    assert (fit_cameras(rows, seed=0, epochs=20)(rows.views).argmax(1) == rows.cameras).float().mean() > 0.95


def test_what_goes_right_goes_left_in_a_mirror() -> None:
    rows = _rows()
    motions = fit_motions(rows, seed=0, epochs=10)
    right = rows.motions[rows.doings == DOINGS.index("right")][:1].clone()
    right[:, :NUM_POINTS] *= -1
    assert DOINGS[int(motions(right).argmax(1))] == "left"
