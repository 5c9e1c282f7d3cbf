"""Canvases and storyboards as files, TOML or JSON: what they may say, read strictly; docs/canvas.schema.json is drawn from it.

Paths of clips and pictures are relative to the file.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from misora.core.config import from_dict
from misora.core.errors import UsageError
from misora.generate.control import Control
from misora.generate.pin import Curve
from misora.generate.source import Fit

MAX_BYTES = 4 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class LineEntry:
    """A sentence and the stretch of time that it speaks about.

    Attributes:
        text: what is said.
        from_seconds: where it begins.
        to_seconds: where it ends; the end of the canvas if not given.
    """

    text: str
    from_seconds: float = 0.0
    to_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PinEntry:
    """Frames that are known.

    Attributes:
        file: a clip or a picture.
        at_seconds: where its first frame stands on the canvas.
        from_seconds: what comes before this in the clip is left out.
        to_seconds: what comes from here on in the clip is left out.
        region: left, top, right and bottom in pixels of the canvas; the whole picture if not given.
        mask: a picture or a clip as large as the file: light where nothing is known.
        keep: 1 keeps exactly, less roughly; or points of seconds and values.
        weight: share among rough pins over each other; or points of seconds and values.
        hold: level of noise at which it stays to the end, as context.
        is_card: whether a picture is shown beside the clip instead of being a part of it.
    """

    file: Path
    at_seconds: float = 0.0
    from_seconds: float | None = None
    to_seconds: float | None = None
    region: tuple[int, int, int, int] | None = None
    mask: Path | None = None
    keep: float | Curve = 1.0
    weight: float | Curve = 1.0
    hold: float | None = None
    is_card: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CardEntry:
    """A card of a storyboard: what is to be seen from its time on, in words, as a picture or as a clip.

    Attributes:
        at_seconds: when it begins; its words hold until the next card with words.
        text: what is said.
        image: a picture that is seen at that time.
        clip: a clip that is seen from that time on.
    """

    at_seconds: float
    text: str = ""
    image: Path | None = None
    clip: Path | None = None

    def __post_init__(self) -> None:
        if not self.text and self.image is None and self.clip is None:
            raise UsageError(f"the card at {self.at_seconds:g} s is empty; give it a text, an image or a clip")
        if self.image is not None and self.clip is not None:
            raise UsageError(f"the card at {self.at_seconds:g} s has an image and a clip; give it one of them")


@dataclass(frozen=True, slots=True, kw_only=True)
class Character:
    """Somebody who may be named in lines and cards.

    Attributes:
        name: how lines call it; whole words, large or small letters.
        description: what stands in its place when the model hears the line.
        clip: a clip or picture of it; a frame is shown to the model as context where it is named.
    """

    name: str
    description: str
    clip: Path | None = None

    def __post_init__(self) -> None:
        if not self.name.strip() or not self.description.strip():
            raise UsageError(f"a character has a name and a description, got {self.name!r} and {self.description!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CanvasFile:
    """A canvas as a file says it; what is left out is the model's default.

    Attributes:
        seconds: duration.
        fps: frames per second.
        size: width and height in pixels.
        negative: what should not be seen.
        guidance: how far the text is exaggerated; 1 is plain.
        seed: names the noise; drawn if not given.
        is_still: whether it is one picture instead of a clip.
        fit: how sources of another aspect ratio are brought to the size: fit on black, fill (stretched) or crop.
        lines: what is said, and when.
        pins: what is known.
        controls: what follows the clip frame by frame.
        cards: a storyboard, in the order of time.
        characters: who may be named.
    """

    seconds: float | None = None
    fps: float | None = None
    size: tuple[int, int] | None = None
    negative: str = ""
    guidance: float | None = None
    seed: int | None = None
    is_still: bool = False
    fit: Fit | None = None
    lines: tuple[LineEntry, ...] = ()
    pins: tuple[PinEntry, ...] = ()
    controls: tuple[Control, ...] = ()
    cards: tuple[CardEntry, ...] = ()
    characters: tuple[Character, ...] = ()

    def sources(self, folder: Path) -> tuple[Path, ...]:
        """Name the files whose pixels go into what is made, each once.

        Args:
            folder: that the paths of this file are relative to.

        Returns:
            Their paths; masks are no sources.
        """
        named = [pin.file for pin in self.pins]
        named += [path for card in self.cards for path in (card.image, card.clip) if path is not None]
        named += [character.clip for character in self.characters if character.clip is not None]
        return tuple(dict.fromkeys(folder / path for path in named))

    def __post_init__(self) -> None:
        for one, other in pairwise(self.cards):
            if other.at_seconds <= one.at_seconds:
                raise UsageError(
                    f"the card at {other.at_seconds:g} s comes after the card at {one.at_seconds:g} s; put the cards in "
                    "the order of time, each at a time of its own"
                )
        names = [character.name.lower() for character in self.characters]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise UsageError(f"two characters are called {twice!r}; give each a name of its own")


def read_canvas_file(path: Path | str) -> CanvasFile:
    """Read a canvas or a storyboard.

    Args:
        path: .toml or .json.

    Returns:
        What it says; nothing it points at has been opened yet.

    Raises:
        UsageError: if it is missing, too large, no such file, or says something unknown.
    """
    path = Path(path)
    readers = {".toml": tomllib.loads, ".json": json.loads}
    if path.suffix.lower() not in readers:
        raise UsageError(f"cannot tell the format of {path.name!r}; a canvas is {' or '.join(readers)}")
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UsageError(f"{path} is larger than {MAX_BYTES >> 20} MiB; a canvas names its clips by their paths")
        data = readers[path.suffix.lower()](path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    except UsageError:
        raise
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is not a valid {path.suffix[1:]} file: {error}") from error
    if not isinstance(data, dict):
        raise UsageError(f"{path} must hold a table of settings, got a {type(data).__name__}")
    data.pop("$schema", None)
    return from_dict(CanvasFile, data, where=path.name)
