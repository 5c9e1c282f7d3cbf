"""Words of others, made fit for a terminal: one line, nothing that moves the cursor, turns the reading order or is not seen."""

from __future__ import annotations


def one_line(text: str) -> str:
    """Spell out whatever a terminal would obey instead of show.

    A name or a signer's words from a file can hold line breaks, escape sequences, marks that turn the reading order, or bytes
    that are no text; shown as they are, they could look like a judgement of ours, or stop the printing.

    Args:
        text: such as a title from a manifest.

    Returns:
        The same with all of these as backslash escapes.
    """
    if text.isprintable():
        return text
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape", "backslashreplace").decode() for each in text
    )
