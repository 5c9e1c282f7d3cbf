import torch

from misora.core.seeds import derive, generator
from misora.evaluate.augment import Shares
from misora.evaluate.examples import Example, film_scripts
from misora.evaluate.groups import Groups, basis_of
from misora.worlds.draw import draw_script


def _examples() -> list[Example]:
    scripts = [draw_script(derive("groups", seed), split="any", seconds=1.0, fps=8, size=(96, 96)) for seed in (0, 1)]
    return [example for example in film_scripts(scripts) if example is not None]


def test_crops_mostly_show_a_thing_and_keep_it_under_its_label() -> None:
    groups = Groups(_examples(), torch.empty(0, 0), shares=Shares(untouched=1.0, brightness=0.0, tint=0.0))
    frames, labels = groups.draw(20, chance=generator("crops"))
    assert frames.shape[0] == labels.colour.shape[0] == 80
    assert frames.shape[-1] == 2 * labels.colour.shape[-1]
    assert (labels.colour > 0).flatten(1).any(1).float().mean() > 0.7
    basis = basis_of(groups.examples, seed=0, num_groups=20)
    torch.testing.assert_close(basis @ basis.T, torch.eye(len(basis)), rtol=0, atol=1e-4)
