"""One plain spelling for the many that look alike: Unicode made small, letters of other scripts read as Latin ones."""

from __future__ import annotations

import re
import unicodedata

_CYRILLIC = dict(zip("авсеԁԍнһіјкмпорԛгѕтцѵԝхуьъёѐӏгєїґқ", "abcedghhijkmnopqrstuvwxybbeelreirk", strict=True))
_GREEK = dict(zip("αβγδεζηθικλνοπρστυφχω", "abydeznoiklvonpotuoxw", strict=True))
_LATIN = dict(
    zip(
        "ıłøđħŧɑɡɩʋʏᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡᴢɐɔǝɟƃɥᴉɾʞɯɹʇʌʍʎꞓƙƭɓɗ",
        "ilodhtagivyabcdefghijklmnoprstuvwzacefghijkmrtvwycktbd",
        strict=True,
    )
)
_OTHER = {
    "օ": "o",
    "ս": "u",
    "հ": "h",
    "զ": "q",
    "ց": "g",
    "ו": "i",
    "ס": "o",
    "०": "o",
    "ꓐ": "b",
    "ꓮ": "a",
    "æ": "ae",
    "œ": "oe",
    "þ": "th",
}
_BOXED = {
    chr(start + i): chr(ord("a") + i) for start in (0x1F130, 0x1F150, 0x1F170, 0x1F1E6) for i in range(26)
}  # squared, black circled, black squared, and the letters of flags
LOOKALIKES: dict[str, str] = {**_CYRILLIC, **_GREEK, **_LATIN, **_OTHER, **_BOXED}
"""What a letter of another script or shape is read as."""

_TABLE = str.maketrans(LOOKALIKES)
_DROPPED = frozenset({"Cf", "Mn", "Me", "Cc", "Cs", "Co", "Cn"})
_SPACES = re.compile(r"\s+")
_NOT_WORDS = re.compile(r"[^\w]+|_+")
_APOSTROPHE = re.compile(r"(?<=\w)['\u2019](?:s\b)?")
_BETWEEN_HAN = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")


def fold(text: str) -> str:
    """Read a text as a person does, whatever it is spelled with.

    Compatibility forms are made plain (NFKC), marks above and below letters and what has no width is dropped, letters that
    look like Latin ones become these, case is folded.

    Args:
        text: anything.

    Returns:
        Lower-case text; punctuation and line breaks stay, runs of spaces are one.

    Example:
        >>> fold("N\u0430ke\u0301d\u200b  \uff2cight")
        'naked light'
    """
    if text.isascii() and text.isprintable():  # nothing to make plain: what nearly all words of a list are
        return " ".join(text.lower().split())
    spaced = "".join("\n" if c in "\n\r\u2028" else " " if c.isspace() else c for c in text)
    apart = unicodedata.normalize("NFKD", spaced)
    kept = "".join(c for c in apart if c == "\n" or unicodedata.category(c) not in _DROPPED)
    plain = unicodedata.normalize("NFKC", kept).casefold().translate(_TABLE)
    return re.sub(r"[^\S\n]+", " ", plain).strip()


def words_of(text: str) -> str:
    """Keep words alone.

    Args:
        text: a folded text.

    Returns:
        Its words with one space between, possessives without their ending; Chinese characters stand without spaces.

    Example:
        >>> words_of("don't look: a fox's red-hot 苹 果")
        'dont look a fox red hot 苹果'
    """
    bare = _NOT_WORDS.sub(" ", _APOSTROPHE.sub("", text))
    return _BETWEEN_HAN.sub("", _SPACES.sub(" ", bare)).strip()
