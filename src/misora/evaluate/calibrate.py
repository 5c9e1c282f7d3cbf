"""How often the judge errs: on filmed truth, on reconstructions of it, and under scripts with one attribute wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from misora.core.errors import UsageError
from misora.core.seeds import derive
from misora.evaluate.examples import Example, film_scripts
from misora.evaluate.judge import Judge
from misora.evaluate.observation import Observation
from misora.evaluate.report import Score, score
from misora.evaluate.verdict import ATTRIBUTES, COUNTED
from misora.video.clip import Clip
from misora.worlds.draw import draw_script
from misora.worlds.grammar import FIRST, Grammar
from misora.worlds.script import Script
from misora.worlds.wrong import wrong

Redo = Callable[[Clip], Clip]
"""What is done to a clip before it is judged, such as encoding and decoding it."""
SPOILABLE = (*COUNTED, "camera", "relation")
"""Attributes in which a script can be wrong while all else holds."""


def asks(script: Script, attribute: str) -> bool:
    """Whether a script says anything about an attribute.

    Args:
        script: any.
        attribute: one of `ATTRIBUTES`.

    Returns:
        False only for a cut time without a cut, a relation that is not told, and what is asked of collisions without one.
    """
    if attribute == "cut_time":
        return len(script.shots) > 1
    if attribute == "relation":
        return any(shot.relation is not None for shot in script.shots)
    if attribute in ("swap", "both_colours"):
        return any(beat.target is not None for shot in script.shots for beat in shot.beats)
    return True


def draw_asking(attribute: str, num: int, *, seed: int, split: str = "any", grammar: Grammar = FIRST) -> list[Script]:
    """Draw scripts that say something about an attribute.

    Args:
        attribute: one of `ATTRIBUTES`.
        num: scripts.
        seed: of the scripts.
        split: as for `draw_script`.
        grammar: as for `draw_script`.

    Returns:
        The first `num` such scripts.
    """

    def endless() -> Iterator[Script]:
        index = 0
        while True:
            yield draw_script(derive("calibrate", attribute, seed, index), split=split, grammar=grammar)
            index += 1

    asking = (script for script in endless() if asks(script, attribute))
    return [next(asking) for _ in range(num)]


def spoil(script: Script, attribute: str, seed: int, *, grammar: Grammar = FIRST) -> Script | None:
    """Make a script wrong in one attribute.

    Args:
        script: what is told.
        attribute: one of `SPOILABLE`.
        seed: of the error.
        grammar: among whose motions, cameras and numbers of things the error is drawn.

    Returns:
        The wrong script; None where nothing else would be possible, as for the only shape that can slide there.
    """
    try:
        return wrong(script, attribute, seed=seed, grammar=grammar)
    except UsageError:
        return None


def film_truth(num: int, *, seed: int, extra: int = 0, workers: int = 1, grammar: Grammar = FIRST) -> list[Example]:
    """Film truth, with more of what few scripts ask about.

    Args:
        num: scripts of all kinds.
        seed: of the scripts.
        extra: scripts added with a cut, as many with a collision, and where the grammar tells relations as many with one.
        workers: processes that film side by side.
        grammar: of the scripts.

    Returns:
        The clips that could be staged.
    """
    scripts = draw_asking("floor", num, seed=seed, grammar=grammar)
    for attribute in ("cut_time", "swap", *(("relation",) if grammar.relation_share else ())):
        scripts += draw_asking(attribute, extra, seed=seed, grammar=grammar)
    return [example for example in film_scripts(scripts, workers=workers) if example is not None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """How often the judge was right.

    Attributes:
        accepted: share of truth that is accepted, by attribute and as "all".
        rejected: share of truth that is refused under a script wrong in just that attribute, by attribute.
    """

    accepted: dict[str, Score]
    rejected: dict[str, Score]


def measured(
    judge: Judge, examples: Sequence[Example], *, seed: int, grammar: Grammar = FIRST, redo: Redo | None = None
) -> Errors:
    """Let the judge look at each clip once, and compare it with what is true and with what is wrong.

    Args:
        judge: the judge.
        examples: filmed truth.
        seed: of what is made wrong.
        grammar: of the scripts.
        redo: done to each clip first.

    Returns:
        What it accepted and rejected.
    """
    seen = [(example.script, judge.observe(redo(example.clip) if redo else example.clip)) for example in examples]
    verdicts = [judge.compare(each, script) for script, each in seen]
    scores = {name: score([verdict.claims[name] for verdict in verdicts]) for name in ATTRIBUTES}
    false = false_accepts(judge, seen, seed=seed, grammar=grammar)
    return Errors(
        accepted={**scores, "all": score([verdict.is_accepted for verdict in verdicts])},
        rejected={
            name: Score(num_right=each.num_all - each.num_right, num_all=each.num_all) for name, each in false.items()
        },
    )


def false_accepts(
    judge: Judge, seen: Sequence[tuple[Script, Observation]], *, seed: int, grammar: Grammar = FIRST
) -> dict[str, Score]:
    """How often truth is accepted under a script that is wrong in one attribute.

    Args:
        judge: the judge.
        seen: scripts, and what the judge sees in their films.
        seed: of what is made wrong.
        grammar: of the scripts.

    Returns:
        A score for each of `SPOILABLE`; right means accepted, so lower is better.
    """
    scores = {}
    for name in SPOILABLE:
        asking = [(script, each) for script, each in seen if asks(script, name)]
        spoilt = [
            (spoil(script, name, derive(seed, index), grammar=grammar), each)
            for index, (script, each) in enumerate(asking)
        ]
        claims = [judge.compare(each, other).claims[name] for other, each in spoilt if other is not None]
        scores[name] = score(claims)
    return scores
