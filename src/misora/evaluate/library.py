"""Filmed truth out of a corpus: what was filmed once for training can teach the judge too."""

from __future__ import annotations

import json
from pathlib import Path

from safetensors.torch import load

from misora.core.errors import UsageError
from misora.core.seeds import numpy_rng
from misora.corpus.table import Corpus
from misora.evaluate.examples import Example, at_size_of_eyes
from misora.video.limits import DecodeLimits
from misora.video.lossless import decode_lossless
from misora.worlds.script import script_from_dict
from misora.worlds.truth import Truth

_COLUMNS = ("video", "script", "truth")
_ROWS_AT_ONCE = 64


def corpus_examples(path: Path | str, num: int, *, seed: int) -> list[Example]:
    """Read some filmed clips of a corpus, at the size that the judge looks at.

    Args:
        path: the folder of the corpus.
        num: clips; all of them where the corpus holds fewer.
        seed: of the choice.

    Returns:
        The clips in the order of the corpus.

    Raises:
        UsageError: no clip of the corpus was filmed from a script.
    """
    corpus = Corpus.open(path)
    is_filmed = [script is not None for script in corpus.column("script")]
    filmed = [row for row, is_one in enumerate(is_filmed) if is_one]
    if not filmed:
        raise UsageError(f"{path} holds no clip with a script; fit the judge to worlds, or leave this corpus out")
    chosen = sorted(numpy_rng("judge library", seed).permutation(filmed)[:num].tolist())
    limits, examples = DecodeLimits(), []
    for start in range(0, len(chosen), _ROWS_AT_ONCE):
        part = corpus.read(chosen[start : start + _ROWS_AT_ONCE], _COLUMNS)
        for video, script, truth in zip(*(part[name] for name in _COLUMNS), strict=True):
            example = Example(
                script=script_from_dict(json.loads(script)),
                clip=decode_lossless(video, limits),
                truth=Truth.from_tensors(load(truth)),
            )
            examples.append(at_size_of_eyes(example))
    return examples
