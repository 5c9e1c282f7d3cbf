"""What the watermark of a file says, held against what the store knows of that id: a mark can be copied, looks cannot."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch

from misora.core.errors import MediaError
from misora.trust.detect import Detection, detect
from misora.trust.fingerprint import SAME, likeness
from misora.trust.home import Home
from misora.trust.inspect import seen_of, words_of
from misora.trust.markkey import load_key
from misora.trust.store import Entry, broken_entry, find

_MAX_FRAMES = 8
State = Literal["no key", "unreadable", "none", "ours", "unlike", "unknown id", "broken entry"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a mark points to.

    Attributes:
        state: `ours` where the mark's id was given to a video that looks like this one; `unlike` where it was given to
            another, so that the mark may be copied; `unknown id`; `broken entry` of the store; `none`; `no key`; `unreadable`.
        words: the same in a sentence.
        detection: what the search found; None where there was none.
        entry: what the id was given to.
        likeness: to what is stored under the id, 1 at most; None where nothing is.
    """

    state: State
    words: str
    detection: Detection | None = None
    entry: Entry | None = None
    likeness: float | None = None


def origin_of(path: Path | str, home: Home) -> Origin:
    """Look for this installation's mark in a file, and for what it says in the store; a hint, never a proof.

    Args:
        path: a video or a picture, decoded in a process without rights.
        home: of the installation; nothing is made in it.

    Returns:
        What was found; a file that cannot be decoded is one answer.

    Raises:
        UsageError: if the mark's key is broken or readable by others.
    """
    if not home.mark_key_path.exists():
        return Origin(
            state="no key", words="nothing was marked by this installation yet, so no mark of it can be found"
        )
    key = load_key(home.mark_key_path, is_made=False)
    try:
        clip = seen_of(path)
    except MediaError as error:
        return Origin(state="unreadable", words=f"its frames cannot be read: {error}")
    found = detect(clip, key)
    if found.mark_id is None:
        return Origin(state="none", words=words_of(found), detection=found)
    entry = find(home, found.mark_id)
    if entry is None:
        if (broken := broken_entry(home, found.mark_id)) is not None:
            words = f"{words_of(found)}. What was stored under that id cannot be read: restore {broken} from a copy"
            return Origin(state="broken entry", words=words, detection=found)
        words = f"{words_of(found)}. This installation never finished a file with that id: read wrongly, or forged"
        return Origin(state="unknown id", words=words, detection=found)
    chosen = torch.linspace(0, clip.num_frames - 1, min(clip.num_frames, _MAX_FRAMES)).round().long()
    alike = likeness(entry.fingerprint, clip.frames[chosen])
    state, said = ("ours", "and it looks like") if alike >= SAME else ("unlike", "but this does not look like")
    given = f"The id was given to {entry.title} on {entry.finished}, {said} what was stored (likeness {alike:.2f})"
    words = f"{words_of(found)}. {given}"
    if state == "unlike":
        words += ": the mark may be copied, or the picture was cut or altered strongly"
    return Origin(state=state, words=words, detection=found, entry=entry, likeness=alike)
