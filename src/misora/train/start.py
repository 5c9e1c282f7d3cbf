"""From the name of a recipe to a trained part: encode what is missing, train, put the model folder together."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from jaxtyping import UInt8
from torch import Tensor

from misora.core.config import from_dict, to_dict
from misora.core.errors import UsageError, WeightsError
from misora.core.files import sha256_file
from misora.core.folder import load_tensors
from misora.core.machine import pick_dtype
from misora.corpus.encode import encode_corpus
from misora.corpus.table import Corpus
from misora.corpus.texts import distinct_texts, encode_texts
from misora.generate.studio import Studio, generate
from misora.model.autoencoder import Autoencoder, AutoencoderSize
from misora.model.bundle import BUNDLED, WEIGHTS_NAME, Limits, Model, load_state, save_model
from misora.model.text import TextEncoder
from misora.model.text_files import SHA256
from misora.model.transformer import Transformer
from misora.train.autoencoder_task import AutoencoderTask
from misora.train.checks import check_channels, check_clips, check_pixels
from misora.train.memory import check_memory
from misora.train.recipes import RECIPES, AutoencoderRecipe, Recipe, TransformerRecipe, taught_by
from misora.train.run import Outcome, run
from misora.train.transformer_task import Painter, TransformerTask
from misora.video.strip import contact_sheet
from misora.worlds.grammar import FIRST, GRAMMARS

TEXT_KEY = SHA256["model.safetensors"][:12]
KEY_DIGITS = 12
PRIMITIVE_CACHE = ("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "8192")
"""Packs have many shapes; oneDNN drops the CPU kernels made for one after 1,024 others, unless it is told to keep more."""
SHOWN_PROMPTS = (
    "a red ball rolls left across a green floor",
    "a blue box slides right on a wooden floor",
    "a yellow ball bounces on a grey floor",
    "a white cylinder falls onto a wooden floor",
    "a purple capsule rolls right over a checkered floor",
    "an orange ball rolls right and hits a blue box on a grey floor",
)


def train(
    name: str,
    *,
    corpus: Path | str,
    out: Path | str,
    model: Path | str | None = None,
    steps: int | None = None,
    budget_seconds: float | None = None,
    seed: int = 0,
    start_from: Path | str | None = None,
    device: str = "cpu",
) -> Outcome:
    """Run a recipe until its schedule or the budget ends.

    Args:
        name: of the recipe.
        corpus: folder of the corpus.
        out: folder of the run; an unfinished run in it goes on.
        model: folder with the trained autoencoder (`vae`), for a transformer; or the name of a bundled model.
        steps: end there instead of where the recipe does; the rate falls from now on if need be.
        budget_seconds: stop cleanly after this long.
        seed: of weights, noise and data order.
        start_from: a bundled model, a model folder or a run, with whose weights training begins; from the seed when not given.
        device: where to compute.

    Returns:
        Where the run stands.

    Raises:
        UsageError: no such recipe, too little memory for it, no corpus, no autoencoder, weights of another size, or the folder
            holds another run.
        CorpusError: the clips cannot be decoded, or none can be trained on; a CaptionsError where nothing is said of them.
        NumericsError: the loss stopped being finite.
    """
    os.environ.setdefault(*PRIMITIVE_CACHE)
    recipe = find_recipe(name, seed=seed)
    check_memory(recipe, device=device)
    first = None if start_from is None else find_weights(start_from, recipe)
    if first is not None:
        digest = sha256_file(first)[:KEY_DIGITS]
        recipe = replace(recipe, settings=replace(recipe.settings, starts_from=digest))
    table = Corpus.open(corpus)
    check_pixels(table)
    if isinstance(recipe, AutoencoderRecipe):
        task = _autoencoder_task(recipe, table, first, device=device)
        return run(task, out, steps=steps, budget_seconds=budget_seconds)
    if model is None:
        raise UsageError(
            f"{name} needs a trained autoencoder: give --model, such as playroom-nano or a run of autoencoder_nano"
        )
    return _train_transformer(
        recipe, table, first, Path(out), Path(model), steps=steps, budget_seconds=budget_seconds, device=device
    )


def find_recipe(name: str, *, seed: int = 0) -> Recipe:
    """Look a recipe up and set its seed.

    Args:
        name: of the recipe.
        seed: of weights, noise and data order.

    Returns:
        The recipe.

    Raises:
        UsageError: no such recipe.
    """
    if name not in RECIPES:
        raise UsageError(f"no recipe named {name!r}: there are {', '.join(RECIPES)}")
    recipe = RECIPES[name]()
    return replace(recipe, settings=replace(recipe.settings, seed=seed))


def find_weights(name_or_folder: Path | str, recipe: Recipe) -> Path:
    """Find the weights that a run begins with.

    Args:
        name_or_folder: a bundled model, a model folder or a finished run.
        recipe: says which part is wanted, and of what size.

    Returns:
        The file.

    Raises:
        UsageError: there is no such part, or it has another size.
    """
    part = "vae" if isinstance(recipe, AutoencoderRecipe) else "transformer"
    folders = [Path(name_or_folder) / part, BUNDLED / str(name_or_folder) / part]
    folder = next((folder for folder in folders if (folder / "config.json").is_file()), None)
    if folder is None:
        raise UsageError(f"{name_or_folder} has no {part}/config.json to start from; give a model folder or its name")
    config = json.loads((folder / "config.json").read_text())
    wanted = json.loads(json.dumps(to_dict(recipe.size)))
    if config != wanted:
        odd = ", ".join(
            f"{key} {config.get(key)} instead of {wanted[key]}" for key in wanted if config.get(key) != wanted[key]
        )
        raise UsageError(
            f"{folder} has another size than {recipe.settings.recipe} ({odd}); take the recipe that made it"
        )
    return folder / WEIGHTS_NAME


def load_autoencoder(folder: Path | str, *, device: str = "cpu") -> Autoencoder:
    """Load a trained autoencoder from a run, a model folder or a bundled model.

    Args:
        folder: holds `vae/config.json` and its weights; or the name of a bundled model.
        device: where to compute.

    Returns:
        The autoencoder, in the arithmetic type that the device does fast.

    Raises:
        WeightsError: it is missing or does not fit its config.
    """
    folder = _find_autoencoder(folder)
    config = folder / "vae" / "config.json"
    part = Autoencoder(from_dict(AutoencoderSize, json.loads(config.read_text()), where=str(config)))
    load_state(part, load_tensors(folder / "vae" / WEIGHTS_NAME), where=str(config.parent))
    part = part.to(device, pick_dtype(device)).requires_grad_(False).eval()
    return part.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]


def autoencoder_key(folder: Path | str) -> str:
    """Name an autoencoder's latents by the weights that make them, so that another decoder reads the same ones."""
    tensors = load_tensors(_find_autoencoder(folder) / "vae" / WEIGHTS_NAME)
    digest = hashlib.sha256()
    for name in sorted(name for name in tensors if not name.startswith("decoder.")):
        digest.update(name.encode() + tensors[name].contiguous().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()[:KEY_DIGITS]


def _find_autoencoder(name_or_folder: Path | str) -> Path:
    for folder in (Path(name_or_folder), BUNDLED / str(name_or_folder)):
        if (folder / "vae" / "config.json").is_file():
            return folder
    raise WeightsError(
        f"{name_or_folder} has no vae/config.json and is no bundled model; train an autoencoder first, or give a model"
    )


def _latents_read_by(weights: Path) -> str | None:
    """Name the latents of a transformer's own autoencoder; None where only the transformer lies there."""
    folder = weights.parent.parent
    return autoencoder_key(folder) if (folder / "vae" / WEIGHTS_NAME).is_file() else None


def vocabulary_of(corpus: Corpus) -> frozenset[str]:
    """List the words that the captions of a corpus use, lower case."""
    return frozenset(word for text in distinct_texts(corpus) for word in re.findall(r"[a-z]+", text.lower()))


def grammar_of(corpus: Corpus) -> str:
    """Name the widest grammar that clips of a corpus were drawn from; footage has none and counts as the first."""
    ids = corpus.column("id")
    wider = (name for name in reversed(GRAMMARS) if name != FIRST.name)
    return next((name for name in wider if any(each.startswith(f"playroom-{name}-") for each in ids)), FIRST.name)


def painter(autoencoder: Autoencoder, text: TextEncoder, *, limits: Limits) -> Painter:
    """Make a function that samples a few fixed prompts with fixed seeds.

    Args:
        autoencoder: decodes the samples.
        text: encodes the prompts.
        limits: say how large and how long a sample is.

    Returns:
        From a transformer to a contact sheet.
    """

    def paint(transformer: Transformer) -> UInt8[Tensor, "3 H W"]:
        model = Model(transformer, autoencoder, limits=limits)
        model.__dict__["text"] = text
        studio = Studio(model)
        canvases = [studio.canvas(prompt, seed=number) for number, prompt in enumerate(SHOWN_PROMPTS)]
        clips = [generate(studio, canvas).clip for canvas in canvases]
        transformer.train()
        return contact_sheet(clips, SHOWN_PROMPTS)

    return paint


def _autoencoder_task(recipe: AutoencoderRecipe, corpus: Corpus, first: Path | None, *, device: str) -> AutoencoderTask:
    task = AutoencoderTask(
        corpus,
        recipe.size,
        recipe.settings,
        weights=recipe.weights,
        groups_per_step=recipe.groups_per_step,
        crop_px=recipe.crop_px,
        code_noise=recipe.code_noise,
        is_encoder_kept=recipe.is_encoder_kept,
        device=device,
    )
    if first is not None:
        load_state(task.module, load_tensors(first), where=str(first))
    return task


def _train_transformer(
    recipe: TransformerRecipe,
    corpus: Corpus,
    first: Path | None,
    out: Path,
    model: Path,
    *,
    steps: int | None,
    budget_seconds: float | None,
    device: str,
) -> Outcome:
    autoencoder, text = load_autoencoder(model, device=device), TextEncoder()
    check_channels(recipe.size, autoencoder, where=model)
    if left_out := check_clips(corpus, recipe.plan):
        print(f"{corpus.path}: {left_out}", flush=True)
    if first is not None and (other := _latents_read_by(first)) not in (None, autoencoder_key(model)):
        print(
            f"{first.parent} reads the latents {other}; it is brought to {autoencoder_key(model)} of {model}",
            flush=True,
        )
    key = autoencoder_key(model)
    encode_corpus(corpus, autoencoder, key=key)
    encode_texts(corpus, TextEncoder(dtype=pick_dtype(), cuts_long_lines=True), key=TEXT_KEY)
    task = TransformerTask(
        corpus,
        recipe.size,
        recipe.settings,
        key=key,
        plan=recipe.plan,
        noise=recipe.noise,
        paint=painter(autoencoder, text, limits=recipe.limits),
        device=device,
    )
    if first is not None:
        load_state(task.module, load_tensors(first), where=str(first))
    outcome = run(task, out, steps=steps, budget_seconds=budget_seconds)
    if outcome.is_finished:
        limits = replace(recipe.limits, taught=taught_by(recipe))
        whole = Model(task.module, autoencoder, limits=limits, vocabulary=vocabulary_of(corpus))
        save_model(whole, out / "model", details=_details(task, outcome))
        print(f"{out / 'model'}: taught words and {', '.join(limits.taught)}", flush=True)
    return outcome


def _details(task: TransformerTask, outcome: Outcome) -> Mapping[str, Any]:
    settings = task.settings
    return {
        "recipe": settings.recipe,
        "seed": settings.seed,
        "steps": outcome.step,
        "hours": round(outcome.seconds / 3600, 2),
        "corpus": task.corpus.version,
        "grammar": grammar_of(task.corpus),
        "latents": task.key,
        "starts_from": settings.starts_from,
    }
