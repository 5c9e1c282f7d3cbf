"""A file from outside, looked at for the mark, and the answer in plain words."""

from __future__ import annotations

from pathlib import Path

from misora.trust.detect import Detection, detect
from misora.trust.tile import MarkKey
from misora.video.clip import Clip
from misora.video.limits import DecodeLimits
from misora.video.probe import Probe
from misora.video.sandbox import decode_untrusted, probe_untrusted, read_image_untrusted
from misora.video.sniff import HEAD_BYTES, STILLS, open_source, sniff

_MOST_BYTES = 256 << 20
_CLEAR = 0.7  # share of agreeing signs; a wrong id rarely reaches it


def inspect(path: Path | str, key: MarkKey) -> Detection:
    """Search a file for the mark of a key; it is decoded in a process without rights.

    Args:
        path: a video or a picture; of a long video a stretch from its middle is looked at.
        key: the secret.

    Returns:
        What was found.

    Raises:
        MediaError: if it cannot be read or exceeds a limit.
    """
    return detect(seen_of(path), key)


def seen_of(path: Path | str) -> Clip:
    """Decode what is looked at of a file, in a process without rights.

    Args:
        path: a video or a picture.

    Returns:
        All of it; of a long video a stretch from its middle.

    Raises:
        MediaError: if it cannot be read or exceeds a limit.
    """
    limits = DecodeLimits()
    if kind_of(path) in STILLS:
        return Clip.at_rate(read_image_untrusted(path, limits, background=(0, 0, 0))[None], 1)
    start, end = _stretch(probe_untrusted(path, limits))
    return decode_untrusted(path, limits, from_seconds=start, to_seconds=end)


def kind_of(path: Path | str) -> str:
    """Name the kind of a file by its first bytes, before anything is decoded.

    Args:
        path: a video or a picture.

    Returns:
        As `misora.video.sniff.sniff` names it.

    Raises:
        MediaError: if it is missing, a folder, empty, too large, or of no known kind.
    """
    with open_source(Path(path), DecodeLimits()) as file:
        return sniff(file.read(HEAD_BYTES))


def words_of(found: Detection) -> str:
    """Say what was found to a person.

    Args:
        found: by `detect`.

    Returns:
        One line.
    """
    if not found.found:
        return (
            f"no mark of ours (an unmarked file would score as high with p = {found.p_value:.2g}); "
            "this does not say that the file is not ours: strong compression or repainting removes the mark"
        )
    sure = "" if found.id_agreement >= _CLEAR else ", not read clearly"
    how = [f"at {found.scale:.2f} of the size it was marked at"] if abs(found.scale - 1) > 0.02 else []
    how += ["mirrored"] if found.is_mirrored else []
    return (
        f"a mark of ours, id {found.mark_id:08x}{sure} (p = {found.p_value:.2g}){''.join(', ' + each for each in how)}; "
        "a hint, no proof: a mark can be copied from one file to another"
    )


def _stretch(about: Probe) -> tuple[float | None, float | None]:
    """All of a short video; of a long one the middle, as far as memory reaches."""
    most_seconds = _MOST_BYTES / (3 * about.width_px * about.height_px) / about.fps
    if about.seconds <= most_seconds:
        return None, None
    start = (about.seconds - most_seconds) / 2
    return start, start + most_seconds
