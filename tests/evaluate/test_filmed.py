from pathlib import Path

import numpy as np

from misora.evaluate.filmed import film_prompts
from misora.evaluate.judge import Judge
from misora.evaluate.prompts import SuiteSettings
from misora.model.bundle import Limits
from misora.worlds.grammar import FIRST


def test_truth_seen_once_is_found_again(tmp_path: Path) -> None:
    settings = SuiteSettings(num_prompts=2, seed=0, varied_share=0.0, num_redone=1)
    limits = Limits(default_seconds=1.0, max_seconds=1.0)
    judge = Judge.load()
    first, second = (film_prompts(settings, limits, FIRST, judge=judge, cache=tmp_path) for _ in range(2))
    kept = sorted(path.name for path in tmp_path.glob("*.safetensors"))
    assert len(kept) == 2
    for one, other in zip(first, second, strict=True):
        assert one.script == other.script
        assert np.array_equal(one.seen.blobs.area, other.seen.blobs.area)
    assert [each.clip is not None for each in first] == [True, False]
    judge.cuts.layers[0].bias.data += 1
    film_prompts(settings, limits, FIRST, judge=judge, cache=tmp_path)
    assert len(list(tmp_path.glob("*.safetensors"))) == 4  # another judge sees for itself
