"""What a finished file says about how it was made."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from misora.core.machine import versions


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """How a video was made; written into the file itself.

    Attributes:
        prompt: the lines, one after another.
        negative: what guidance walked away from.
        seed: names the noise.
        model: name of the model.
        model_sha256: hash of its index, which holds the hash of every weight.
        steps: solver steps.
        speed: `exact`, or `fast` with step caching.
        guidance: scale of the text.
        guidance_down_to: time at which it ends; 1 is noise.
        size: width and height in pixels, as made.
        seconds: duration.
        fps: frames per second.
        scale: how many times each side was enlarged after sampling; 1 is as sampled.
    """

    prompt: str
    negative: str
    seed: int
    model: str
    model_sha256: str
    steps: int
    speed: str
    guidance: float
    guidance_down_to: float
    size: tuple[int, int]
    seconds: float
    fps: float
    scale: int = 1

    def to_json(self) -> str:
        """The record as one line of JSON, with the versions that made the file."""
        known = asdict(self)
        if self.scale > 1:
            known["enlarged_by"] = "Lanczos resampling after sampling"
        return json.dumps(known | {"versions": versions()}, ensure_ascii=False)
