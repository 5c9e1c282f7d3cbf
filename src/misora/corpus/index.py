"""What a plan must know of each clip: its latent grid, and in which ways it can be shown and told."""

from __future__ import annotations

from dataclasses import dataclass

from misora.core.seeds import derive
from misora.corpus.row import captions_from_json
from misora.corpus.table import Corpus, CorpusError
from misora.model.grid import Grid, grid_for


class CaptionsError(CorpusError):
    """A corpus without captions where captions are needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """One of the captions of a clip.

    Attributes:
        register: manner of speaking.
        variant: choice of words within the register.
    """

    register: str
    variant: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipEntry:
    """One clip as a plan sees it.

    Attributes:
        row: its number in the corpus.
        grid: of the whole clip.
        still_frame: the frame that is shown on its own.
        voices: captions of the clip as it is.
        mirrored_voices: captions of the clip mirrored; without them it is never mirrored.
    """

    row: int
    grid: Grid
    still_frame: int
    voices: tuple[Voice, ...]
    mirrored_voices: tuple[Voice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusIndex:
    """The clips of one split of a corpus that have captions.

    Attributes:
        version: of the corpus.
        split: which clips.
        entries: in the order of the rows.
        num_without_captions: clips of the split that were left out because nothing is said of them.
    """

    version: str
    split: str
    entries: tuple[ClipEntry, ...]
    num_without_captions: int


def still_frame(clip_id: str, num_frames: int) -> int:
    """Draw the frame of a clip that is shown on its own: the same one always; the first of one clip in three.

    Else it comes from the middle half. Pictures are most often the beginning of what is to be made of them.

    Args:
        clip_id: of the row.
        num_frames: how many frames the clip has.

    Returns:
        The number of a frame.
    """
    if derive("first", clip_id) % 3 == 0:
        return 0
    quarter = num_frames // 4
    return quarter + derive("still", clip_id) % max(num_frames - 2 * quarter, 1)


def corpus_index(corpus: Corpus, *, split: str = "train") -> CorpusIndex:
    """Read what a plan must know of the clips of one split.

    Args:
        corpus: the table.
        split: `train` or `held_out`.

    Returns:
        The index, in memory.

    Raises:
        CorpusError: if no clip belongs to the split.
        CaptionsError: if none of them has a caption.
    """
    entries: list[ClipEntry] = []
    num_in_split = 0
    columns = ("id", "split", "num_frames", "width_px", "height_px", "fps", "lines")
    row = -1
    for batch in corpus.scan(columns):
        for clip_id, row_split, num_frames, width_px, height_px, fps, lines in zip(*batch.values(), strict=True):
            row += 1
            if row_split != split:
                continue
            num_in_split += 1
            voices, mirrored = _voices(lines)
            if voices:
                grid = grid_for(num_frames=num_frames, width_px=width_px, height_px=height_px, fps=fps)
                frame = still_frame(clip_id, num_frames)
                entry = ClipEntry(row=row, grid=grid, still_frame=frame, voices=voices, mirrored_voices=mirrored)
                entries.append(entry)
    if not num_in_split:
        raise CorpusError(f"{corpus.path} has no clip of split {split!r} among its {corpus.num_rows} clips")
    if not entries:
        raise CaptionsError(
            f"none of the {num_in_split} clips of {corpus.path} has a caption; "
            "put a text file of the same name beside each clip and add them again"
        )
    num_without = num_in_split - len(entries)
    return CorpusIndex(version=corpus.version, split=split, entries=tuple(entries), num_without_captions=num_without)


def _voices(lines: str) -> tuple[tuple[Voice, ...], tuple[Voice, ...]]:
    captions = captions_from_json(lines)
    plain = tuple(Voice(register=c.register, variant=c.variant) for c in captions if not c.is_mirrored)
    mirrored = tuple(Voice(register=c.register, variant=c.variant) for c in captions if c.is_mirrored)
    return plain, mirrored
