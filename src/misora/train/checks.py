"""What is refused or told of a corpus before anything is encoded or trained."""

from __future__ import annotations

from pathlib import Path

from misora.core.errors import MediaError, UsageError
from misora.corpus.index import corpus_index
from misora.corpus.plan import Plan, PlanSettings
from misora.corpus.table import Corpus, CorpusError
from misora.model.autoencoder import Autoencoder
from misora.model.dial import TransformerSize
from misora.video.decode import decode


def check_pixels(corpus: Corpus) -> None:
    """Refuse a corpus whose clips this version cannot decode; the first clip speaks for all.

    Args:
        corpus: what would be trained on.

    Raises:
        CorpusError: it has no clips, or they were written for another decoder.
    """
    if not corpus.num_rows:
        raise CorpusError(f"{corpus.path} has no clips yet; film or add some first")
    first = corpus.read([0], ["id", "video"])
    try:
        decode(first["video"][0])
    except MediaError as error:
        raise CorpusError(
            f"{corpus.path} was written for another decoder: clip {first['id'][0]} cannot be read ({error}); "
            "film or add its clips again with this version"
        ) from error


def check_channels(size: TransformerSize, autoencoder: Autoencoder, *, where: Path | str) -> None:
    """Refuse an autoencoder whose latents the transformer cannot read.

    Args:
        size: of the transformer.
        autoencoder: whose latents it would be given.
        where: where the autoencoder lies.

    Raises:
        UsageError: a latent cell has another count of numbers.
    """
    found = autoencoder.size.latent_channels
    if found != size.latent_channels:
        raise UsageError(
            f"the autoencoder in {where} makes latents of {found} numbers a cell and this recipe reads "
            f"{size.latent_channels}; give --model the autoencoder that goes with it"
        )


def check_clips(corpus: Corpus, settings: PlanSettings) -> str:
    """Refuse a corpus from which no clip can be told and packed, and say which clips are left out.

    Args:
        corpus: what would be trained on.
        settings: how clips are packed.

    Returns:
        A line on clips without captions and clips that are too long; empty when there are none.

    Raises:
        CorpusError: no clip to train on.
        CaptionsError: none of them has a caption.
        UsageError: none of them is short enough.
    """
    index = corpus_index(corpus)
    plan = Plan(index, settings, seed=0)
    num_all = len(index.entries) + index.num_without_captions
    left_out = []
    if plan.num_too_long:
        left_out.append(f"{plan.num_too_long} have more than {plan.max_clip_tokens} tokens")
    if index.num_without_captions:
        left_out.append(f"{index.num_without_captions} have no caption")
    return f"of {num_all} clips, {' and '.join(left_out)}; they are left out" if left_out else ""
