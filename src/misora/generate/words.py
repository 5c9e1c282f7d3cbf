"""Camera words, and the phrases that say them as models were trained to hear them."""

from __future__ import annotations

import difflib

from misora.core.errors import UsageError

PHRASES = {
    "still": "the camera stays still",
    "orbit": "the camera orbits around",
    "pan": "the camera pans",
    "push in": "the camera pushes in",
    "pull back": "the camera pulls back",
    "rise": "the camera rises",
}
"""What a line says of the camera, by the word that a person gives."""


def phrase_of(word: str) -> str:
    """Find the trained phrase for a camera word.

    Args:
        word: such as "orbit" or "push in"; hyphens and underscores count as spaces.

    Returns:
        The phrase.

    Raises:
        UsageError: if the word is unknown.
    """
    plain = " ".join(word.lower().replace("-", " ").replace("_", " ").split())
    if plain not in PHRASES:
        close = difflib.get_close_matches(plain, PHRASES, n=1)
        hint = f"did you mean {close[0]!r}? " if close else ""
        raise UsageError(f"unknown camera word {word!r}; {hint}there is {', '.join(PHRASES)}")
    return PHRASES[plain]
