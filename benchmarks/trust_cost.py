"""What trust adds to a default video: words and frames judged, frames marked, the file signed; how long decisions take."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from benchmarks.harness import Benchmark, Number, Options, Reading, at_most, main

PROMPT = "a red ball rolls to the right"
OTHERS = tuple(
    f"a {colour} {thing} slides" for colour in ("red", "green", "blue", "white") for thing in ("ball", "cube")
)
REPEATS = 3


def measure(options: Options) -> Iterator[Reading]:
    """Make a default video with a process's first decision, then write it with and without trust.

    Args:
        options: the seed draws the noise.

    Yields:
        What trust adds, as a share and in milliseconds, with its parts.
    """
    before = os.environ.get("MISORA_TRUST_HOME")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MISORA_TRUST_HOME"] = str(Path(folder) / "home")
        try:
            yield from _measured(options, Path(folder))
        finally:
            os.environ.pop("MISORA_TRUST_HOME")
            if before is not None:
                os.environ["MISORA_TRUST_HOME"] = before


def _measured(options: Options, folder: Path) -> Iterator[Reading]:
    begin = time.perf_counter()
    from misora.generate.studio import Studio, generate
    from misora.video.encode import write_clip

    studio = Studio.load()
    encoder = studio.model.text  # which sampling needs anyhow
    load_ms = 1000 * (time.perf_counter() - begin)
    from misora.generate.finish import admitted
    from misora.trust.gate import admit_words

    canvas = studio.canvas(PROMPT, seed=options.seed)
    begin = time.perf_counter()
    admitted(canvas, encoder=encoder)
    first_ms = 1000 * (time.perf_counter() - begin)
    decisions_ms = []
    for words in OTHERS:
        begin = time.perf_counter()
        admit_words([words], encoder=encoder)
        decisions_ms.append(1000 * (time.perf_counter() - begin))
    begin = time.perf_counter()
    video = generate(studio, canvas)
    made_ms = 1000 * (time.perf_counter() - begin)
    plain_ms, sealed_ms = [], []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        write_clip(video.clip, folder / "plain.mp4", metadata={"comment": video.told.to_json()})
        plain_ms.append(1000 * (time.perf_counter() - begin))
        begin = time.perf_counter()
        video.save(folder / "sealed.mp4", force=True)
        sealed_ms.append(1000 * (time.perf_counter() - begin))
    saving_ms = max(0.0, sealed_ms[0] - median(plain_ms))  # the first, with keys made and libraries loaded
    used = {
        "first_decision_ms": first_ms,
        "sealing_ms": saving_ms,
        "later_sealing_ms": median(sealed_ms) - median(plain_ms),
    }
    added_ms, base_ms = first_ms + saving_ms, load_ms + made_ms + median(plain_ms)
    yield Reading(name="trust_added_share", value=added_ms / base_ms, settings={"base_ms": base_ms, "load_ms": load_ms})
    yield Reading(name="trust_added_ms", value=added_ms, settings=used)
    yield Reading(name="prompt_decision_ms", value=max(decisions_ms), settings={"median": median(decisions_ms)})


BENCHMARK = Benchmark(
    name="trust_cost",
    about="What policy, marks and signature add to a default video.",
    minutes=1,
    numbers=(
        Number(
            name="trust_added_share",
            about="time that trust adds to a default video, first in its process, against the video without",
            bar=at_most(0.1),
        ),
        Number(name="trust_added_ms", about="milliseconds that trust adds to a default video"),
        Number(name="prompt_decision_ms", about="slowest decision about a prompt after load", bar=at_most(100)),
    ),
    measure=measure,
)

if __name__ == "__main__":
    main(BENCHMARK)
