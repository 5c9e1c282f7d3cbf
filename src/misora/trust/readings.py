"""How a text can be read: as it stands, and as it was meant when someone wrote around a filter."""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from misora.trust.fold import fold, words_of
from misora.trust.lexicon import Lexicon

MAX_CHARACTERS = 8_000
_LEET = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "6": "g", "7": "t", "8": "b", "9": "g"}
_LEET |= {
    "@": "a",
    "$": "s",
    "+": "t",
    "!": "i",
    "|": "l",
    "€": "e",
    "£": "l",
    "(": "c",
    "¡": "i",
    "*": "",
    "#": "h",
    "&": "a",
}
_SOFT = re.compile(r"^\W*\d+(?:st|nd|rd|th|s|d|k|p|x\d+|mm|cm|km|m|fps|px|hz|am|pm|h|g|kg|%)?\W*$")
_SPACED = re.compile(r"(?<![^\W_])[^\W\d_](?:[\s._\-*·•,/|~+=]{1,4}[^\W_](?![^\W_])){2,}")
_GAPS = re.compile(r"[\s._\-*·•,/|~+=]+")
_BASE64 = re.compile(r"(?<![A-Za-z0-9+/=_-])[A-Za-z0-9+/_-]{8,}={0,2}")
_HEX = re.compile(r"(?<![0-9A-Za-z])(?:[0-9a-fA-F]{2}[ :]?){6,}(?![0-9A-Za-z])")
_CLEAR = 0.75  # a text of which less is known words is tried otherwise
_BETTER = 0.15  # and the other reading must explain this much more
_JOINED_BETTER = 0.4  # a text cut anew explains more of nearly anything


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One way to read a text.

    Attributes:
        name: how it was reached: plain, mended, decoded, joined, reversed or rotated.
        text: folded, for a reader of sentences.
        words: words alone, for a search.
        share: of its letters that stand in known words, in [0, 1].
    """

    name: str
    text: str
    words: str
    share: float


def readings(text: str, lexicon: Lexicon) -> tuple[Reading, ...]:
    """Read a text every way that may have been meant.

    Args:
        text: a prompt; of a longer one the first 8,000 characters are read.
        lexicon: which strings are words.

    Returns:
        The plain reading first; others only where they differ from those before.
    """
    text = text[:MAX_CHARACTERS]
    found: dict[str, Reading] = {}
    for name, candidate in _candidates(text, lexicon):
        words = words_of(candidate)
        if words and words not in found:
            found[words] = Reading(name=name, text=candidate, words=words, share=lexicon.share(words.split()))
    return tuple(found.values()) or (Reading(name="plain", text="", words="", share=1.0),)


def best(found: tuple[Reading, ...]) -> tuple[Reading, ...]:
    """Choose the readings worth a reader's time: the plain one, and the clearest other where it is as clear.

    Args:
        found: what `readings` gives.

    Returns:
        One or two readings.
    """
    plain, *others = found
    likely = [reading for reading in others if reading.share >= plain.share - 0.05]
    return (plain, max(likely, key=lambda reading: reading.share)) if likely else (plain,)


def _candidates(text: str, lexicon: Lexicon) -> Iterator[tuple[str, str]]:
    plain = fold(text)
    yield "plain", plain
    decoded = _decoded(text)
    if decoded != text:
        yield "decoded", (plain := fold(decoded))
    mended = _mended(plain, lexicon)
    if words_of(mended) != words_of(plain):
        yield "mended", mended
    share = lexicon.share(words_of(plain).split())
    if share >= _CLEAR:
        return
    for name, other in (
        ("reversed", plain[::-1]),
        ("rotated", codecs.encode(plain, "rot13")),
        ("joined", " ".join(lexicon.split(re.sub(r"[\W\d_]+", "", _unleet(plain))))),
    ):
        read = other if name == "joined" else _mended(other, lexicon)
        words = words_of(read).split()
        is_legible = sum(len(word) == 1 and word not in lexicon for word in words) <= len(words) / 4
        if is_legible and lexicon.share(words) > share + (_BETTER if name != "joined" else _JOINED_BETTER):
            yield name, read


def _mended(text: str, lexicon: Lexicon) -> str:
    """Put together what was spaced out, and turn odd spellings back into words."""
    close = _SPACED.sub(lambda match: _closed(match.group(), lexicon), text)
    tokens = [_mended_token(token, lexicon) for token in close.split(" ")]
    return " ".join(_rejoined(" ".join(tokens).split(" "), lexicon))


def _closed(run: str, lexicon: Lexicon) -> str:
    """Close `n a k e d`; a wider gap than the usual one parts words."""
    gaps = _GAPS.findall(run)
    usual = min(gaps, key=len)
    pieces = re.split(
        "|".join(re.escape(gap) for gap in sorted(set(gaps), key=len, reverse=True) if len(gap) > len(usual)) or "$^",
        run,
    )
    words = []
    for piece in pieces:
        letters = _unleet(_GAPS.sub("", piece))
        words += [letters] if lexicon.knows(letters) else lexicon.split(letters)
    return " ".join(words)


def _mended_token(token: str, lexicon: Lexicon) -> str:
    bare = words_of(token)
    if not token.isascii() or not bare or lexicon.knows(bare) or _SOFT.match(token):
        return token
    if " " in bare and all(map(lexicon.knows, bare.split())):
        return token
    for guess in _guesses(token, bare):
        if (len(guess) > 1 or token.isalpha()) and lexicon.knows(guess):
            return guess
    pieces = lexicon.split(bare) if bare.isalpha() and len(bare) > 7 else []
    if pieces and all(len(piece) > 1 for piece in pieces) and len(pieces) <= len(bare) / 3.5:
        return " ".join(pieces)
    return _plainer(token)


def _plainer(token: str) -> str:
    """Write a word that is not known a little plainer: the text encoder reads it from its pieces."""
    read = re.sub(r"(.)\1{2,}", r"\1", token)
    num_letters = sum(c.isalpha() for c in read)
    is_leet = len(read) >= 4 and num_letters >= len(read) / 2 and any(c in _LEET for c in read[:-1])
    return re.sub(r"[\W\d_]+", "", _unleet(read)) if is_leet else read


def _guesses(token: str, bare: str) -> Iterator[str]:
    whole = re.sub(r"[\W_]+", "", token)
    yield whole  # n.a-ked
    for spelled in (token.strip(".,;:?\"'()"), token):
        yield (leet := re.sub(r"[\W\d_]+", "", _unleet(spelled)))
        yield re.sub(r"[\W\d_]+", "", _unleet(spelled.replace("1", "l").replace("!", "l")))
        yield _squeezed(leet)
    yield _squeezed(bare)
    yield re.sub(r"(.)\1{2,}", r"\1\1", bare)
    yield re.sub(r"(.)\1{2,}", r"\1", bare)
    if len(whole) > 3:
        yield whole[::-1]


def _unleet(text: str) -> str:
    return "".join(_LEET.get(c, c) for c in text)


def _squeezed(word: str) -> str:
    return re.sub(r"(.)\1+", r"\1", word)


def _rejoined(tokens: list[str], lexicon: Lexicon) -> Iterator[str]:
    """Put `na ked` together: neighbours of which one is no word, and which are one word together."""
    index = 0
    while index < len(tokens):
        for count in (4, 3, 2):
            parts = tokens[index : index + count]
            whole = "".join(parts)
            is_split = len(parts) == count and whole.isascii() and whole.isalpha() and len(whole) > 3
            if is_split and not all(map(lexicon.knows, parts)) and lexicon.knows(whole):
                yield whole
                index += count
                break
        else:
            yield tokens[index]
            index += 1


def _decoded(text: str, depth: int = 3) -> str:
    """Read what is hidden in base64, hexadecimal digits or percent signs."""
    read = unquote(text) if "%" in text else text
    read = _HEX.sub(lambda match: _from_hex(match.group()), read)
    read = _BASE64.sub(lambda match: _from_base64(match.group()), read)
    return read if read == text or depth == 1 else _decoded(read, depth - 1)


def _from_hex(digits: str) -> str:
    return _legible(bytes.fromhex(re.sub(r"[ :]", "", digits)), digits)


def _from_base64(letters: str) -> str:
    bare = letters.rstrip("=").translate(str.maketrans("-_", "+/"))
    if len(bare) % 4 == 1:
        return letters
    try:
        return _legible(base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True), letters)
    except (binascii.Error, ValueError):
        return letters


def _legible(data: bytes, otherwise: str) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return otherwise
    good = sum(c.isalnum() or c in " .,;:!?'\"-\n" for c in text)
    return f" {text} " if len(text) > 3 and text.isprintable() and good >= 0.95 * len(text) else otherwise
