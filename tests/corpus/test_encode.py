from typing import Any

import numpy as np
import pytest
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from misora.core.errors import NumericsError, UsageError
from misora.corpus.encode import LatentsError, encode_corpus, latent_columns, latent_keys, require_latents
from misora.corpus.index import still_frame
from misora.corpus.progress import ignore_progress
from misora.corpus.table import Corpus
from misora.video.decode import decode


def encode(corpus: Corpus, encoder: Any, key: str = "mean") -> int:
    return encode_corpus(corpus, encoder, key=key, batch_groups=16, on_progress=ignore_progress)


def latents(corpus: Corpus, row: int, column: str, columns: int = 6) -> Tensor:
    blob = corpus.read([row], [column])[column][0]
    return torch.from_numpy(np.frombuffer(blob, np.float16).reshape(-1, 12, 6, columns).astype(np.float32))


def test_clip_mirror_and_still_agree_with_the_pixels(filmed: Corpus, mean_encoder: Any) -> None:
    assert encode(filmed, mean_encoder) == 8
    names = require_latents(filmed, "mean")
    for row, columns in ((0, 6), (6, 8)):
        frames = decode(filmed.read([row], ["video"])["video"][0]).frames
        expected = frames[:, :, ::16, ::16].float().unflatten(0, (-1, 4)).flatten(1, 2) / 256
        assert torch.allclose(latents(filmed, row, names.clip, columns), expected, atol=1e-3)  # float16 near 1
        assert torch.allclose(latents(filmed, row, names.mirror, columns), expected.flip(-1), atol=1e-3)
        still = frames[still_frame(f"clip-{row}", len(frames))][:, ::16, ::16].float() / 256
        assert torch.allclose(latents(filmed, row, names.still, columns)[0], still.repeat(4, 1, 1), atol=1e-3)


def test_an_overhanging_group_repeats_the_last_frame(filmed: Corpus, mean_encoder: Any) -> None:
    encode(filmed, mean_encoder)
    last = latents(filmed, 3, latent_columns("mean").clip)[-1].unflatten(0, (4, 3))  # frames 8, 9, and 9 twice more
    assert torch.equal(last[1], last[2])
    assert torch.equal(last[1], last[3])
    assert not torch.equal(last[0], last[1])


def test_a_second_call_encodes_only_what_is_missing(filmed: Corpus, mean_encoder: Any) -> None:
    class StopsInTheSecondFragment(type(mean_encoder)):  # type: ignore[misc]
        def encode_frames(self, frames: UInt8[Tensor, "g 4 3 H W"]) -> Float[Tensor, "g c h w"]:
            if self.num_groups > 40:
                raise KeyboardInterrupt
            return super().encode_frames(frames)

    with pytest.raises(KeyboardInterrupt):
        encode(filmed, StopsInTheSecondFragment())
    filmed.refresh()
    with pytest.raises(LatentsError, match="4 of the 8 clips"):
        require_latents(filmed, "mean")
    assert encode(filmed, mean_encoder) == 4
    assert encode(filmed, mean_encoder) == 0
    whole = Corpus.open(filmed.path)
    assert require_latents(whole, "mean") == latent_columns("mean")


def test_latents_of_another_autoencoder_are_refused(filmed: Corpus, mean_encoder: Any) -> None:
    with pytest.raises(LatentsError, match=r"no latents of the autoencoder 'mean' in hand \(found: none\)"):
        require_latents(filmed, "mean")
    encode(filmed, mean_encoder)
    with pytest.raises(LatentsError, match=r"no latents of the autoencoder 'new' in hand \(found: 'mean'\)"):
        require_latents(filmed, "new")
    encode(filmed, mean_encoder, key="new")
    assert set(latent_keys(filmed)) == {"mean", "new"}


def test_numbers_that_are_not_finite_are_refused(filmed: Corpus) -> None:
    class Breaks:
        def encode_frames(self, frames: UInt8[Tensor, "g 4 3 H W"]) -> Float[Tensor, "g c h w"]:
            return torch.full((len(frames), 1, 6, frames.shape[-1] // 16), 1e9)

    with pytest.raises(NumericsError, match="latents beyond float16"):
        encode(filmed, Breaks())


def test_a_key_is_a_plain_word() -> None:
    with pytest.raises(UsageError, match="letters, digits and underscores"):
        latent_columns("a-b; drop")
