"""What the door does with words before they reach the model: the preset's words around them, then what they leave open."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from misora.core.errors import UsageError
from misora.generate.options import Options
from misora.generate.preset import Preset, load_preset

if TYPE_CHECKING:
    from misora.generate.canvas import Canvas
    from misora.generate.expand import Expansion


def with_preset(options: Options) -> Options:
    """Fill in what a preset says where the command says nothing.

    Args:
        options: what is asked.

    Returns:
        The same options, perhaps with a negative prompt, guidance and steps.
    """
    if options.preset is None:
        return options
    preset = load_preset(options.preset)
    return replace(
        options,
        negative=options.negative or preset.negative,
        guidance=preset.guidance if options.guidance is None else options.guidance,
        steps=preset.steps if options.steps is None else options.steps,
    )


def worded(canvas: Canvas, options: Options) -> tuple[Canvas, Expansion | None]:
    """Put a preset's words around every line, and expand the line where it is asked and there is but one.

    Args:
        canvas: with its lines as they were said.
        options: which preset, and whether and by what to expand.

    Returns:
        The canvas, and what was expanded, which is also told on stderr.

    Raises:
        UsageError: if the longer text is no prompt.
        EndpointError: if an endpoint is asked and does not answer as it should.
    """
    preset = Preset(about="") if options.preset is None else load_preset(options.preset)
    texts = {line.text: line.text for line in canvas.lines if line.text}
    made = None
    if len(texts) == 1:
        [text] = texts
        made = _expansion(text, options, canvas.seed, beside=f"{preset.before} {preset.after}")
        texts[text] = text if made is None else made.prompt
    elif options.is_expanded and texts:
        print("not expanded: there are several lines, whose floors and light must agree", file=sys.stderr)
    canvas = _said(canvas, {text: preset.said(longer) for text, longer in texts.items()})
    if made is not None:
        print(f"expanded: {canvas.prompt}", file=sys.stderr)
    return canvas, made


def _expansion(text: str, options: Options, seed: int, *, beside: str) -> Expansion | None:
    from misora.generate.expand import expand_by_template, looks_foreign

    if options.expand_url is not None:
        return _answered(text, options.expand_url, options.expand_model)
    if looks_foreign(text):
        print(
            "warning: this looks like another language than English, which is all the model reads; name an endpoint with "
            "--expand-url to have it translated",
            file=sys.stderr,
        )
        return None
    return expand_by_template(text, seed, beside=beside) if options.is_expanded else None


@lru_cache(maxsize=16)
def _answered(text: str, url: str, model: str) -> Expansion:
    """The endpoint is asked once, however many videos are made."""
    from misora.generate.endpoint import expand_by_endpoint

    return expand_by_endpoint(text, url, model=model)


def _said(canvas: Canvas, texts: dict[str, str]) -> Canvas:
    """The canvas with other words; what was not changed is checked elsewhere."""
    from misora.generate.prompt import check_prompt

    for before, text in texts.items():
        try:
            if text != before:
                check_prompt(text)
        except UsageError as error:
            raise UsageError(f"with the words that are added, {error}") from error
    return replace(canvas, lines=tuple(replace(line, text=texts.get(line.text, line.text)) for line in canvas.lines))
