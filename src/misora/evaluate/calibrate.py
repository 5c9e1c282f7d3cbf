"""How often the judge errs: on filmed truth, on reconstructions of it, and on truth with one attribute wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from misora.core.errors import UsageError
from misora.core.seeds import derive
from misora.evaluate.examples import Example, film_scripts
from misora.evaluate.judge import ATTRIBUTES, Judge
from misora.evaluate.report import Score, score
from misora.video.clip import Clip
from misora.worlds.draw import draw_script
from misora.worlds.script import Script
from misora.worlds.wrong import wrong

Redo = Callable[[Clip], Clip]
"""What is done to a clip before it is judged, such as encoding and decoding it."""


def asks(script: Script, attribute: str) -> bool:
    """Whether a script says anything about an attribute.

    Args:
        script: any.
        attribute: one of `ATTRIBUTES`.

    Returns:
        False only for a cut time without a cut and for a swap without a collision.
    """
    if attribute == "cut_time":
        return len(script.shots) > 1
    if attribute == "swap":
        return any(beat.target is not None for shot in script.shots for beat in shot.beats)
    return True


def draw_asking(attribute: str, num: int, *, seed: int, split: str = "any") -> list[Script]:
    """Draw scripts that say something about an attribute.

    Args:
        attribute: one of `ATTRIBUTES`.
        num: scripts.
        seed: of the scripts.
        split: as for `draw_script`.

    Returns:
        The first `num` such scripts.
    """

    def endless() -> Iterator[Script]:
        index = 0
        while True:
            yield draw_script(derive("calibrate", attribute, seed, index), split=split)
            index += 1

    asking = (script for script in endless() if asks(script, attribute))
    return [next(asking) for _ in range(num)]


def film_wrong(attribute: str, num: int, *, seed: int, workers: int = 1) -> list[tuple[Example, Script]]:
    """Film truth that is wrong in one attribute.

    Args:
        attribute: one of `ATTRIBUTES`.
        num: pairs to try; those that cannot be staged are left out.
        seed: of the scripts.
        workers: processes that film side by side.

    Returns:
        What is shown, and the script that it does not show.
    """
    told = draw_asking(attribute, num, seed=derive("wrong", seed))
    spoilt = [(script, other) for i, script in enumerate(told) if (other := spoil(script, attribute, derive(seed, i)))]
    filmed = film_scripts([other for _, other in spoilt], maps=False, workers=workers)
    return [(example, script) for example, (script, _) in zip(filmed, spoilt, strict=True) if example is not None]


def spoil(script: Script, attribute: str, seed: int) -> Script | None:
    """Make a script wrong in one attribute.

    Args:
        script: what is told.
        attribute: one of `ATTRIBUTES`.
        seed: of the error.

    Returns:
        The wrong script; None where nothing else would be possible, as for the only shape that can slide there.
    """
    try:
        return wrong(script, attribute, seed=seed)
    except UsageError:
        return None


def film_truth(num: int, *, seed: int, extra: int = 0, workers: int = 1) -> list[Example]:
    """Film truth, with more of what few scripts ask about.

    Args:
        num: scripts of all kinds.
        seed: of the scripts.
        extra: scripts added with a cut, and as many with a collision.
        workers: processes that film side by side.

    Returns:
        The clips that could be staged.
    """
    scripts = draw_asking("floor", num, seed=seed)
    for attribute in ("cut_time", "swap"):
        scripts += draw_asking(attribute, extra, seed=seed)
    return [example for example in film_scripts(scripts, maps=False, workers=workers) if example is not None]


def accepted(judge: Judge, examples: Sequence[Example], *, redo: Redo | None = None) -> dict[str, Score]:
    """Share of truth that the judge accepts, by attribute and as "all".

    Args:
        judge: the judge.
        examples: filmed truth.
        redo: done to each clip first.

    Returns:
        A score for each of `ATTRIBUTES`, and "all".
    """
    verdicts = [judge.judge(redo(each.clip) if redo else each.clip, each.script) for each in examples]
    scores = {name: score([verdict.claims[name] for verdict in verdicts]) for name in ATTRIBUTES}
    return {**scores, "all": score([verdict.is_accepted for verdict in verdicts])}


def rejected(
    judge: Judge, pairs: Sequence[tuple[Example, Script]], *, attribute: str, redo: Redo | None = None
) -> Score:
    """Share of truth with one wrong attribute in which the judge refuses that attribute.

    Args:
        judge: the judge.
        pairs: what is shown, and the script that it does not show.
        attribute: the one that is wrong.
        redo: done to each clip first.

    Returns:
        How many were refused.
    """
    claims = []
    for example, script in pairs:
        clip = redo(example.clip) if redo else example.clip
        claims.append(judge.judge(clip, script).claims[attribute])
    return score([None if claim is None else not claim for claim in claims])
