from pathlib import Path

import torch

from misora.core.folder import save_tensors
from misora.core.seeds import derive
from misora.evaluate.examples import Example, film_scripts
from misora.evaluate.fit import Fit, fit_judge
from misora.evaluate.judge import Judge
from misora.worlds.draw import draw_script


def _examples() -> list[Example]:
    scripts = [
        draw_script(derive("fit", seed), split="any", seconds=2.0, fps=4, size=(96, 96), num_lines=lines)
        for seed, lines in ((0, 1), (1, 2))
    ]
    return [example for example in film_scripts(scripts) if example is not None]


def test_the_judge_is_fitted_twice_alike_and_read_back(tmp_path: Path) -> None:
    examples = _examples()
    settings = Fit(steps=2, groups=2, views=1, epochs=1, basis_groups=20)
    first, second = (fit_judge(examples, seed=0, settings=settings).tensors() for _ in range(2))
    assert all(torch.equal(first[name], second[name]) for name in first)
    save_tensors(tmp_path / "judge.safetensors", first)
    read = Judge.load(tmp_path / "judge.safetensors").tensors()
    assert all(torch.equal(first[name], read[name]) for name in first)
