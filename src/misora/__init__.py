"""misora: from a sentence to a video; an open, complete text-to-video system on spacetime patches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from misora.generate.canvas import Canvas, Guidance, Pin
    from misora.generate.studio import Studio
    from misora.generate.video import Video
    from misora.video.clip import Clip
    from misora.video.line import Line

__version__ = "0.1.0"
__all__ = ["Canvas", "Clip", "Guidance", "Line", "Pin", "Studio", "Video", "__version__"]

_HOME = {
    "Canvas": "misora.generate.canvas",
    "Clip": "misora.video.clip",
    "Guidance": "misora.generate.canvas",
    "Line": "misora.video.line",
    "Pin": "misora.generate.canvas",
    "Studio": "misora.generate.studio",
    "Video": "misora.generate.video",
}


def __getattr__(name: str) -> Any:
    """Import a public name where it is first used, so that `import misora` stays quick."""
    if name not in _HOME:
        raise AttributeError(f"module 'misora' has no attribute {name!r}; it offers {', '.join(__all__)}")
    from importlib import import_module

    return getattr(import_module(_HOME[name]), name)
