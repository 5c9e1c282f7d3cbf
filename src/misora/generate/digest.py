"""One hash for all that was asked of a model, pinned pixels included: what a signed file says it was made from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch import Tensor

if TYPE_CHECKING:
    from misora.generate.canvas import Canvas


def canvas_digest(canvas: Canvas) -> str:
    """Hash a canvas: equal canvases give equal digests, whatever process makes them.

    Args:
        canvas: what is asked.

    Returns:
        SHA-256 as 64 hexadecimal digits.
    """
    return hashlib.sha256(json.dumps(_plain(canvas), sort_keys=True).encode()).hexdigest()


def _plain(value: Any) -> Any:
    """Nested records as JSON; a tensor as its type, shape and the hash of its bytes."""
    if isinstance(value, Tensor):
        data = value.detach().cpu().contiguous()
        return [str(data.dtype), list(data.shape), hashlib.sha256(data.numpy().tobytes()).hexdigest()]
    if is_dataclass(value):
        return {"is": type(value).__name__} | {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, Path) else value
