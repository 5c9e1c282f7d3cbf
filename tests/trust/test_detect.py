"""The mark through what files go through; no mark where there is none; and a mark that was copied."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from scipy import stats
from scipy.ndimage import gaussian_filter

from misora.trust.detect import detect, p_value_of, structure_of
from misora.trust.search import best_of, score_at, spectra_of
from misora.trust.tile import MarkKey
from misora.trust.watermark import embed
from misora.video.clip import Clip
from misora.video.decode import decode
from misora.video.encode import encode
from misora.video.resize import resize_frames

KEY, MARK_ID = MarkKey(bytes(range(32))), 0xC0FFEE42
Frames = torch.Tensor


def scene(seed: int, num_frames: int = 8, side: int = 96) -> Frames:
    """A soft ground under a box that moves: as plain as the playroom, which is what compresses hardest."""
    rng = np.random.default_rng(seed)
    ground = gaussian_filter(rng.normal(0, 1, (side, side)), 6)
    ground = 110 + 25 * ground / ground.std() + rng.normal(0, 1.5, (side, side))
    frames = np.repeat(ground[None, None], num_frames, 0).repeat(3, 1) + rng.uniform(-30, 30, (1, 3, 1, 1))
    for index, frame in enumerate(frames):
        frame[:, 30:60, 8 + 5 * index : 33 + 5 * index] = rng.uniform(40, 200)
    return torch.from_numpy(frames.clip(0, 255).astype(np.uint8))


def compressed(frames: Frames, crf: int) -> Frames:
    return decode(encode(Clip.at_rate(frames, 8), crf=crf)).frames


def blurred(frames: Frames) -> Frames:
    soft = gaussian_filter(frames.numpy().astype(np.float32), (0, 0, 0.8, 0.8))
    return torch.from_numpy(soft.round().astype(np.uint8))


def brighter(frames: Frames, by: float) -> Frames:
    return (frames.float() * by).round().clamp(0, 255).to(torch.uint8)


@pytest.fixture(scope="module")
def saved() -> Frames:
    return compressed(embed(scene(1), mark_id=MARK_ID, key=KEY), 16)


DAMAGE: dict[str, Callable[[Frames], Frames]] = {
    "nothing": lambda frames: frames,
    "crf 23": lambda frames: compressed(frames, 23),
    "resize 0.7": lambda frames: resize_frames(frames, (67, 67)),
    "resize 1.5": lambda frames: resize_frames(frames, (144, 144)),
    "crop 0.8": lambda frames: frames[:, :, 11:88, 5:82].contiguous(),
    "brighter": lambda frames: brighter(frames, 1.2),
    "darker": lambda frames: brighter(frames, 0.8),
    "blur": blurred,
    "half the frames": lambda frames: frames[::2],
    "one frame": lambda frames: frames[3:4],
    "mirror": lambda frames: frames.flip(-1),
    "all at once": lambda frames: compressed(brighter(frames.flip(-1)[:, :, 4:92, 6:94].contiguous(), 1.1), 20),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_the_mark_and_its_id_survive(name: str, saved: Frames) -> None:
    found = detect(Clip.at_rate(DAMAGE[name](saved), 8), KEY)
    assert found.found
    assert found.mark_id == MARK_ID
    assert found.is_mirrored == (name in ("mirror", "all at once"))
    assert found.scale == pytest.approx({"resize 0.7": 0.7, "resize 1.5": 1.5}.get(name, 1), rel=0.015)
    assert found.id_agreement > 0.7


def test_a_large_picture_turned_a_little_is_found_by_its_middle() -> None:
    from PIL import Image

    marked = embed(scene(3, 1, 256), mark_id=MARK_ID, key=KEY)
    turned = [np.asarray(Image.fromarray(plane).rotate(1, Image.Resampling.BICUBIC)) for plane in marked[0].numpy()]
    found = detect(Clip.at_rate(torch.from_numpy(np.stack(turned))[None], 8), KEY)
    assert found.mark_id == MARK_ID


def test_no_mark_is_found_in_unmarked_frames_or_with_another_key(saved: Frames) -> None:
    for frames, key in ((scene(1), KEY), (saved, MarkKey(bytes(32)))):
        found = detect(Clip.at_rate(frames, 8), key)
        assert (found.found, found.mark_id, found.scale, found.is_mirrored) == (False, None, 1.0, False)


def test_plain_frames_of_every_level_bear_no_mark() -> None:
    for level in (0, 128, 255):
        assert not detect(Clip.at_rate(torch.full((2, 3, 96, 96), level, dtype=torch.uint8), 8), KEY).found


def test_chance_reaches_a_p_value_no_more_often_than_it_says() -> None:
    rng = np.random.default_rng(0)
    spectra = [spectra_of(structure_of(Clip.at_rate(scene(seed, 2, 48), 8))) for seed in range(4)]
    drawn = [p_value_of(best_of(each, MarkKey(rng.bytes(32))).z, each.size_px) for each in spectra for _ in range(20)]
    for level in (0.5, 0.1, 0.02):
        seen = sum(value <= level for value in drawn)
        assert stats.binomtest(seen, len(drawn), level, alternative="greater").pvalue > 1e-3
    assert np.quantile(drawn, 0.3) < 0.99  # an upper bound, but no empty one


def test_the_score_at_one_place_is_standard_normal() -> None:
    spectra, rng = spectra_of(structure_of(Clip.at_rate(scene(2, 2), 8))), np.random.default_rng(0)
    scores = [score_at(spectra, MarkKey(rng.bytes(32)), 48, 10.3, 5.0) for _ in range(400)]
    assert stats.kstest(scores, "norm").pvalue > 1e-3


def test_a_higher_score_is_less_likely_and_a_larger_search_finds_more() -> None:
    values = [p_value_of(z, (96, 96)) for z in (0.0, 4.0, 6.0, 7.5, 12.0)]
    assert values == sorted(values, reverse=True)
    assert values[0] == 1.0
    assert values[3] < 1e-6 < values[2]
    assert p_value_of(7.0, (256, 256)) > p_value_of(7.0, (96, 96))


def test_a_mark_can_be_copied_from_one_clip_to_another() -> None:
    marked = compressed(embed(scene(1, 16), mark_id=MARK_ID, key=KEY), 16)
    stolen = structure_of(Clip.at_rate(marked, 8))  # no key needed: the attacker keeps what stands still
    forged = (scene(7).float() + torch.from_numpy(3.5 * stolen / stolen.std())).round().clamp(0, 255).to(torch.uint8)
    found = detect(Clip.at_rate(compressed(forged, 16), 8), KEY)
    assert found.found  # so a detection is a hint, and never proof of where a clip comes from
    assert found.mark_id == MARK_ID
