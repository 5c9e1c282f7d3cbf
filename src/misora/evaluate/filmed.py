"""Filmed truth of the suite's prompts, filmed and looked at by several processes of one thread each, kept on disk if asked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file

from misora.core.errors import MisoraError
from misora.core.files import write_atomic
from misora.core.folder import save_tensors
from misora.evaluate.examples import single_threaded_workers
from misora.evaluate.judge import Judge
from misora.evaluate.observation import Observation, observation_from_tensors, observation_to_tensors
from misora.evaluate.prompts import SuiteSettings, prompt_script
from misora.model.bundle import Limits
from misora.video.clip import Clip
from misora.worlds.film import Filmer
from misora.worlds.grammar import Grammar
from misora.worlds.script import Script, script_to_dict

_MAX_ATTEMPTS = 20
_ROOM = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Filmed:
    """The truth of one prompt.

    Attributes:
        script: what is shown.
        seen: what the judge sees in the film of it.
        clip: the film, where it was asked to be kept.
    """

    script: Script
    seen: Observation
    clip: Clip | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """All that a process needs; plain values, since tensors would cross as open files."""

    settings: SuiteSettings
    limits: Limits
    grammar: Grammar
    weights: dict[str, np.ndarray]
    cache: Path | None


def film_prompts(
    settings: SuiteSettings,
    limits: Limits,
    grammar: Grammar,
    *,
    judge: Judge,
    workers: int = 1,
    cache: Path | None = None,
) -> list[Filmed]:
    """Film the truth of every prompt and look at it; a script that cannot be staged is drawn anew.

    Args:
        settings: how many prompts; the first `num_redone` keep their clips.
        limits: of the model.
        grammar: of the model.
        judge: that looks.
        workers: processes that film side by side.
        cache: folder in which what is seen is kept and found again; nothing is kept when not given.

    Returns:
        Script and observation for each prompt.
    """
    weights = {name: value.float().numpy() for name, value in judge.tensors().items()}
    work = _Work(settings=settings, limits=limits, grammar=grammar, weights=weights, cache=cache)
    indices = range(settings.num_prompts)
    if workers == 1:
        return [_unpacked(each) for each in _film_some(indices, work=work)]
    num_shares = workers * 4
    shares = [indices[start::num_shares] for start in range(num_shares)]
    with single_threaded_workers(workers) as pool:
        parts = list(pool.map(partial(_film_some, work=work), shares))
    return [_unpacked(parts[index % num_shares][index // num_shares]) for index in indices]


_Packed = tuple[Script, dict[str, np.ndarray], "np.ndarray | None"]


def _unpacked(packed: _Packed) -> Filmed:
    script, arrays, frames = packed
    seen = observation_from_tensors({name: torch.from_numpy(value) for name, value in arrays.items()})
    clip = None if frames is None else Clip.at_rate(torch.from_numpy(frames), float(script.fps))
    return Filmed(script=script, seen=seen, clip=clip)


def _film_some(indices: Sequence[int], *, work: _Work) -> list[_Packed]:
    judge = Judge.of({name: torch.from_numpy(value) for name, value in work.weights.items()})
    digest = hashlib.sha256(b"".join(work.weights[name].tobytes() for name in sorted(work.weights))).hexdigest()
    with Filmer() as filmer:
        return [_film_one(filmer, judge, index, work=work, digest=digest) for index in indices]


def _film_one(filmer: Filmer, judge: Judge, index: int, *, work: _Work, digest: str) -> _Packed:
    is_kept = index < work.settings.num_redone
    for attempt in range(_MAX_ATTEMPTS):
        script = prompt_script(work.settings, work.limits, work.grammar, index=index, attempt=attempt)
        place = None if work.cache is None else work.cache / f"{_key(script, digest)}.safetensors"
        if place is not None and place.with_suffix(".unstaged").is_file():
            continue
        if place is not None and place.is_file() and not is_kept:
            return script, {name: value.numpy() for name, value in load_file(place).items()}, None
        try:
            clip = filmer.film(script).clip
        except MisoraError:
            if place is not None:
                write_atomic(place.with_suffix(".unstaged"), b"")
            continue
        tensors = observation_to_tensors(judge.observe(clip))
        if place is not None:
            save_tensors(place, tensors)
        arrays = {name: value.numpy() for name, value in tensors.items()}
        return script, arrays, clip.frames.numpy() if is_kept else None
    raise MisoraError(f"prompt {index} of seed {work.settings.seed} could not be filmed in {_MAX_ATTEMPTS} scripts")


def _key(script: Script, digest: str) -> str:
    told = json.dumps(script_to_dict(script), sort_keys=True)
    return hashlib.sha256(f"{told}{digest}{_sources()}".encode()).hexdigest()[:32]


@cache
def _sources() -> str:
    """What films and what looks: another version of either keeps nothing from before."""
    files = sorted([*_ROOM.glob("*.py"), *(_ROOM.parent / "worlds").glob("*.py")])
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
