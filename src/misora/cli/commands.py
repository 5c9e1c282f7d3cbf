"""The commands: each calls a room and prints. Rooms are imported inside them, so that help is quick."""

# over 400 lines: half of it is signatures and their words, which stand once and are the help

from __future__ import annotations

import json as json_format
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

from tyro.conf import Positional, arg

from misora.cli import detect, trust
from misora.cli.moderation import MODERATION


def film(
    *,
    out: Annotated[Path, arg(aliases=["-o"])],
    world: Literal["playroom"] = "playroom",
    clips: int = 9,
    seed: int = 0,
    grammar: Literal["first", "wide"] = "first",
    json: bool = False,
    force: bool = False,
) -> None:
    """Film a world into files that a person can look at, with a contact sheet.

    Args:
        out: folder to write to.
        world: which simulator.
        clips: how many clips, at least 1.
        seed: draws the scripts; the same seed films the same clips.
        grammar: what scripts are drawn from.
        json: print one JSON object instead of a line.
        force: write over the clips of an earlier run.
    """
    from misora.worlds.gallery import film_gallery

    gallery = film_gallery(out, world=world, clips=clips, seed=seed, grammar=grammar, force=force)
    _tell(json, f"{gallery.sheet}: {clips} clips of the {world}, seed {seed}", {"sheet": gallery.sheet, "seed": seed})


def corpus_film(
    path: Positional[Path],
    /,
    *,
    clips: int,
    world: Literal["playroom"] = "playroom",
    seed: int = 0,
    split: Literal["train", "held_out"] = "train",
    grammar: Literal["first", "wide"] = "first",
    workers: int = 2,
    json: bool = False,
) -> None:
    """Fill a corpus with filmed clips; run again, it goes on where it stopped.

    Args:
        path: folder of the corpus; made if missing.
        clips: how many clips of this world, grammar, split and seed it shall hold.
        world: which simulator.
        seed: draws the scripts.
        split: which combinations of things may occur.
        grammar: what scripts are drawn from; wide has all motions, cameras, materials and sizes.
        workers: processes that film.
        json: print one JSON object instead of a line.
    """
    from misora.corpus.film import film_corpus

    corpus = film_corpus(path, clips=clips, world=world, seed=seed, split=split, grammar=grammar, workers=workers)
    words = {"corpus": path, "num_rows": corpus.num_rows, "version": corpus.version}
    _tell(json, f"{path}: {corpus.num_rows:,} clips, version {corpus.version}", words)


def corpus_add(
    path: Positional[Path],
    footage: Positional[Path],
    /,
    *,
    licence: str = "unknown",
    json: bool = False,
) -> None:
    """Add real clips, cut by scenes; captions come from `.txt` files beside them, bad files go to the ledger.

    Args:
        path: folder of the corpus; made if missing.
        footage: a video file, or a folder that is searched wholly.
        licence: terms under which the footage may be used; kept with every row.
        json: print one JSON object instead of a line.
    """
    from misora.corpus.add import add_footage

    added = add_footage(path, footage, licence=licence)
    words = (
        f"{path}: {added.num_clips} clips from {added.num_files} files added, {added.num_without_captions} of them "
        f"without words; {added.num_known} files were known, {added.num_failed} entries went to the ledger"
    )
    _tell(json, words, {"corpus": path, **asdict(added)})


def corpus_encode(
    path: Positional[Path],
    /,
    *,
    model: Annotated[Path, arg(metavar="FOLDER")],
    text_encoder: Path | None = None,
    json: bool = False,
) -> None:
    """Encode clips and captions that have no latents or features yet; `train` does it too when it must.

    Args:
        path: folder of the corpus.
        model: with a trained autoencoder (`vae`): a run, a model folder, or a bundled model.
        text_encoder: folder with the text encoder's files, if not in a usual place.
        json: print one JSON object instead of a line.
    """
    from misora.corpus.encode import encode_corpus
    from misora.corpus.table import Corpus
    from misora.corpus.texts import encode_texts
    from misora.model.text import TextEncoder
    from misora.train.start import TEXT_KEY, autoencoder_key, load_autoencoder

    corpus, key = Corpus.open(path), autoencoder_key(model)
    num_clips = encode_corpus(corpus, load_autoencoder(model), key=key)
    num_texts = encode_texts(corpus, TextEncoder(text_encoder, cuts_long_lines=True), key=TEXT_KEY)
    record = {"corpus": path, "key": key, "num_clips": num_clips, "num_texts": num_texts}
    _tell(json, f"{path}: {num_clips:,} clips and {num_texts:,} captions encoded, latents {key}", record)


def corpus_show(
    path: Positional[Path],
    /,
    *,
    out: Annotated[Path | None, arg(aliases=["-o"])] = None,
    clips: int = 12,
    seed: int = 0,
    json: bool = False,
    force: bool = False,
) -> None:
    """Tell what a corpus holds, and draw some of its clips.

    Args:
        path: folder of the corpus.
        out: picture to draw clips on, such as sheet.png; none if not given.
        clips: how many clips to draw.
        seed: draws which.
        json: print one JSON object instead of lines.
        force: overwrite the picture.
    """
    from misora.core.files import refuse_existing
    from misora.corpus.show import sheet, summary
    from misora.corpus.table import Corpus
    from misora.video.image import write_image

    if out is not None:
        refuse_existing(out, force)
    corpus = Corpus.open(path)
    found = summary(corpus)
    if out is not None:
        write_image(out, sheet(corpus, clips=clips, seed=seed))
    _tell(json, f"{path}: {found}", {"corpus": path, **asdict(found)})


def generate(
    prompt: Positional[str] = "",
    /,
    *,
    canvas: Annotated[Path | None, arg(metavar="FILE")] = None,
    output: Annotated[Path | None, arg(aliases=["-o"])] = None,
    seed: int | None = None,
    seconds: float | None = None,
    fps: float | None = None,
    size: Annotated[str | None, arg(metavar="WxH")] = None,
    scale: Literal[1, 2, 4] = 1,
    steps: int | None = None,
    speed: Literal["exact", "fast"] = "exact",
    guidance: float | None = None,
    negative: str = "",
    camera: Annotated[str | None, arg(metavar="WORD")] = None,
    camera_path: Path | None = None,
    track: Path | None = None,
    draft: bool = False,
    preset: str | None = None,
    expand: bool = False,
    expand_url: Annotated[str | None, arg(metavar="URL")] = None,
    expand_model: str = "default",
    private: bool = False,
    count: int = 1,
    model: str = "playroom-nano",
    text_encoder: Path | None = None,
    json: bool = False,
    dry_run: bool = False,
    force: bool = False,
    visible_mark: bool = False,
    trust_home: Path | None = None,
) -> None:
    """Make a video, or a picture, of a sentence; it is marked and signed.

    Args:
        prompt: what should be seen, such as "a red ball rolls left across a green floor".
        canvas: a canvas file, .toml or .json: lines, pins, cards and all, in place of a prompt.
        output: file to write; .mp4 or .gif make a video, .png, .jpg or .webp a picture; named after the prompt if not given.
        seed: names the noise; drawn and told if not given.
        seconds: duration; the model's usual one if not given.
        fps: frames per second; the model's usual rate if not given.
        size: width and height in pixels, such as 128x96.
        scale: enlarge the finished frames.
        steps: solver steps; more are slower and closer to the exact path.
        speed: exact runs the whole model in every step; fast leaves out what would hardly change the answer.
        guidance: how far the text is exaggerated; 1 is plain.
        negative: what should not be seen.
        camera: what the camera does: still, orbit, pan, push-in, pull-back or rise.
        camera_path: file with the path of the camera: .json, .toml or .csv of times and values.
        track: file with the track of an object: .json, .toml or .csv of times and places.
        draft: make it small and in few steps, to be looked at before `finalise`.
        preset: name of a preset (`misora presets` lists them), or a .toml file.
        expand: fill in what the prompt leaves open: motion, floor, light, camera; it is shown and recorded.
        expand_url: a chat-completions endpoint that fills it in, and translates; key in MISORA_EXPAND_KEY.
        expand_model: name of the language model there.
        private: leave the words out of the record in the file and beside it.
        count: how many, with seeds counting up.
        model: name of a bundled model, or a folder.
        text_encoder: folder with the text encoder's files, if not in a usual place.
        json: print one JSON object instead of lines.
        dry_run: tell tokens, memory and expected seconds; write nothing.
        force: overwrite what is there.
        visible_mark: draw a small drifting mark that says who made it.
        trust_home: folder of keys, store and log, if not the usual one.
    """
    from misora.generate.command import run
    from misora.generate.options import Options

    lay, stem, suffix, sources = None, "", ".mp4", ()
    if canvas is not None:
        from misora.generate.canvas_file import read_canvas_file
        from misora.generate.command import laid_by

        lay, seed, suffix = laid_by(canvas, prompt=prompt, seed=seed)
        stem, sources = canvas.stem, read_canvas_file(canvas).sources(canvas.parent)
    options = Options(
        prompt=prompt,
        stem=stem,
        suffix=suffix,
        camera=camera,
        camera_path=camera_path,
        track=track,
        is_draft=draft,
        preset=preset,
        is_expanded=expand,
        expand_url=expand_url,
        expand_model=expand_model,
        is_private=private,
        output=output,
        seed=seed,
        seconds=seconds,
        fps=fps,
        size=size,
        scale=scale,
        steps=steps,
        speed=speed,
        guidance=guidance,
        negative=negative,
        count=count,
        model=model,
        text_encoder=text_encoder,
        is_json=json,
        is_dry_run=dry_run,
        force=force,
        visible_mark=visible_mark,
        trust_home=trust_home,
        sources=sources,
    )
    run(options, lay)


def train(
    recipe: Positional[str],
    /,
    *,
    corpus: Path,
    out: Annotated[Path, arg(aliases=["-o"])],
    model: Annotated[Path | None, arg(metavar="FOLDER")] = None,
    start_from: Annotated[str | None, arg(metavar="MODEL")] = None,
    steps: int | None = None,
    budget: str | None = None,
    seed: int = 0,
    device: str = "cpu",
    json: bool = False,
) -> None:
    """Train a recipe until its schedule or the budget ends; run again, it goes on to the identical curve.

    Args:
        recipe: its name; a wrong one names those there are.
        corpus: folder of the corpus; everything that trains reads only from one.
        out: folder of the run: log, checkpoints, strips of samples, the trained part.
        model: with the trained autoencoder (`vae`), for a transformer: a run, a model folder, or a bundled model.
        start_from: a bundled model, a model folder or a run with whose weights training begins.
        steps: end at this step instead of where the recipe does, decayed; a finished run is taken up again.
        budget: stop cleanly after this long, such as 90m, 2h or 30s; no effect on the schedule.
        seed: of weights, noise and the order of data.
        device: where to compute: cpu or cuda.
        json: print one JSON object instead of a line.
    """
    from misora.core.duration import parse_duration
    from misora.train.start import train as start

    seconds = None if budget is None else parse_duration(budget)
    outcome = start(
        recipe,
        corpus=corpus,
        out=out,
        model=model,
        steps=steps,
        budget_seconds=seconds,
        seed=seed,
        start_from=start_from,
        device=device,
    )
    state = "finished" if outcome.is_finished else f"stopped at step {outcome.step}; the same command goes on"
    _tell(json, f"{out}: {recipe} {state}, {outcome.seconds / 60:.1f} min in all", {"out": out, **asdict(outcome)})


def evaluate(
    model: Positional[str],
    /,
    *,
    suite: Literal["text", "minute", "seams", "remix", "control"] = "text",
    prompts: int | None = None,
    seed: int = 0,
    steps: int | None = None,
    guidance: float | None = None,
    workers: int = 1,
    truth_cache: Path | None = None,
    json: bool = False,
) -> None:
    """Measure how well a model follows held-out sentences: short videos with chance, truth and errors beside, or minutes.

    Args:
        model: name of a bundled model, or a folder.
        suite: what to measure: text, minute (floor, colour, count and motion every ten seconds), seams (of extend, connect,
            loop and recut, beside cross-fades and hard cuts), remix (does strength order likeness to source and prompt?), or
            control (camera, paths, storyboards, drafts, borders of reframe and inpaint).
        prompts: how many held-out prompts; 128 for text, 4 for minute, 64 for the others, if not given.
        seed: draws prompts, words and noise.
        steps: of the sampler; the usual number if not given.
        guidance: of the text; the usual one if not given.
        workers: processes that film the truth.
        truth_cache: folder in which what is seen of filmed truth is kept for the next time.
        json: print one JSON object instead of a table.
    """
    from misora.evaluate.command import evaluate as measure

    print(
        measure(
            model,
            suite=suite,
            prompts=prompts,
            seed=seed,
            steps=steps,
            guidance=guidance,
            workers=workers,
            truth_cache=truth_cache,
            is_json=json,
        )
    )


def fetch_text(*, folder: Path | None = None, json: bool = False) -> None:
    """Fetch the text encoder's files from the hub; the only command that asks the network.

    Args:
        folder: where to keep them; the user's cache if not given.
        json: print one JSON object instead of a line.
    """
    from misora.model.fetch import fetch_text as fetch

    files = fetch(folder)
    _tell(json, f"{files.weights.parent}: text encoder, proved by SHA-256", {"folder": files.weights.parent})


COMMANDS: dict[str, Callable[..., int | None]] = {
    "generate": generate,
    "film": film,
    "corpus film": corpus_film,
    "corpus add": corpus_add,
    "corpus encode": corpus_encode,
    "corpus show": corpus_show,
    "train": train,
    "evaluate": evaluate,
    "fetch text": fetch_text,
    **trust.COMMANDS,
    **detect.COMMANDS,
    **MODERATION,
}


def _tell(is_json: bool, line: str, record: dict[str, Any]) -> None:
    print(json_format.dumps(record, default=str, ensure_ascii=False) if is_json else line)
