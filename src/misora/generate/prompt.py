"""What a prompt may be, and which of its words a model has never met."""

from __future__ import annotations

import re
from collections.abc import Collection

from misora.core.errors import UsageError

MAX_CHARACTERS = 400
"""More than the text encoder's tokens can hold in any ordinary sentence; it counts exactly what is shorter."""

_WORD = re.compile(r"[^\W_]+")


def check_prompt(prompt: str, name: str = "prompt") -> None:
    """Refuse what cannot be a sentence.

    Args:
        prompt: what a person wrote.
        name: what to call it in an error.

    Raises:
        UsageError: if it is empty, too long, or not valid text.
    """
    if not prompt.strip():
        raise UsageError(f'the {name} is empty; say what should be seen, such as "a red ball rolls left"')
    if len(prompt) > MAX_CHARACTERS:
        raise UsageError(
            f"the {name} has {len(prompt)} characters, at most {MAX_CHARACTERS} fit; shorten it to one or two sentences"
        )
    try:
        prompt.encode()
    except UnicodeEncodeError as error:
        raise UsageError(f"the {name} is not valid text at character {error.start}; write it in UTF-8") from error
    if any(ord(character) < 32 and not character.isspace() for character in prompt):
        raise UsageError(f"the {name} contains control characters; write it as plain text")


def unknown_words(text: str, vocabulary: Collection[str]) -> tuple[str, ...]:
    """Find words that the model never met in training.

    Args:
        text: a prompt.
        vocabulary: words met in training, lower case; empty when unknown, and then every word passes.

    Returns:
        The strange words in the order of the prompt, lower case, each once.
    """
    if not vocabulary:
        return ()
    words = dict.fromkeys(match.group().lower() for match in _WORD.finditer(text))
    return tuple(word for word in words if word not in vocabulary)
