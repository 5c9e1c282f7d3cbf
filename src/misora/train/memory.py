"""Whether a recipe fits the machine, told before anything is allocated.

Weights are counted on the meta device, which holds none; what the backward pass keeps is reckoned from the sizes, with factors
measured on the recipes here (`tests/train/test_memory.py` holds them against what autograd really saves).
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from misora.core.errors import UsageError
from misora.core.machine import pick_dtype
from misora.corpus.load import RUN_GROUPS
from misora.model.autoencoder import Autoencoder
from misora.model.grid import FRAMES_PER_GROUP
from misora.model.transformer import Transformer
from misora.train.recipes import AutoencoderRecipe, Recipe, TransformerRecipe

BYTES_PER_WEIGHT = 28
"""Master, average and two momenta in float32, gradient and weight in the type of the arithmetic, and the turned matrices."""
TENSORS_PER_TOKEN = 46
"""Numbers as wide as the network that a block keeps of a token."""
MAPS_PER_PIXEL = 9
"""Numbers that the autoencoder keeps of a pixel of a frame, for each channel at half its sides."""
ATTENDED_TOKENS = 512
"""Tokens of a long clip: plain attention keeps the scores of each with each."""
PROGRAM_BYTES = 3 << 29
CONTROL_GROUP = Path("/sys/fs/cgroup")


def needed_bytes(recipe: Recipe, *, device: str = "cpu") -> int:
    """Reckon the memory of a training step.

    Args:
        recipe: what would be trained.
        device: where.

    Returns:
        Bytes of weights, momenta and what the backward pass keeps, with the program itself.
    """
    size = torch.tensor([], dtype=pick_dtype(device)).element_size()
    if isinstance(recipe, TransformerRecipe):
        with torch.device("meta"):
            weights = _num_weights(Transformer(recipe.size))
        kept = (
            recipe.plan.max_tokens
            * recipe.size.depth
            * (TENSORS_PER_TOKEN * recipe.size.width + recipe.size.num_heads * ATTENDED_TOKENS)
        )
    else:
        with torch.device("meta"):
            weights = _num_weights(Autoencoder(recipe.size))
        pixels = recipe.groups_per_step * FRAMES_PER_GROUP * recipe.crop_px**2
        kept = pixels * MAPS_PER_PIXEL * recipe.size.widths[0] // RUN_GROUPS
    return weights * BYTES_PER_WEIGHT + kept * size + PROGRAM_BYTES


def check_memory(recipe: Recipe, *, device: str = "cpu") -> None:
    """Refuse a recipe that this machine cannot hold.

    Args:
        recipe: what would be trained.
        device: where.

    Raises:
        UsageError: it needs more than is free.
    """
    needed, free = needed_bytes(recipe, device=device), free_bytes(device)
    if needed > free:
        part = "groups_per_step" if isinstance(recipe, AutoencoderRecipe) else "max_tokens"
        raise UsageError(
            f"{recipe.settings.recipe} needs about {_gib(needed)} of memory, and {_gib(free)} of {device} are free; "
            f"take a smaller recipe or a smaller {part}"
        )


def free_bytes(device: str = "cpu") -> int:
    """Find how much memory a process may still take.

    Args:
        device: `cpu` or a CUDA device.

    Returns:
        Bytes: what CUDA reports; else what Linux could give, within the limit of the control group.
    """
    if torch.device(device).type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    return min(_available_bytes(), _allowed_bytes())


def _available_bytes() -> int:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return 1 << 62
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")), 1 << 62)


def _allowed_bytes() -> int:
    """What the control group leaves; files that it has cached are given back when memory is asked for."""
    try:
        limit, used, stat = (
            (CONTROL_GROUP / name).read_text(encoding="ascii").strip()
            for name in ("memory.max", "memory.current", "memory.stat")
        )
    except OSError:
        return 1 << 62
    if limit == "max":
        return 1 << 62
    counts = dict(line.split() for line in stat.splitlines())
    cached = sum(int(counts.get(name, 0)) for name in ("active_file", "inactive_file"))
    return max(0, int(limit) - int(used) + cached)


def _num_weights(module: nn.Module) -> int:
    return sum(weight.numel() for weight in module.parameters())


def _gib(num_bytes: int) -> str:
    return f"{num_bytes / 2**30:.1f} GiB"
