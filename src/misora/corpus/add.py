"""Add footage to a corpus: every file is decoded behind a wall, cut by scenes and kept with its captions.

A file that fails goes to the ledger with its stage and cause, and the run goes on. Clips are named by the content of
their file, so adding a folder twice adds only what is new.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from misora.core.errors import MisoraError, StoppedError, UsageError
from misora.core.files import sha256_file
from misora.corpus.cut import CutSettings, pieces_of
from misora.corpus.ledger import Failure, cause_of, record
from misora.corpus.progress import Meter, OnProgress, print_progress
from misora.corpus.row import Caption, Row
from misora.corpus.sidecar import captions_of_piece, read_sidecar
from misora.corpus.table import FRAGMENT_ROWS, Corpus
from misora.video.clip import Clip
from misora.video.encode import encode
from misora.video.limits import DecodeLimits
from misora.video.sandbox import decode_untrusted, probe_untrusted

SUFFIXES = (".mp4", ".mov", ".m4v", ".webm", ".mkv", ".avi", ".ts", ".y4m", ".gif", ".webp")
_WINDOW_SECONDS = 60.0
_CRF = 10
_HASH_DIGITS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What a call of `add_footage` did.

    Attributes:
        num_files: footage files found.
        num_known: files whose clips stood in the corpus already.
        num_failed: entries that went to the ledger.
        num_clips: clips added.
        num_without_captions: clips added of which nothing is said; they train the autoencoder only.
    """

    num_files: int
    num_known: int
    num_failed: int
    num_clips: int
    num_without_captions: int


def add_footage(
    path: Path | str,
    footage: Path | str,
    *,
    settings: CutSettings | None = None,
    limits: DecodeLimits | None = None,
    licence: str = "unknown",
    on_progress: OnProgress = print_progress,
) -> Added:
    """Add a file or all files of a folder to a corpus.

    Args:
        path: the folder of the corpus, made if need be.
        footage: a video file, or a folder that is searched with its folders.
        settings: what the pieces are like.
        limits: bounds on each file and on the process that decodes it.
        licence: under which the footage may be used.
        on_progress: told every ten seconds.

    Returns:
        What was added and what was not.

    Raises:
        UsageError: if there is no footage.
        StoppedError: on Ctrl-C; whole files are kept.
    """
    root = Path(footage)
    files = footage_in(root)
    corpus = Corpus.open_or_create(path)
    known = {name.rpartition("-")[0] for name in corpus.column("id")}
    meter = Meter("files", num_done=0, num_all=len(files), on_progress=on_progress)
    adding = _Adding(
        corpus=corpus, settings=settings or CutSettings(), limits=limits or DecodeLimits(), licence=licence
    )
    try:
        for file in files:
            adding.add(file, source=file.relative_to(root).as_posix() if root.is_dir() else file.name, known=known)
            meter.add(1)
    except KeyboardInterrupt:
        adding.flush()
        raise StoppedError(f"stopped; {path} keeps {adding.num_clips:,} new clips; run it again to go on") from None
    finally:  # whole files are kept whatever happens
        adding.flush()
    return Added(
        num_files=len(files),
        num_known=adding.num_known,
        num_failed=adding.num_failed,
        num_clips=adding.num_clips,
        num_without_captions=adding.num_without_captions,
    )


def footage_in(root: Path) -> list[Path]:
    """Find footage.

    Args:
        root: a file, or a folder that is searched with its folders.

    Returns:
        Files in the order of their names.

    Raises:
        UsageError: if there is none.
    """
    if root.is_file():
        return [root]
    found = sorted(file for file in root.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file())
    if not found:
        what = "holds no footage" if root.is_dir() else "does not exist"
        raise UsageError(f"{root} {what}; give a video file, or a folder with files ending in {' '.join(SUFFIXES)}")
    return found


class _Adding:
    """The state of one call: rows waiting to be written, and counts."""

    def __init__(self, *, corpus: Corpus, settings: CutSettings, limits: DecodeLimits, licence: str) -> None:
        self._corpus = corpus
        self._settings = settings
        self._limits = limits
        self._licence = licence
        self._waiting: list[Row] = []
        self.num_known = self.num_failed = self.num_clips = self.num_without_captions = 0

    def add(self, file: Path, *, source: str, known: set[str]) -> None:
        """Turn one file into rows; what fails goes to the ledger."""
        stage = "read"
        try:
            name = sha256_file(file)[:_HASH_DIGITS]
            if name in known:
                self.num_known += 1
                return
            stage = "caption"  # a file whose words cannot be read is not added mute: mend them and add it again
            captions = read_sidecar(file)
            stage = "decode"
            rows: list[Row] = []
            for window in windows_of(file, self._limits, short_side_px=self._settings.short_side_px):
                stage = "cut"
                for piece in pieces_of(window, self._settings):
                    rows.append(self._row(piece, f"{name}-{len(rows):04d}", source, captions, number=len(rows)))
                stage = "decode"
            if not rows:
                stage = "cut"
                raise UsageError(f"no scene lasts {self._settings.min_seconds:g} s; lower min_seconds to keep it")
        except (MisoraError, OSError) as error:
            self._fail(file, stage, error)
            return
        known.add(name)
        self._waiting.extend(rows)
        if len(self._waiting) >= FRAGMENT_ROWS:
            self.flush()

    def flush(self) -> None:
        """Write the rows that wait."""
        self._corpus.append(self._waiting)
        self.num_clips += len(self._waiting)
        self.num_without_captions += sum(not row.captions for row in self._waiting)
        self._waiting = []

    def _fail(self, file: Path, stage: str, error: Exception) -> None:
        record(self._corpus.path, Failure(path=str(file), stage=stage, cause=cause_of(error)))
        self.num_failed += 1

    def _row(self, piece: Clip, name: str, source: str, captions: tuple[Caption, ...], *, number: int) -> Row:
        from misora import __version__

        start = piece.pts_seconds[0].item()
        width_px, height_px = piece.size
        return Row(
            id=name,
            source=source,
            seed=number,
            split="train",
            video=encode(Clip.at_rate(piece.frames, self._settings.fps), crf=_CRF),
            width_px=width_px,
            height_px=height_px,
            num_frames=piece.num_frames,
            fps=self._settings.fps,
            seconds=piece.seconds,
            captions=captions_of_piece(captions, from_seconds=start, to_seconds=start + piece.seconds),
            script=None,
            truth=None,
            licence=self._licence,
            renderer=f"misora {__version__}, from {start:.3f} s",
        )


def windows_of(file: Path, limits: DecodeLimits, *, short_side_px: int) -> Iterator[Clip]:
    """Decode a file a minute at a time, so that long films need no more memory than short ones.

    Args:
        file: from outside.
        limits: bounds on the file, and on each window.
        short_side_px: frames are shrunk to this while decoding.

    Yields:
        Frames on the clock of the file.

    Raises:
        MediaError: if it cannot be read or exceeds a limit.
    """
    seconds = probe_untrusted(file, limits).seconds
    start = 0.0
    while True:
        end = start + _WINDOW_SECONDS if seconds > start + 1.5 * _WINDOW_SECONDS else None
        yield decode_untrusted(file, limits, from_seconds=start or None, to_seconds=end, short_side_px=short_side_px)
        if end is None:
            return
        start = end
