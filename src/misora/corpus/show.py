"""What a corpus holds, in numbers and as a sheet of clips that a person can look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from jaxtyping import UInt8
from torch import Tensor

from misora.core.errors import UsageError
from misora.core.seeds import numpy_rng
from misora.corpus import ledger
from misora.corpus.encode import latent_columns, latent_keys
from misora.corpus.row import captions_from_json
from misora.corpus.table import Corpus
from misora.video.decode import decode
from misora.video.strip import contact_sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A corpus in numbers.

    Attributes:
        num_rows: clips.
        version: names the rows.
        seconds: of all clips together.
        splits: clips by split.
        sources: clips by source, the largest first.
        sizes: clips by `WxH`.
        licences: clips by licence.
        renderers: clips by what made their pixels.
        num_encoded: clips with latents, by key of the autoencoder.
        num_failures: entries of the ledger.
    """

    num_rows: int
    version: str
    seconds: float
    splits: Mapping[str, int]
    sources: Mapping[str, int]
    sizes: Mapping[str, int]
    licences: Mapping[str, int]
    renderers: Mapping[str, int]
    num_encoded: Mapping[str, int]
    num_failures: int

    def __str__(self) -> str:
        """One line a fact."""
        kinds = ("splits", "sources", "sizes", "licences", "renderers")
        lines = (
            f"{self.num_rows:,} clips, {self.seconds / 60:.1f} min, version {self.version}",
            *(f"{kind}: {_shares(getattr(self, kind))}" for kind in kinds),
            f"latents: {_shares(self.num_encoded)}",
            f"ledger: {self.num_failures:,} entries",
        )
        return "\n".join(lines)


def summary(corpus: Corpus) -> Summary:
    """Count what a corpus holds.

    Args:
        corpus: the table.

    Returns:
        The numbers.
    """
    counts = {name: Counter(corpus.column(name)) for name in ("split", "source", "licence", "renderer")}
    sizes = zip(corpus.column("width_px"), corpus.column("height_px"), strict=True)
    return Summary(
        num_rows=corpus.num_rows,
        version=corpus.version,
        seconds=sum(corpus.column("seconds")),
        splits=dict(counts["split"].most_common()),
        sources=dict(counts["source"].most_common()),
        sizes=dict(Counter(f"{width}x{height}" for width, height in sizes).most_common()),
        licences=dict(counts["licence"].most_common()),
        renderers=dict(counts["renderer"].most_common()),
        num_encoded={
            key: corpus.num_rows - corpus.num_missing(latent_columns(key).still) for key in latent_keys(corpus)
        },
        num_failures=len(ledger.read(corpus.path)),
    )


def sheet(corpus: Corpus, *, clips: int = 12, seed: int = 0) -> UInt8[Tensor, "3 H W"]:
    """Draw some clips at random, with what is said of them.

    Args:
        corpus: the table.
        clips: how many at most.
        seed: draws which.

    Returns:
        One image.

    Raises:
        UsageError: if the corpus is empty or no clip is asked for.
    """
    if corpus.num_rows == 0 or clips < 1:
        raise UsageError(f"nothing to show: {corpus.path} holds {corpus.num_rows} clips and {clips} were asked for")
    rows = sorted(numpy_rng(seed, "sheet").permutation(corpus.num_rows)[:clips].tolist())
    found = corpus.read(rows, ["id", "video", "lines"])
    labels = [f"{name}  {_words(lines)}" for name, lines in zip(found["id"], found["lines"], strict=True)]
    return contact_sheet([decode(video) for video in found["video"]], labels, num_columns=1 if len(rows) < 4 else 2)


def _words(lines: str) -> str:
    captions = captions_from_json(lines)
    spoken = next(
        (c for c in captions if c.register == "plain" and not c.is_mirrored), captions[0] if captions else None
    )
    return " / ".join(line.text for line in spoken.lines) if spoken else "(nothing is said)"


def _shares(counts: Mapping[str, int], most: int = 5) -> str:
    shown = [f"{name} {count:,}" for name, count in list(counts.items())[:most]]
    rest = len(counts) - most
    return ", ".join([*shown, *([f"and {rest:,} more"] if rest > 0 else [])]) or "none"
