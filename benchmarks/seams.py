"""Seams between what was filmed and what the bundled model makes of the gaps: of extend, connect, loop and recut."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from benchmarks.harness import Benchmark, Number, Options, Reading, at_least, main

if TYPE_CHECKING:
    from misora.evaluate.seam_report import AbilityReport

ABILITIES = ("extend", "connect", "loop", "recut")


def measure(options: Options) -> Iterator[Reading]:
    """Run the seams suite on held-out films.

    Args:
        options: the seed, and whether to take 256 cases instead of 64.

    Yields:
        For each ability the lower ends of its shares, with all counts beside them.
    """
    from misora.evaluate.seams import SeamSettings, seam_reports
    from misora.model.bundle import load_model

    settings = SeamSettings(num_cases=256 if options.full else 64, seed=options.seed)
    for name, found in seam_reports(load_model(), settings=settings):
        yield from _readings(name, found)


def _readings(name: str, found: AbilityReport) -> Iterator[Reading]:
    made, filmed, redone = (found.ways[way] for way in ("made", "filmed", "autoencoder"))
    counts: dict[str, object] = {"right": made.answerable.num_right, "of": made.answerable.num_all}
    for way, each in found.ways.items():
        counts[f"{way} of all"] = f"{each.both.num_right}/{each.both.num_all}"
    yield Reading(name=f"seams_{name}", value=round(made.answerable.interval.low, 4), settings=counts)
    worst = {
        "acceleration": round(made.acceleration, 3),
        "filmed": round(filmed.change, 3),
        "redone": round(redone.change, 3),
    }
    yield Reading(name=f"seams_{name}_change", value=round(made.change, 3), settings=worst)
    faded = found.ways["cross-fade"].motion
    beside = {"cross-fade": round(faded, 3), "autoencoder": round(redone.motion, 3)}
    yield Reading(name=f"seams_{name}_motion", value=round(made.motion, 3), settings=beside)
    over = {"high": round(found.over_fade.high, 4)}
    yield Reading(name=f"seams_{name}_over_fade", value=round(found.over_fade.low, 4), settings=over)
    itself = {"high": round(found.over_fade_itself.high, 4)}
    yield Reading(name=f"seams_{name}_over_fade_itself", value=round(found.over_fade_itself.low, 4), settings=itself)
    pairs = {"right": found.over_cut.num_right, "of": found.over_cut.num_all}
    yield Reading(name=f"seams_{name}_over_cut", value=round(found.over_cut.interval.low, 4), settings=pairs)
    if found.nearer.num_all:
        pairs = {"right": found.nearer.num_right, "of": found.nearer.num_all}
        yield Reading(name=f"seams_{name}_nearer", value=round(found.nearer.interval.low, 4), settings=pairs)
    yield Reading(
        name=f"seams_{name}_kept_db",
        value=round(found.kept_db.low, 3),
        settings={"of": made.both.num_all, "high": round(found.kept_db.high, 3)},
    )
    yield Reading(name=f"seams_{name}_seconds", value=round(found.video_seconds, 2))


def _numbers(name: str) -> tuple[Number, ...]:
    nearer = Number(
        name=f"seams_{name}_nearer",
        about=f"{name}: pairs nearer to the film than a cross-fade, where it moves; lower end",
        family="seams: pairs nearer to the film than a cross-fade; lower end, worst of 3",
        bar=at_least(0.5),
        floor=1.0,
    )
    return (
        Number(
            name=f"seams_{name}",
            about=f"{name}: cases with smooth seams and motion, of those whose film has them; lower end",
            family="seams: smooth and moving cases, of those whose film is; lower end, worst of 4 abilities",
            bar=at_least(0.8),
            floor=1.0,
        ),
        Number(
            name=f"seams_{name}_change",
            about=f"{name}: change at the worst seam over the filmed 95th percentile, median",
        ),
        Number(
            name=f"seams_{name}_motion",
            about=f"{name}: motion of the gap over the film's in the same place, median",
            family="seams: motion of the gap over the film's, median, worst of 4",
            bar=at_least(0.5),
        ),
        Number(
            name=f"seams_{name}_over_fade",
            about=f"{name}: share of cases that are smooth and moving, less a cross-fade's; lower end",
            family="seams: share of right cases less a cross-fade's; lower end, worst of 4",
            bar=at_least(0.0),
        ),
        Number(
            name=f"seams_{name}_over_fade_itself",
            about=f"{name}: the same where fading does not count as motion; lower end",
            family="seams: the same where fading is no motion; lower end, worst of 4",
            bar=at_least(0.0),
        ),
        Number(
            name=f"seams_{name}_over_cut",
            about=f"{name}: pairs with a lesser jump than a hard cut; lower end",
            family="seams: pairs with a lesser jump than a hard cut; lower end, worst of 4",
            bar=at_least(0.5),
            floor=1.0,
        ),
        *(() if name == "loop" else (nearer,)),
        Number(
            name=f"seams_{name}_kept_db",
            about=f"{name}: pinned frames before they are laid over, less the autoencoder alone, dB; lower end",
            family="seams: pinned frames less the autoencoder alone, dB; lower end, worst of 4",
            bar=at_least(-0.5),
        ),
        Number(name=f"seams_{name}_seconds", about=f"{name}: seconds to make a video, median"),
    )


BENCHMARK = Benchmark(
    name="seams",
    about="Seams of extend, connect, loop and recut beside the film itself, cross-fades and hard cuts.",
    minutes=20,
    numbers=tuple(number for name in ABILITIES for number in _numbers(name)),
    measure=measure,
)

if __name__ == "__main__":
    main(BENCHMARK)
