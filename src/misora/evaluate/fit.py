"""Fit the judge to filmed truth: `python -m misora.evaluate.fit --clips 2600 --seed 0 --out judge.safetensors`.

Film, learn maps from damaged frames, then learn motions and cuts from the tracks that those maps give. The bundled judge
was made by this very command in about a quarter of an hour on two cores; the same seed gives the same judge on the same
machine with the same number of threads.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from misora.core.folder import save_tensors
from misora.core.seeds import derive, generator
from misora.evaluate.augment import GROUP_FRAMES, PATCH_PX, Shares, damaged_alike
from misora.evaluate.cuts import CutNetwork, change_features
from misora.evaluate.examples import NO_SHAPE, Example, Labels, film_examples
from misora.evaluate.groups import Groups, basis_of
from misora.evaluate.judge import Judge, Observation, assign
from misora.evaluate.motion import (
    DOINGS,
    MotionNetwork,
    disturbed_features,
    doing_of,
    features,
    mirrored_doing,
    mirrored_features,
)
from misora.evaluate.network import NUM_COLOURS, MapNetwork, look
from misora.evaluate.tracks import find_blobs

Loss = Callable[[Tensor, Tensor], Tensor]


@runtime_checkable
class Disturb(Protocol):
    """Changes inputs of which the answer stays the same."""

    def __call__(self, inputs: Float[Tensor, "n v"], /, *, generator: torch.Generator) -> Float[Tensor, "n v"]:
        """Draw the change."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How the judge is fitted.

    Attributes:
        steps: of the map network.
        groups: of four frames in a batch.
        learning_rate: the highest, of the map network.
        views: how often each clip is looked at for tracks: once as filmed, the rest damaged.
        epochs: of the perceptrons for motions and cuts.
        thing_weight: how much more a cell with a thing counts than one without.
        basis_groups: of which the linear code used as a damage is made.
    """

    steps: int = 3500
    groups: int = 16
    learning_rate: float = 3e-3
    views: int = 2
    epochs: int = 60
    thing_weight: float = 2.0
    basis_groups: int = 300


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


def fit_maps(groups: Groups, *, seed: int, settings: Fit) -> MapNetwork:
    """Learn to see colours, shapes and floors in damaged frames.

    Args:
        groups: filmed truth.
        seed: of the weights and the draws.
        settings: how long and how fast.

    Returns:
        The fitted network.
    """
    torch.manual_seed(derive("judge weights", seed))
    network = MapNetwork().to(memory_format=torch.channels_last).train()  # type: ignore[call-overload]
    optimiser = torch.optim.AdamW(network.parameters(), lr=settings.learning_rate, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, settings.learning_rate, settings.steps, pct_start=0.1)
    chance = generator("judge groups", seed)
    started = time.perf_counter()
    for step in range(1, settings.steps + 1):
        frames, labels = groups.draw(settings.groups, chance=chance)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = map_loss(network, frames, labels, thing_weight=settings.thing_weight)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        if step % 200 == 0:
            print(f"maps: step {step}, loss {loss.item():.3f}, {time.perf_counter() - started:.0f} s", flush=True)
    return network.eval()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What the perceptrons learn from.

    Attributes:
        motions: features of beats.
        doings: what is done in them.
        changes: features of steps from frame to frame.
        is_cut: 1 where a shot ends.
    """

    motions: Float[Tensor, "n v"]
    doings: Int64[Tensor, " n"]
    changes: Float[Tensor, "e 16"]
    is_cut: Float[Tensor, " e"]


def rows_of(judge: Judge, examples: Sequence[Example], basis: Float[Tensor, "k v"], *, seed: int, views: int) -> Rows:
    """Look at all examples, as filmed and damaged, and keep the features of their beats and steps.

    Args:
        judge: with fitted maps.
        examples: filmed truth.
        basis: rows of `patch_basis`.
        seed: of the damage.
        views: looks at each clip; the first one is undamaged.

    Returns:
        Rows for the perceptrons.
    """
    motions, doings, changes, cuts = [], [], [], []
    for index, example in enumerate(examples):
        for view in range(views):
            frames = example.clip.frames
            if view:
                frames = _damaged_frames(frames, basis, generator("judge view", seed, index, view))
            maps = look(judge.maps, frames)
            blobs = find_blobs(maps)
            starts = [round(shot.from_seconds * example.script.fps) for shot in example.script.shots[1:]]
            changes.append(change_features(frames, maps, blobs=blobs))
            is_cut = np.zeros(len(frames) - 1, dtype=np.float32)
            is_cut[[start - 1 for start in starts]] = 1
            cuts.append(is_cut)
            times = example.clip.pts_seconds.numpy()
            seen = Observation(floor=maps.floor, blobs=blobs, times_seconds=times, cuts=tuple(starts))
            for row, doing in _beats_of(seen, example):
                motions.append(row)
                doings.append(DOINGS.index(doing))
    return Rows(
        motions=torch.from_numpy(np.stack(motions)),
        doings=torch.tensor(doings),
        changes=torch.from_numpy(np.concatenate(changes)),
        is_cut=torch.from_numpy(np.concatenate(cuts)),
    )


def _damaged_frames(frames: Tensor, basis: Tensor, chance: torch.Generator) -> Tensor:
    height, width = (side // PATCH_PX for side in frames.shape[-2:])
    assert (height * PATCH_PX, width * PATCH_PX) == tuple(frames.shape[-2:]), "films are multiples of the patch"
    groups = (frames.float() / 255).unflatten(0, (-1, GROUP_FRAMES))
    return (damaged_alike(groups, basis, generator=chance, shares=Shares()) * 255).round().byte().flatten(0, 1)


def _beats_of(seen: Observation, example: Example) -> list[tuple[np.ndarray, str]]:
    rows = []
    for scene, shot in zip(seen.scenes(seen.cuts), example.script.shots, strict=True):
        tracks = assign(scene.tracks, shot.things)
        for beat in shot.beats:
            for index, track in enumerate(tracks):
                if track is None:
                    continue
                others = [other for place, other in enumerate(tracks) if place != index and other is not None]
                row = features(
                    track,
                    others[0] if others else None,
                    times_seconds=scene.times_seconds,
                    window=(beat.from_seconds, beat.to_seconds),
                )
                rows.append((row, doing_of(beat, index)))
    return rows


def fit_motions(rows: Rows, *, seed: int, epochs: int) -> MotionNetwork:
    """Learn what things do, with each beat also seen in a mirror."""
    torch.manual_seed(derive("judge motions", seed))
    mirrored = [DOINGS.index(mirrored_doing(doing)) for doing in DOINGS]
    inputs = torch.cat([rows.motions, mirrored_features(rows.motions)])
    targets = torch.cat([rows.doings, torch.tensor(mirrored)[rows.doings]])
    network = MotionNetwork()
    network.centre.copy_(inputs.mean(0))
    network.spread.copy_(inputs.std(0).clamp_min(0.02))
    _fit_perceptron(
        network, inputs, targets, nn.functional.cross_entropy, disturb=disturbed_features, epochs=epochs, seed=seed
    )
    return network.eval()


def fit_cuts(rows: Rows, *, seed: int, epochs: int) -> CutNetwork:
    """Learn where shots end; steps with a cut are rare and count as much as all others together."""
    torch.manual_seed(derive("judge cuts", seed))
    network = CutNetwork()
    network.centre.copy_(rows.changes.mean(0))
    network.spread.copy_(rows.changes.std(0).clamp_min(1e-3))

    def loss(logits: Tensor, targets: Tensor) -> Tensor:
        return nn.functional.binary_cross_entropy_with_logits(logits, targets, pos_weight=torch.tensor(3.0))

    def jitter(inputs: Tensor, *, generator: torch.Generator) -> Tensor:
        return inputs + 0.003 * torch.randn(inputs.shape, generator=generator)

    _fit_perceptron(network, rows.changes, rows.is_cut, loss, disturb=jitter, epochs=max(1, epochs // 3), seed=seed)
    return network.eval()


def _fit_perceptron(
    network: nn.Module, inputs: Tensor, targets: Tensor, loss_of: Loss, *, disturb: Disturb, epochs: int, seed: int
) -> None:
    chance = generator("judge perceptron", seed)
    optimiser = torch.optim.AdamW(network.parameters(), lr=3e-3, weight_decay=1e-2)
    batch = 256
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, epochs * -(-len(inputs) // batch))
    for _ in range(epochs):
        for chosen in torch.randperm(len(inputs), generator=chance).split(batch):
            loss = loss_of(network(disturb(inputs[chosen], generator=chance)), targets[chosen])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()


def fit_judge(examples: Sequence[Example], *, seed: int, settings: Fit) -> Judge:
    """Fit all parts of the judge.

    Args:
        examples: filmed truth.
        seed: of weights and draws.
        settings: how long and how fast.

    Returns:
        The judge, with weights as they are stored.
    """
    basis = basis_of(examples, seed=seed, num_groups=settings.basis_groups)
    maps = fit_maps(Groups(examples, basis, shares=Shares()), seed=seed, settings=settings)
    blank = Judge(maps=maps, cuts=CutNetwork(), motions=MotionNetwork())
    rows = rows_of(blank, examples, basis, seed=seed, views=settings.views)
    motions = fit_motions(rows, seed=seed, epochs=settings.epochs)
    cuts = fit_cuts(rows, seed=seed, epochs=settings.epochs)
    with torch.inference_mode():
        right = (motions(rows.motions).argmax(1) == rows.doings).float().mean()
        cut = ((cuts(rows.changes) > 0) == (rows.is_cut > 0)).float().mean()
    print(f"fitted: {right:.4f} of {len(rows.doings)} beats, {cut:.5f} of {len(rows.is_cut)} steps right")
    return Judge(maps=maps, cuts=cuts, motions=motions)


def main(arguments: Sequence[str] | None = None) -> None:
    """Film, fit and write the judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=2600)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--steps", type=int, default=Fit().steps)
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args(arguments)
    started = time.perf_counter()
    examples = film_examples(chosen.clips, seed=chosen.seed, workers=chosen.workers)
    filmed = time.perf_counter()
    judge = fit_judge(examples, seed=chosen.seed, settings=Fit(steps=chosen.steps))
    save_tensors(chosen.out, judge.tensors(), {"clips": str(chosen.clips), "seed": str(chosen.seed)})
    print(f"filmed in {filmed - started:.0f} s, fitted in {time.perf_counter() - filmed:.0f} s, wrote {chosen.out}")


if __name__ == "__main__":
    main()
