"""The one way to a finished file: an id, marked frames, a written file, a signature as the last write, a line in the log.

Whatever fails on the way, no file stands under the final name.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from jaxtyping import UInt8
from torch import Tensor

from misora.core.errors import KeysError, SigningError, TamperedError, UsageError
from misora.core.files import atomic_path, sha256_file, temporary_beside
from misora.trust import audit, store
from misora.trust.claim import MIME_TYPES, Making, ParentState, claim
from misora.trust.disclosure import disclose
from misora.trust.fingerprint import Collector
from misora.trust.gate import admit_frames, shows_mark
from misora.trust.home import VARIABLE, Home
from misora.trust.keys import Credentials, credentials
from misora.trust.layout import note
from misora.trust.markkey import load_key
from misora.trust.sign import parent_manifests, sign
from misora.trust.tile import MarkKey
from misora.trust.verify import verify
from misora.trust.visible import VisibleMark
from misora.trust.watermark import Marker
from misora.video.clip import Clip


@dataclass(slots=True, kw_only=True)
class Seal:
    """A file on its way.

    Attributes:
        path: where the encoder writes; not yet the final name, and of the same suffix.
        mark_id: given away before a frame was encoded.
        home: of the installation.
        fps: frames per second.
        marker: puts the id into every frame, unseen.
        visible: draws the visible mark; None leaves frames without.
        seen: gathers the looks of the frames.
    """

    path: Path
    mark_id: int
    home: Home
    fps: float | int
    marker: Marker
    visible: VisibleMark | None
    seen: Collector = field(default_factory=Collector)

    def mark(self, frames: UInt8[Tensor, "f 3 H W"]) -> UInt8[Tensor, "f 3 H W"]:
        """Judge and mark the next frames; called once for each in the order of time, with as many at once as one likes.

        Args:
            frames: RGB, as made.

        Returns:
            The frames to encode.
        """
        admit_frames(Clip.at_rate(frames, self.fps), stage="output", home=self.home, mark_id=self.mark_id)
        if self.visible is not None:
            frames = self.visible.draw(frames)
        frames = self.marker.mark(frames)
        self.seen.add(frames)
        return frames


@contextmanager
def sealed(
    target: Path | str,
    making: Making,
    *,
    fps: float | int = 1.0,
    is_visible: bool = False,
    home: Home | None = None,
) -> Generator[Seal, None, None]:
    """Make a finished file: what the body writes to `Seal.path` is signed and appears under its name, or nothing does.

    Example:
        with sealed("ball.mp4", making, fps=8) as seal, VideoWriter(seal.path, size=(96, 96), fps=8) as writer:
            writer.write(seal.mark(frames))

    Args:
        target: the final name; its suffix says the type.
        making: how it was made.
        fps: frames per second, by which the visible mark moves.
        is_visible: whether to draw the visible mark; policy may ask for it too.
        home: of the installation; None opens the usual one.

    Yields:
        The seal: where to write, and what marks the frames.

    Raises:
        UsageError: if the suffix is none that can be signed.
        KeysError: if keys or certificates are missing, expired or do not belong together.
        TamperedError: if a parent was changed after it was signed, and the settings do not say to record it.
        OutputError: if the disk is full, or the store or the log cannot be written.
        RefusedError: if policy does not allow the frames.
        SigningError: if the file cannot be signed.
    """
    path, home = Path(target), home or Home.open()
    if path.suffix.lower() not in MIME_TYPES:
        raise UsageError(f"cannot sign {path.name!r}: end the name in {', '.join(MIME_TYPES)}")
    signer, mark_key = credentials(home), marking_key(home)
    parents = examined(making.parents, home)
    visible = VisibleMark(fps=fps) if is_visible or shows_mark(home) else None
    with atomic_path(path) as signed, temporary_beside(path) as written:
        mark_id = store.allocate(home)
        marker = Marker(key=mark_key, mark_id=mark_id)
        seal = Seal(path=written, mark_id=mark_id, home=home, fps=fps, marker=marker, visible=visible)
        yield seal
        _finish(seal, signed, path.name, making=making, parents=parents, signer=signer, home=home)


def marking_key(home: Home) -> MarkKey:
    """Read the key that marks files, made on first use; one that is gone is not replaced in silence.

    Args:
        home: of the installation.

    Returns:
        The key.

    Raises:
        KeysError: if it is gone, though files were finished with it.
        OutputError: if it cannot be written.
        UsageError: if it is broken or readable by others.
    """
    path = home.mark_key_path
    if not path.exists() and store.has_finished(home):
        raise KeysError(
            f"the watermark's key {path} is gone, though files were marked with it, and a new one finds none of these marks; "
            f"restore it from a copy, or begin anew in another folder ({VARIABLE})"
        )
    return load_key(path)


def examined(paths: Sequence[Path], home: Home) -> tuple[ParentState, ...]:
    """Verify files that are going to be edited, before anything is made of them.

    Args:
        paths: the files.
        home: of the installation.

    Returns:
        What was found out about each.

    Raises:
        TamperedError: if one was changed after it was signed, and the settings do not say to record it.
    """
    found = []
    for path in paths:
        verdict = verify(path, home)
        if verdict.state == "tampered" and home.settings.tampered_parents == "refuse":
            raise TamperedError(
                f'{path} was {verdict.words}. Take an untouched copy, or set tampered_parents = "record" in trust.toml'
            )
        found.append(ParentState(title=path.name, mime=verdict.mime, sha256=verdict.sha256, state=verdict.state))
    return tuple(found)


def _finish(
    seal: Seal,
    signed: Path,
    title: str,
    *,
    making: Making,
    parents: tuple[ParentState, ...],
    signer: Credentials,
    home: Home,
) -> None:
    mime, when = MIME_TYPES[signed.suffix.lower()], store.now()
    if seal.seen.num_seen == 0:
        raise SigningError(f"{title} holds frames that were not marked; pass every frame through Seal.mark")
    disclose(seal.path, mime, making.source_type)
    with seal.path.open("rb") as file:
        layout = note(file, mime)
    said = {"title": title, "mime": mime, "when": when, "mark_id": seal.mark_id, "parents": parents, "layout": layout}
    files = tuple(zip(parents, making.parents, strict=True))
    brought = parent_manifests(claim(making, **said), signer=signer, parents=files)
    words = claim(making, **said, parent_manifests=brought)
    url = home.settings.signer.timestamp_url
    manifest = sign(seal.path, signed, words, signer=signer, parents=files, timestamp_url=url)
    digest = sha256_file(signed)
    entry = store.Entry(
        id=seal.mark_id,
        finished=when,
        title=title,
        mime=mime,
        sha256=digest,
        manifest=manifest,
        fingerprint=seal.seen.to_bytes(),
    )
    store.finish(home, entry)
    audit.append(home, "signature", {"id": entry.name, "sha256": digest, "title": title, "mime": mime})
