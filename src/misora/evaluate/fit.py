"""Fit the judge to filmed truth: `python -m misora.evaluate.fit --grammar wide --start-from bundled --out judge.safetensors`.

Take films from corpora or make them, learn maps from damaged frames, then learn motions, cuts and cameras from what those
maps give. `--budget` bounds the minutes of the whole; without it, the same seed gives the same judge on the same machine
with the same number of threads.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor, nn

from misora.core.folder import save_tensors
from misora.core.machine import pick_dtype
from misora.core.seeds import derive, generator
from misora.evaluate.augment import Shares
from misora.evaluate.cuts import CutNetwork
from misora.evaluate.examples import NO_SHAPE, Example, Labels, at_size_of_eyes, film_examples
from misora.evaluate.groups import Groups, basis_of
from misora.evaluate.judge import WEIGHTS, Judge
from misora.evaluate.library import corpus_examples
from misora.evaluate.motion import DOINGS, MotionNetwork
from misora.evaluate.network import NUM_COLOURS, MapNetwork
from misora.evaluate.perceptrons import fit_cameras, fit_cuts, fit_motions
from misora.evaluate.rows import Rows, rows_of
from misora.evaluate.viewpoint import CameraNetwork
from misora.worlds.grammar import FIRST, WIDE, Grammar, grammar_named

RARE = replace(
    WIDE,
    things=(0.3, 0.4, 0.3),
    cameras=(("orbit", 0.2), ("pan", 0.2), ("push_in", 0.2), ("pull_back", 0.2), ("rise", 0.2)),
    moves=(("travel", 0.8), ("topple", 0.1), ("swing", 0.1)),
    collide_share=0.3,
    paint_share=1.0,
)
"""What a wide corpus shows seldom: trails of paint, three things, and things that go along under a moving camera."""
_MEASURED_STEPS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How the judge is fitted.

    Attributes:
        steps: of the map network; fewer where the budget ends before.
        groups: of four frames in a batch.
        learning_rate: the highest, of the map network.
        views: how often each clip is looked at for tracks: once as filmed, the rest damaged.
        epochs: of the perceptrons for motions, cuts and cameras.
        thing_weight: how much more a cell with a thing counts than one without.
        basis_groups: of which the linear code used as a damage is made.
        budget_minutes: for all that follows the films; None for as long as it takes.
        maps_share: of the budget that the maps may take.
        workers: threads that look side by side once the maps are fitted.
    """

    steps: int = 3500
    groups: int = 16
    learning_rate: float = 3e-3
    views: int = 2
    epochs: int = 60
    thing_weight: float = 2.0
    basis_groups: int = 300
    budget_minutes: float | None = None
    maps_share: float = 0.6
    workers: int = 1


def map_loss(
    network: MapNetwork, frames: Float[Tensor, "f 3 H W"], labels: Labels, *, thing_weight: float
) -> Float[Tensor, ""]:
    """Cross-entropies of colour, shape and floor, added."""
    maps = network(frames.contiguous(memory_format=torch.channels_last))
    weight = torch.full((1 + NUM_COLOURS,), thing_weight)
    weight[0] = 1.0
    colour = nn.functional.cross_entropy(maps.colour.float(), labels.colour, weight=weight)
    shape = nn.functional.cross_entropy(maps.shape.float(), labels.shape, ignore_index=NO_SHAPE)
    return colour + shape + nn.functional.cross_entropy(maps.floor.float(), labels.floor)


def fit_maps(groups: Groups, *, seed: int, settings: Fit, start: MapNetwork | None = None) -> MapNetwork:
    """Learn to see colours, shapes and floors in damaged frames.

    The rate rises and falls over the steps; where a budget is given, the first steps are timed and the rest is planned so
    that it ends in time.

    Args:
        groups: filmed truth.
        seed: of the weights and the draws.
        settings: how long and how fast.
        start: weights to begin with; new ones when not given.

    Returns:
        The fitted network.
    """
    torch.manual_seed(derive("judge weights", seed))
    network = MapNetwork() if start is None else start
    network = network.to(memory_format=torch.channels_last).train()  # type: ignore[call-overload]
    optimiser = torch.optim.AdamW(network.parameters(), lr=settings.learning_rate, weight_decay=1e-2)
    chance = generator("judge groups", seed)
    is_half = pick_dtype("cpu") is torch.bfloat16
    started, step, num_steps = time.perf_counter(), 0, settings.steps
    while step < num_steps:
        for part in optimiser.param_groups:
            part["lr"] = settings.learning_rate * _rate_at(step / num_steps)
        frames, labels = groups.draw(settings.groups, chance=chance)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=is_half):
            loss = map_loss(network, frames, labels, thing_weight=settings.thing_weight)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        step += 1
        spent = time.perf_counter() - started
        if settings.budget_minutes is not None and step >= _MEASURED_STEPS:
            affordable = int(60 * settings.budget_minutes * settings.maps_share * step / spent)
            num_steps = min(settings.steps, max(affordable, step))
        if step % 100 == 0:
            print(f"maps: step {step} of {num_steps}, loss {loss.item():.3f}, {spent:.0f} s", flush=True)
    return network.eval()


def _rate_at(progress: float) -> float:
    """Share of the highest rate: up within the first tenth, then down to nothing in a straight line."""
    return max(min(progress / 0.1, 1.0 - (progress - 0.1) / 0.9), 0.01)


def fit_judge(
    examples: Sequence[Example], *, seed: int, settings: Fit, start: Judge | None = None, keep: Path | None = None
) -> Judge:
    """Fit all parts of the judge.

    Args:
        examples: filmed truth at the judged size.
        seed: of weights and draws.
        settings: how long and how fast.
        start: whose maps to begin with; with no steps these maps are kept.
        keep: where to write the judge as soon as its maps are fitted, the rest still blank.

    Returns:
        The judge, with weights as they are stored.
    """
    basis = basis_of(examples, seed=seed, num_groups=settings.basis_groups)
    groups = Groups(examples, basis, shares=Shares())
    maps = fit_maps(groups, seed=seed, settings=settings, start=None if start is None else start.maps)
    blank = Judge(maps=maps, cuts=CutNetwork(), motions=MotionNetwork(), cameras=CameraNetwork())
    if keep is not None and settings.steps:
        save_tensors(keep, blank.tensors(), {"seed": str(seed)})
    rows = rows_of(blank, examples, basis, seed=seed, views=settings.views, workers=settings.workers)
    judge = Judge(
        maps=maps,
        motions=fit_motions(rows, seed=seed, epochs=settings.epochs),
        cuts=fit_cuts(rows, seed=seed, epochs=max(1, settings.epochs // 3)),
        cameras=fit_cameras(rows, seed=seed, epochs=2 * settings.epochs),
    )
    print(_fitted(judge, rows), flush=True)
    return judge


def _fitted(judge: Judge, rows: Rows) -> str:
    with torch.inference_mode():
        done = judge.motions(rows.motions).argmax(1)
        beat = (done == rows.doings).float().mean()
        cut = ((judge.cuts(rows.changes) > 0) == (rows.is_cut > 0)).float().mean()
        camera = (judge.cameras(rows.views).argmax(1) == rows.cameras).float().mean()
    by_doing = ", ".join(
        f"{name} {float((done == rows.doings)[rows.doings == index].float().mean()):.3f}"
        for index, name in enumerate(DOINGS)
        if (rows.doings == index).any()
    )
    return (
        f"fitted: {beat:.4f} of {len(rows.doings)} beats ({by_doing}), {cut:.5f} of {len(rows.is_cut)} steps, "
        f"{camera:.4f} of {len(rows.cameras)} cameras right"
    )


def examples_for(
    grammar: Grammar, *, clips: int, rare: int, corpora: Sequence[Path], seed: int, workers: int
) -> list[Example]:
    """Read films where there are some, and make those that are missing.

    Args:
        grammar: the widest world that the judge must read; the first one is mixed in.
        clips: from all corpora together, or filmed where none is given.
        rare: further clips filmed of what is seldom shown; none for the first grammar.
        corpora: folders of filmed clips, of which each gives an equal part.
        seed: of the choice and of the scripts.
        workers: processes that film side by side.

    Returns:
        Filmed truth at the judged size.
    """
    examples = [each for path in corpora for each in corpus_examples(path, clips // len(corpora), seed=seed)]
    if not corpora:
        mixture = (FIRST,) if grammar is FIRST else (FIRST, grammar, grammar)
        examples = film_examples(clips, seed=seed, grammars=mixture, workers=workers)
    if rare and grammar is not FIRST:
        examples += film_examples(rare, seed=derive("rare", seed), grammars=(RARE,), workers=workers)
    return [at_size_of_eyes(example) for example in examples]


def main(arguments: Sequence[str] | None = None) -> None:
    """Film or read, fit and write the judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--grammar", default="first", help="the widest world that the judge must read: first or wide")
    parser.add_argument("--clips", type=int, default=2600, help="filmed, or read from the corpora")
    parser.add_argument(
        "--corpus", type=Path, action="append", default=[], help="read films of this corpus; repeatable"
    )
    parser.add_argument("--rare", type=int, default=240, help="clips filmed of what a wide corpus shows seldom")
    parser.add_argument("--start-from", help="'bundled' or a file: begin with its maps; with --steps 0 keep them")
    parser.add_argument("--steps", type=int, default=Fit().steps, help="of the maps, at most")
    parser.add_argument("--learning-rate", type=float, default=Fit().learning_rate)
    parser.add_argument("--views", type=int, default=Fit().views)
    parser.add_argument("--budget", type=float, help="minutes for all that comes after the films")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args(arguments)
    start = chosen.start_from and Judge.with_maps(
        WEIGHTS if chosen.start_from == "bundled" else Path(chosen.start_from)
    )
    settings = Fit(
        steps=chosen.steps,
        learning_rate=chosen.learning_rate,
        views=chosen.views,
        budget_minutes=chosen.budget,
        workers=chosen.workers,
    )
    started = time.perf_counter()
    examples = examples_for(
        grammar_named(chosen.grammar),
        clips=chosen.clips,
        rare=chosen.rare,
        corpora=chosen.corpus,
        seed=chosen.seed,
        workers=chosen.workers,
    )
    filmed = time.perf_counter()
    print(f"{len(examples)} films in {filmed - started:.0f} s", flush=True)
    judge = fit_judge(examples, seed=chosen.seed, settings=settings, start=start or None, keep=chosen.out)
    notes = {"grammar": chosen.grammar, "clips": str(len(examples)), "seed": str(chosen.seed)}
    save_tensors(chosen.out, judge.tensors(), notes)
    print(f"fitted in {time.perf_counter() - filmed:.0f} s, wrote {chosen.out}")


if __name__ == "__main__":
    main()
