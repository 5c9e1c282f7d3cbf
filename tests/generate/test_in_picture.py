"""Abilities in the picture."""

import pytest
import torch

from misora.core.errors import UsageError
from misora.generate.abilities import blend, draft, finalise, inpaint, reframe, remix, strength_of, variations
from misora.generate.latents import known_tokens
from misora.generate.studio import Studio, generate, generate_sheet
from misora.video.clip import Clip


def clip(num_frames: int = 8, *, size: tuple[int, int] = (64, 64)) -> Clip:
    """Random pixels."""
    frames = torch.randint(0, 256, (num_frames, 3, size[1], size[0]), dtype=torch.uint8)
    return Clip.at_rate(frames, 8.0 if num_frames > 1 else 1.0)


def test_a_remix_sets_out_from_its_source_by_its_strength(studio: Studio) -> None:
    source = clip()
    starts = [
        known_tokens(studio.model, remix(studio, source, "a blue ball", strength=strength)).start.max().item()
        for strength in ("subtle", "mild", "strong", 0.25, "0.9")
    ]
    assert starts == pytest.approx([0.46, 0.61, 0.82, 0.55, 0.94])


@pytest.mark.parametrize("strength", ["wild", 0.0, 1.0, -1.0, "nan"])
def test_a_strength_out_of_range_is_refused(strength: float | str) -> None:
    with pytest.raises(UsageError, match="strength is subtle, mild, strong, or a number between 0 and 1"):
        strength_of(strength)


def test_a_remixed_picture_stays_a_picture(studio: Studio) -> None:
    video = generate(studio, remix(studio, clip(1), "a blue ball", seed=1), steps=1)
    assert video.canvas.is_still
    assert video.clip.num_frames == 1


def test_a_blend_begins_as_the_first_and_ends_as_the_second(studio: Studio) -> None:
    first, second = clip(), clip(12)
    asked = blend(studio, first, second, seed=1)
    known = known_tokens(studio.model, asked)
    encode = studio.model.autoencoder.encode_frames
    tokens = known.clean.view(2, 16, -1)
    assert asked.num_frames == 8
    for row, source, frames in ((0, first, slice(0, 4)), (1, second, slice(4, 8))):
        own = encode(source.frames[frames][None])[0].flatten(1).T
        other = encode((second if row == 0 else first).frames[frames][None])[0].flatten(1).T
        assert (tokens[row] - own).norm() < (tokens[row] - other).norm()
    assert generate(studio, asked, steps=1).clip.num_frames == 8


def test_curves_of_a_blend_are_names_or_points(studio: Studio) -> None:
    mixed = blend(studio, clip(), clip(), curve="mix")
    assert {pin.weight_at(0.5) for pin in mixed.pins} == {0.5}
    assert blend(studio, clip(), clip(), curve=((0.0, 0.0), (1.0, 1.0))).pins[1].weight_at(0.5) == pytest.approx(0.5)
    with pytest.raises(UsageError, match="unknown curve 'wavy'; there is even"):
        blend(studio, clip(), clip(), curve="wavy")
    with pytest.raises(UsageError, match="shares between 0 and 1"):
        blend(studio, clip(), clip(), curve=((0.0, 2.0),))


def test_only_what_the_mask_leaves_is_kept(studio: Studio) -> None:
    source, kept = clip(), torch.ones(8, 64, 64, dtype=torch.bool)
    kept[:, 20:40, 20:40] = False
    video = generate(studio, inpaint(studio, source, kept, "a red ball", seed=1), steps=1)
    same = (video.clip.frames == source.frames).all(1)
    assert same[kept].all()
    assert not same[~kept].all()


def test_a_mask_of_another_size_or_without_a_hole_is_refused(studio: Studio) -> None:
    with pytest.raises(UsageError, match="does not fit 8 frames of 64x64 px"):
        inpaint(studio, clip(), torch.ones(8, 32, 32, dtype=torch.bool))
    with pytest.raises(UsageError, match="keeps everything"):
        inpaint(studio, clip(), torch.ones(8, 64, 64, dtype=torch.bool))


def test_a_clip_is_widened_around_its_middle(studio: Studio) -> None:
    source = clip()
    video = generate(studio, reframe(studio, source, size=(96, 64), seed=1), steps=1)
    assert video.clip.size == (96, 64)
    assert torch.equal(video.clip.frames[..., 16:80], source.frames)
    for size, message in ((None, "say the size"), ((128, 128), "fills 128x128 already")):
        with pytest.raises(UsageError, match=message):
            reframe(studio, source, size=size)


def test_a_widened_clip_is_known_as_the_middle_of_a_wide_one_whose_sides_are_painted_anew(studio: Studio) -> None:
    source, wide = clip(), clip(size=(96, 64))
    wide.frames[..., 16:80] = source.frames
    is_kept = torch.zeros(8, 64, 96, dtype=torch.bool)
    is_kept[..., 16:80] = True
    one = known_tokens(studio.model, reframe(studio, source, size=(96, 64), seed=1))
    other = known_tokens(studio.model, inpaint(studio, wide, is_kept, seed=1))
    assert torch.equal(one.start, other.start)
    assert torch.equal(one.clean, other.clean)
    assert 0 < int((one.start == 0).sum()) < len(one.start)


def test_a_clip_blended_with_itself_is_its_remix(studio: Studio) -> None:
    source = clip()
    one = known_tokens(studio.model, blend(studio, source, source, curve="mix", seed=1))
    strength = (0.8 - 0.4) / 0.6  # of the level at which both sources of an even blend set out
    other = known_tokens(studio.model, remix(studio, source, "a red ball", strength=strength, seed=1))
    assert torch.allclose(one.clean, other.clean, atol=1e-5)
    assert torch.allclose(one.start, other.start)


def test_variations_count_their_seeds_up_and_lie_on_one_sheet(studio: Studio) -> None:
    asked = studio.canvas("a red ball", size=(64, 64), seed=4, is_still=True)
    some = variations(studio, asked, 3)
    assert [each.seed for each in some] == [4, 5, 6]
    sheet = generate_sheet(studio, some, steps=1)
    assert (sheet.clip.size, sheet.record.size) == ((128, 128), (128, 128))
    assert torch.equal(sheet.clip.frames[0][:, :64, :64], generate(studio, some[0], steps=1).clip.frames[0])
    with pytest.raises(UsageError, match="at least one picture"):
        generate_sheet(studio, [])


def test_a_draft_is_small_and_its_final_a_remix_of_it(studio: Studio) -> None:
    small = draft(studio, studio.canvas("a red ball", size=(128, 96), seconds=1.0))
    assert small.size == (80, 64)
    made = generate(studio, small, steps=1).clip
    large = finalise(studio, made, "a red ball", strength=0.5)
    assert large.size[0] / large.size[1] == pytest.approx(80 / 64, rel=0.06)
    assert large.size > small.size
    assert large.pins[0].keep == pytest.approx(1 - strength_of(0.5))
    assert finalise(studio, made, "a red ball", size=(160, 128)).size == (160, 128)


def test_a_draft_of_a_part_of_a_picture_is_refused(studio: Studio) -> None:
    with pytest.raises(UsageError, match="a draft is for whole pictures"):
        draft(studio, reframe(studio, clip(), size=(96, 64)))
