"""What a person asks at the door, checked before anything heavy is imported; and the names of the files it becomes."""

from __future__ import annotations

import re
import secrets
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from misora.core.errors import UsageError
from misora.core.files import refuse_existing
from misora.generate.prompt import check_prompt
from misora.generate.words import phrase_of

DEFAULT_MODEL = "playroom-nano"
CLIP_SUFFIXES = (".mp4", ".gif")
IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
SCALES = (1, 2, 4)
MAX_COUNT = 1000
_MAX_DRAWN_SEED = 2**31
_SLUG_LETTERS = 48


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The settings of `misora generate` and of every ability; None leaves a choice to the model.

    Attributes:
        prompt: what should be seen; may be empty where a source says what.
        stem: what to name the files after where there is no output; the prompt when empty.
        suffix: format of files that are named so.
        camera: a camera word, whose phrase is added to the lines.
        camera_path: a file with the path of the camera.
        track: a file with the track of an object.
        is_draft: whether to make it small and in few steps.
        output: the file; its suffix says the format; None names it after the prompt and the seed.
        seed: names the noise; drawn and told when None.
        seconds: duration.
        fps: frames per second.
        size: width and height in pixels, as "WxH".
        scale: 1, 2 or 4: enlarge the finished frames.
        steps: solver steps.
        speed: `exact`, or `fast` with step caching.
        guidance: how far the text is exaggerated; 1 is plain.
        negative: what should not be seen.
        preset: name or file of a preset.
        is_expanded: whether what a prompt leaves open is filled in.
        expand_url: address of an endpoint that fills it in.
        expand_model: name of the language model there.
        is_private: whether to leave the words out of the record.
        count: how many videos, with seeds counting up.
        model: name of a bundled model, or a folder.
        text_encoder: where the text encoder's files lie.
        is_json: whether to print one JSON object for machines.
        is_dry_run: whether to say only what it would cost.
        force: whether to overwrite what is there.
        visible_mark: whether to draw the visible mark.
        trust_home: folder of keys, store and log; None takes the usual one.
        sources: files that go into what is made: its parents in the manifest.
    """

    prompt: str
    stem: str = ""
    suffix: str = ".mp4"
    camera: str | None = None
    camera_path: Path | None = None
    track: Path | None = None
    is_draft: bool = False
    output: Path | None = None
    seed: int | None = None
    seconds: float | None = None
    fps: float | None = None
    size: str | None = None
    scale: int = 1
    steps: int | None = None
    speed: Literal["exact", "fast"] = "exact"
    guidance: float | None = None
    negative: str = ""
    preset: str | None = None
    is_expanded: bool = False
    expand_url: str | None = None
    expand_model: str = "default"
    is_private: bool = False
    count: int = 1
    model: str = DEFAULT_MODEL
    text_encoder: Path | None = None
    is_json: bool = False
    is_dry_run: bool = False
    force: bool = False
    visible_mark: bool = False
    trust_home: Path | None = None
    sources: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        if self.prompt or not self.stem:
            check_prompt(self.prompt)
        if self.camera is not None:
            phrase_of(self.camera)
        if self.negative:
            check_prompt(self.negative, "negative prompt")
        if not 1 <= self.count <= MAX_COUNT:
            raise UsageError(f"count must lie between 1 and {MAX_COUNT}, got {self.count}")
        if self.scale not in SCALES:
            raise UsageError(f"scale must be one of {', '.join(map(str, SCALES))}, got {self.scale}")
        if self.output is not None and self.output.suffix.lower() not in CLIP_SUFFIXES + IMAGE_SUFFIXES:
            raise UsageError(
                f"cannot tell the format of {str(self.output)!r}: end it in {', '.join(CLIP_SUFFIXES)} for a video, "
                f"or {', '.join(IMAGE_SUFFIXES)} for a picture"
            )
        if self.size is not None:
            parse_size(self.size)

    @property
    def is_still(self) -> bool:
        """Whether a picture is asked instead of a clip."""
        return (self.suffix if self.output is None else self.output.suffix.lower()) in IMAGE_SUFFIXES


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One file to be made.

    Attributes:
        path: where it goes.
        seed: names its noise.
    """

    path: Path
    seed: int


def plan_targets(options: Options) -> tuple[Target, ...]:
    """Name the files and seeds of a command, and refuse what exists before anything is computed.

    Args:
        options: what is asked; a seed left out is drawn here.

    Returns:
        One target for each video.

    Raises:
        OutputError: if a file exists without `force`, or its folder cannot be written.
    """
    seed = secrets.randbelow(_MAX_DRAWN_SEED) if options.seed is None else options.seed
    first = options.output or Path(f"{slug(options.stem or options.prompt)}-{seed}{options.suffix}")
    paths = [first]
    if options.count > 1:
        paths = [first.with_stem(f"{first.stem}-{number}") for number in range(1, options.count + 1)]
    if not options.is_dry_run:
        for path in paths:
            refuse_existing(path, options.force)
            refuse_existing(path.with_name(f"{path.name}.json"), options.force)
    return tuple(Target(path=path, seed=seed + index) for index, path in enumerate(paths))


def slug(text: str) -> str:
    """Make a file name of a sentence.

    Args:
        text: a prompt in any script.

    Returns:
        Lower-case ASCII words joined by hyphens, cut at a word; "video" when nothing is left.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    name = "-".join(re.findall(r"[a-z0-9]+", plain))
    if len(name) > _SLUG_LETTERS:
        name = name[: _SLUG_LETTERS + 1].rpartition("-")[0] or name[:_SLUG_LETTERS]
    return name or "video"


def parse_size(text: str) -> tuple[int, int]:
    """Read a size such as "128x96".

    Args:
        text: width and height in pixels, joined by an x.

    Returns:
        (width_px, height_px).

    Raises:
        UsageError: if it is not such a text.
    """
    match = re.fullmatch(r"\s*(\d{1,5})\s*[xX×]\s*(\d{1,5})\s*", text)
    if match is None:
        raise UsageError(f"size is width x height in pixels, such as 128x96; got {text!r}")
    return int(match[1]), int(match[2])
