"""Which clips make up which batch: a pure function of corpus version, settings, seed and step.

Samples are an endless stream of permutations of the corpus, packed first-fit into a fixed number of open packs, as
torchtitan packs text; nothing is padded. Any step can be asked for at any time, so a run resumes with one number.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass, field, fields, replace

from misora.core.errors import UsageError
from misora.core.seeds import numpy_rng
from misora.corpus.index import ClipEntry, CorpusIndex, Voice
from misora.model.grid import FRAMES_PER_GROUP, Grid

_MIN_PACKS_IN_CHUNK = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterWeights:
    """How often each manner of speaking is drawn, relative to the others that a clip has.

    Attributes:
        tags: a list of key words.
        plain: one plain sentence a line.
        story: freer sentences.
        paragraph: three to five sentences.
        caption: what came beside a footage file.
    """

    tags: float = 1.0
    plain: float = 2.0
    story: float = 1.0
    paragraph: float = 1.0
    caption: float = 1.0

    def __post_init__(self) -> None:
        for spec in fields(self):
            if not (value := getattr(self, spec.name)) > 0:
                raise UsageError(f"RegisterWeights.{spec.name} must be above 0, got {value}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSettings:
    """How samples are drawn and packed.

    Attributes:
        max_tokens: the most tokens of one batch.
        max_clip_tokens: the most tokens of one clip; longer ones are left out. As many as a batch when not given.
        num_open_packs: batches that are filled at the same time.
        mirror_share: how often a clip that can be mirrored is.
        still_share: how often one frame stands for the clip, where that is not its first.
        card_share: how often a clip that is not mirrored comes with a card: one of its frames, shown at its own time.
        has_controls: whether the camera's motion and tracks are read from the truth of worlds.
        registers: how often each manner of speaking is drawn.
    """

    max_tokens: int = 6912
    max_clip_tokens: int | None = None
    num_open_packs: int = 8
    mirror_share: float = 0.5
    still_share: float = 0.08
    card_share: float = 0.0
    has_controls: bool = False
    registers: RegisterWeights = field(default_factory=RegisterWeights)

    def __post_init__(self) -> None:
        for name in ("max_tokens", "num_open_packs"):
            if (value := getattr(self, name)) < 1:
                raise UsageError(f"PlanSettings.{name} must be at least 1, got {value}")
        for name in ("mirror_share", "still_share", "card_share"):
            if not 0 <= (value := getattr(self, name)) <= 1:
                raise UsageError(f"PlanSettings.{name} must lie in [0, 1], got {value}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleKey:
    """One sample: which clip, and how it is shown and told.

    Attributes:
        row: of the corpus.
        is_mirrored: whether left and right are exchanged.
        register: manner of speaking.
        register_seed: choice of words within the register.
        is_still: whether one frame stands for the clip.
        frame: that frame; 0 for a clip.
        has_card: whether the clip's still stands beside it.
    """

    row: int
    is_mirrored: bool
    register: str
    register_seed: int
    is_still: bool
    frame: int
    has_card: bool = False


@dataclass(frozen=True, slots=True)
class Sample:
    """A key and the latent grid that it fills, its card included."""

    key: SampleKey
    grid: Grid


@dataclass(slots=True)
class _Pack:
    room: int
    samples: list[Sample] = field(default_factory=list)

    def add(self, sample: Sample) -> None:
        self.samples.append(sample)
        self.room -= sample.grid.num_tokens


@dataclass(frozen=True, slots=True)
class _Chunk:
    """A stretch of the stream: its first step, and the packs left open before it."""

    first_step: int
    carried: tuple[tuple[Sample, ...], ...]


class Plan:
    """The batches of a training run; holds a cache, but every answer depends on its arguments alone."""

    def __init__(self, index: CorpusIndex, settings: PlanSettings, seed: int) -> None:
        """Prepare a plan.

        Args:
            index: the clips.
            settings: how samples are drawn and packed.
            seed: another seed gives another order.

        Raises:
            UsageError: if no clip fits into a batch.
        """
        self.index = index
        self.settings = settings
        self.seed = seed
        self._entries = [entry for entry in index.entries if entry.grid.num_tokens <= self.max_clip_tokens]
        if not self._entries:
            smallest = min(entry.grid.num_tokens for entry in index.entries)
            raise UsageError(f"no clip fits into max_tokens={self.max_clip_tokens}; the smallest has {smallest} tokens")
        tokens = [entry.grid.num_tokens for entry in self._entries]
        stills = [entry.grid.rows * entry.grid.columns for entry in self._entries]
        self._min_tokens = min(stills if settings.still_share else tokens)
        self._epochs_in_chunk = math.ceil(_MIN_PACKS_IN_CHUNK * settings.max_tokens / sum(tokens))
        self._chunks = [_Chunk(0, ())]
        self._packed: tuple[int, list[tuple[Sample, ...]]] = (-1, [])

    @property
    def max_clip_tokens(self) -> int:
        """Tokens of the longest clip that is not left out."""
        return min(self.settings.max_clip_tokens or self.settings.max_tokens, self.settings.max_tokens)

    @property
    def num_too_long(self) -> int:
        """Clips that are left out because they exceed `max_clip_tokens`."""
        return len(self.index.entries) - len(self._entries)

    def batch(self, step: int) -> tuple[SampleKey, ...]:
        """Say what makes up one batch.

        Args:
            step: from 0.

        Returns:
            The samples; those of the same grid stand together.
        """
        return tuple(sample.key for sample in self.samples(step))

    def samples(self, step: int) -> tuple[Sample, ...]:
        """Say what makes up one batch, with the grid of each sample.

        Args:
            step: from 0.

        Returns:
            The samples; those of the same grid stand together.

        Raises:
            UsageError: if `step` is negative.
        """
        if step < 0:
            raise UsageError(f"steps count from 0, got {step}")
        number = bisect_right([chunk.first_step for chunk in self._chunks], step) - 1
        packs = self._pack_chunk(number)
        while step >= self._chunks[number].first_step + len(packs):
            number += 1
            packs = self._pack_chunk(number)
        return packs[step - self._chunks[number].first_step]

    def _pack_chunk(self, number: int) -> list[tuple[Sample, ...]]:
        if self._packed[0] == number:
            return self._packed[1]
        chunk = self._chunks[number]
        open_packs = [_Pack(self.settings.max_tokens) for _ in chunk.carried]
        for pack, samples in zip(open_packs, chunk.carried, strict=True):
            for sample in samples:
                pack.add(sample)
        closed: list[tuple[Sample, ...]] = []
        first_epoch = number * self._epochs_in_chunk
        for epoch in range(first_epoch, first_epoch + self._epochs_in_chunk):
            for sample in draw_epoch(self._entries, self.settings, f"{self.index.version}/{self.seed}/{epoch}"):
                closed.extend(_sorted(pack) for pack in self._place(sample, open_packs))
        if number + 1 == len(self._chunks):
            carried = tuple(tuple(pack.samples) for pack in open_packs)
            self._chunks.append(_Chunk(chunk.first_step + len(closed), carried))
        self._packed = (number, closed)
        return closed

    def _place(self, sample: Sample, open_packs: list[_Pack]) -> list[_Pack]:
        """Put a sample into the first open pack with room; return the packs that are thereby closed."""
        closed: list[_Pack] = []
        pack = next((pack for pack in open_packs if pack.room >= sample.grid.num_tokens), None)
        if pack is None:
            if len(open_packs) >= self.settings.num_open_packs:
                fullest = min(open_packs, key=lambda pack: pack.room)
                open_packs.remove(fullest)
                closed.append(fullest)
            pack = _Pack(self.settings.max_tokens)
            open_packs.append(pack)
        pack.add(sample)
        if pack.room < self._min_tokens:
            open_packs.remove(pack)
            closed.append(pack)
        return closed


def draw_epoch(entries: list[ClipEntry], settings: PlanSettings, name: str) -> list[Sample]:
    """Draw every clip once, in a random order, each in a random way.

    Args:
        entries: the clips.
        settings: how samples are drawn.
        name: of the epoch; another name gives another draw.

    Returns:
        One sample a clip.
    """
    rng = numpy_rng("plan", name)
    order = rng.permutation(len(entries)).tolist()
    draws = rng.random((len(entries), 4)).tolist()
    return [_draw(entries[place], settings, *draw) for place, draw in zip(order, draws, strict=True)]


def _draw(entry: ClipEntry, settings: PlanSettings, still: float, mirror: float, word: float, card: float) -> Sample:
    is_telling = entry.still_frame > 0 or entry.grid.groups == 1  # at the beginning little has happened of what is said
    is_still = is_telling and still < settings.still_share
    is_mirrored = not is_still and bool(entry.mirrored_voices) and mirror < settings.mirror_share
    voice = _choose(entry.mirrored_voices if is_mirrored else entry.voices, settings.registers, word)
    can_have_card = not is_still and not is_mirrored and entry.grid.seconds_per_group > 0
    has_card = can_have_card and card < settings.card_share
    key = SampleKey(
        row=entry.row,
        is_mirrored=is_mirrored,
        register=voice.register,
        register_seed=voice.variant,
        is_still=is_still,
        frame=entry.still_frame if is_still else 0,
        has_card=has_card,
    )
    grid = entry.grid
    if is_still:
        grid = Grid(groups=1, rows=grid.rows, columns=grid.columns, seconds_per_group=0.0)
    if has_card:
        frame_seconds = grid.seconds_per_group / FRAMES_PER_GROUP
        grid = replace(grid, cards_seconds=((entry.still_frame + 0.5) * frame_seconds,))
    return Sample(key, grid)


def _choose(voices: tuple[Voice, ...], weights: RegisterWeights, draw: float) -> Voice:
    left = draw * sum(getattr(weights, voice.register) for voice in voices)
    for voice in voices:
        left -= getattr(weights, voice.register)
        if left < 0:
            return voice
    return voices[-1]


def _sorted(pack: _Pack) -> tuple[Sample, ...]:
    return tuple(sorted(pack.samples, key=lambda sample: sample.grid.shape))
