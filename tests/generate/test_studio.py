"""The studio."""

from pathlib import Path

import pytest
import torch

from misora.core.errors import UsageError, WeightsError
from misora.generate.studio import Studio


def test_a_sentence_becomes_a_video_of_the_models_default_kind(studio: Studio) -> None:
    video = studio.generate("a red ball rolls left", steps=2, seed=7)
    limits = studio.model.limits
    assert video.clip.size == limits.default_size
    assert video.clip.fps == limits.default_fps
    assert video.clip.seconds == pytest.approx(limits.default_seconds)
    assert (video.record.seed, video.record.steps, video.record.model) == (7, 2, "tiny")


def test_sizes_durations_and_rates_are_free(studio: Studio) -> None:
    video = studio.generate("a red ball", steps=1, size=(128, 64), seconds=1.25, fps=4.0, scale=2)
    assert (video.clip.num_frames, video.clip.size) == (5, (256, 128))


def test_a_picture_is_one_frame(studio: Studio) -> None:
    assert studio.generate("a red ball", steps=1, is_still=True).clip.num_frames == 1


def test_a_seed_is_drawn_when_not_given_and_gives_the_same_frames_again(studio: Studio) -> None:
    first = studio.generate("a red ball", steps=1, seconds=0.5)
    again = studio.generate("a red ball", steps=1, seconds=0.5, seed=first.canvas.seed)
    assert torch.equal(first.clip.frames, again.clip.frames)
    assert studio.canvas("a red ball").seed != studio.canvas("a red ball").seed


@pytest.mark.parametrize("seconds", [0.0, -2.0, float("nan")])
def test_no_duration_is_refused_with_what_fits(studio: Studio, seconds: float) -> None:
    with pytest.raises(UsageError, match="above 0 and at most 60"):
        studio.generate("a red ball", seconds=seconds)


def test_words_never_met_are_named(studio: Studio) -> None:
    assert studio.unknown_words("a red zebra rolls") == ("zebra",)


def test_a_model_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no model named 'nonesuch'"):
        Studio.load("nonesuch")
    with pytest.raises(WeightsError, match="not a model folder"):
        Studio.load(tmp_path)
