"""What the door does for a long canvas: the same command goes on, windows are told of, a preview grows, the file streams."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from misora.generate.options import Options, Target
from misora.generate.work import Work, seed_of_unfinished

if TYPE_CHECKING:
    from jaxtyping import UInt8
    from torch import Tensor

    from misora.generate.canvas import Canvas
    from misora.generate.expand import Expansion
    from misora.generate.record import Record
    from misora.generate.studio import Studio

_PREVIEW_COLUMNS = 10
_NOT_ASKED = ("seed", "is_json", "is_dry_run", "force")


def with_unfinished_seed(options: Options) -> Options:
    """Take the seed of an interrupted run of the same command, where none is given.

    Args:
        options: what is asked.

    Returns:
        The same options, perhaps with a seed.
    """
    if options.seed is not None or options.is_still:
        return options
    folder = Path() if options.output is None else options.output.parent
    seed = seed_of_unfinished(folder, asked_sha256(options))
    if seed is None:
        return options
    print(f"going on with an unfinished run of this command, seed {seed}", file=sys.stderr)
    return replace(options, seed=seed)


def asked_sha256(options: Options) -> str:
    """Hash what decides what a command makes, but for its seed.

    Args:
        options: what is asked.

    Returns:
        64 hexadecimal digits.
    """
    from misora.generate.canvas_record import digest_of

    return digest_of({name: str(value) for name, value in asdict(options).items() if name not in _NOT_ASKED})


def is_long_canvas(studio: Studio, canvas: Canvas) -> bool:
    """Whether a canvas is sampled as windows.

    Args:
        studio: the model.
        canvas: what is asked.

    Returns:
        True when it does not fit the model in one go.
    """
    from misora.generate.prepare import prepared
    from misora.generate.windows import is_long

    return is_long(prepared(canvas, studio.model.limits).window, studio.model.limits)


def make_long(
    studio: Studio,
    canvas: Canvas,
    target: Target,
    *,
    options: Options,
    steps: int,
    first_seed: int,
    expansion: Expansion | None,
    on_step: Callable[[Any], None],
) -> Record:
    """Make a long video: windows are kept as they are done, and the file is written while it is decoded.

    Args:
        studio: the model.
        canvas: what is asked.
        target: the file.
        options: what was asked of the command.
        steps: solver steps of each window.
        first_seed: of the command, which the same command takes again.
        expansion: what the words were made from.
        on_step: told of every step of all windows.

    Returns:
        The record as it was written.
    """
    from misora.generate.canvas_record import digest_of, record_canvas
    from misora.generate.stream import film
    from misora.generate.windows import Overlap

    asked = {"canvas": digest_of(record_canvas(canvas)), "model": studio.model.digest, "steps": steps}
    key = digest_of({**asked, "speed": options.speed, "overlap": asdict(Overlap())})
    work = Work.open(target.path, key=key, asked=asked_sha256(options), seed=first_seed)
    if not options.is_json:
        state = f"{work.num_done} windows are done already" if work.num_done else "Ctrl-C costs the last window only"
        print(f"{target.path.name}: working in {work.folder}, with a preview; {state}", file=sys.stderr)
    made = film(
        studio,
        canvas,
        steps=steps,
        speed=options.speed,
        scale=options.scale,
        store=work,
        on_step=on_step,
        on_preview=Preview(work.preview).add,
    )
    made = replace(made, record=expanded_record(made.record, expansion), parents=options.sources)
    settings = {"is_private": options.is_private, "visible_mark": options.visible_mark}
    record = made.save(target.path, force=options.force, **settings)
    work.finish()
    return record


def expanded_record(record: Record, expansion: Expansion | None) -> Record:
    """Put down what a prompt was expanded from.

    Args:
        record: of the video.
        expansion: what was done; None leaves the record.

    Returns:
        The record.
    """
    return record if expansion is None else replace(record, raw_prompt=expansion.raw, expanded_by=expansion.by)


class Preview:
    """A picture that grows by a frame for each window."""

    def __init__(self, path: Path) -> None:
        """Begin without a frame.

        Args:
            path: the picture, replaced each time.
        """
        self._path = path
        self._frames: dict[float, UInt8[Tensor, "3 H W"]] = {}

    def add(self, frames: UInt8[Tensor, "4 3 H W"], at_seconds: float) -> None:
        """Add the first of some frames, where it belongs in time, and write the picture.

        Args:
            frames: of a window.
            at_seconds: where they stand.
        """
        import torch
        from einops import rearrange

        from misora.video.image import write_image

        self._frames[at_seconds] = frames[0]
        shown = [frame for _, frame in sorted(self._frames.items(), key=lambda each: each[0])]
        columns = min(_PREVIEW_COLUMNS, len(shown))
        shown += [torch.full_like(shown[0], 255)] * (-len(shown) % columns)
        write_image(self._path, rearrange(torch.stack(shown), "(r k) c h w -> c (r h) (k w)", k=columns).contiguous())
