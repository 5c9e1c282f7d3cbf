"""pydoclint, made to endure shapes: it strips quotes and then parses `Iterator[Float[Tensor, n c]]`, which is no Python."""

import sys

from pydoclint.main import main
from pydoclint.utils import visitor_helper

_slice_of = visitor_helper._extractAnnotationSubscriptSlice


def _tolerant(annotation: str | None) -> object:
    try:
        return _slice_of(annotation)
    except SyntaxError as error:
        raise ValueError(annotation) from error  # which its callers expect from what they cannot read


visitor_helper._extractAnnotationSubscriptSlice = _tolerant  # type: ignore[assignment]
sys.exit(main())
