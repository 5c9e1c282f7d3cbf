"""The gate of every door: words, inputs and finished frames are judged, every decision is logged, what policy refuses stops.

What was allowed once is not judged again in the same process, so that a prompt judged before hours of work costs nothing
when the file is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from misora.model.text import TextEncoder
from misora.trust import audit
from misora.trust.consent import ConsentStore
from misora.trust.home import Home
from misora.trust.policy import Stage, load_policy, policy_path

if TYPE_CHECKING:
    from misora.trust.decision import Decision
    from misora.trust.moderator import Moderator
    from misora.video.clip import Clip

_MAX_REMEMBERED = 4096
_allowed: dict[tuple[str, ...], None] = {}


def admit_words(
    texts: Sequence[str],
    *,
    stage: Stage = "prompt",
    parents: Sequence[str] = (),
    home: Home | None = None,
    encoder: object = None,
) -> tuple[str, ...]:
    """Judge words before anything is made of them.

    Args:
        texts: a prompt, or the lines of a canvas in order; empty ones are left out.
        stage: prompt as it was typed, or expanded.
        parents: prompts of what is edited, which are judged together with this one.
        home: of the installation; None opens the usual one.
        encoder: a text encoder that is loaded already, where there is one.

    Returns:
        The words to go on with: as given, or with harmless ones put in where policy transforms.

    Raises:
        RefusedError: if policy does not allow them.
        JudgeError: if a required judge cannot answer.
    """
    said = tuple(text for text in texts if text.strip())
    if not said:
        return tuple(texts)
    home = home or Home.open()
    known = encoder if isinstance(encoder, TextEncoder) else None
    moderator = _moderator(home, known)
    agreed = moderator.consents.path
    consents = str(agreed.stat().st_mtime_ns) if agreed.is_file() else ""
    key = (str(home.folder), moderator.policy.sha256, consents, stage, *said, "", *parents)
    if key in _allowed:
        return tuple(texts)
    decision = moderator.prompt(said, stage=stage, parents=parents)
    _log(home, decision)
    if decision.action != "transform":
        _remember(key)
        return tuple(texts)
    changed = iter(decision.text.split("\n"))
    return tuple(next(changed, text) if text.strip() else text for text in texts)


def admit_frames(clip: Clip, *, stage: Stage, home: Home | None = None, mark_id: int | None = None) -> None:
    """Judge frames that were given, or that are going to be written.

    Args:
        clip: the frames.
        stage: input or output.
        home: of the installation; None opens the usual one.
        mark_id: of the file they are for, for the log.

    Raises:
        RefusedError: if policy does not allow them.
        JudgeError: if a required judge cannot answer.
    """
    home = home or Home.open()
    _log(home, _moderator(home, None).frames(clip, stage=stage), mark_id=mark_id)


def shows_mark(home: Home) -> bool:
    """Say whether policy wants the visible mark on every file, asked for or not.

    Args:
        home: of the installation.

    Returns:
        Whether it does.
    """
    return _moderator(home, None).policy.visible_mark == "always"


def _log(home: Home, decision: Decision, *, mark_id: int | None = None) -> None:
    """Write the decision down first, then let it stop what it stops."""
    data = decision.record() | ({} if mark_id is None else {"id": f"{mark_id:08x}"})
    audit.append(home, "decision", data, is_durable=decision.action != "allow")
    decision.require()


def _remember(key: tuple[str, ...]) -> None:
    if len(_allowed) >= _MAX_REMEMBERED:
        _allowed.pop(next(iter(_allowed)))
    _allowed[key] = None


def _moderator(home: Home, encoder: TextEncoder | None) -> Moderator:
    """The moderator of an installation: made anew where its policy file was changed."""
    path = policy_path()
    moderator = _made(home.folder, path, path.stat().st_mtime_ns if path.is_file() else 0)
    if encoder is not None:
        moderator.lend(encoder)
    return moderator


@lru_cache(maxsize=4)
def _made(folder: Path, policy: Path, _changed_ns: int) -> Moderator:
    from misora.trust.moderator import Moderator

    return Moderator(load_policy(policy), consents=ConsentStore(folder / "consents.json"))
