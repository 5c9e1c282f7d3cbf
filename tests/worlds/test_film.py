from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch

from misora.core.errors import MisoraError
from misora.worlds.draw import draw_script
from misora.worlds.film import Filmer, Take, film, find_staging
from misora.worlds.grammar import WIDE
from misora.worlds.scene import Scene
from misora.worlds.script import Script


@pytest.fixture(scope="module")
def filmer() -> Iterator[Filmer]:
    with Filmer() as filmer:
        yield filmer


@pytest.fixture(scope="module")
def take(filmer: Filmer) -> Take:
    return filmer.film(small(1, num_lines=2, seconds=2.0), maps=True)


def small(seed: int, **options: object) -> Script:
    settings: dict = {"split": "any", "seconds": 1.0, "size": (96, 96), "fps": 8, "num_lines": 1, **options}
    return draw_script(seed, **settings)


def test_a_take_has_the_size_rate_and_length_of_its_script(filmer: Filmer) -> None:
    for size in ((96, 96), (128, 96), (96, 128)):
        script = small(2, size=size, fps=12)
        clip = filmer.film(script).clip
        assert (clip.size, clip.fps, clip.num_frames) == (size, 12.0, 12)


def test_the_same_script_gives_the_same_bits_whatever_was_filmed_before(filmer: Filmer) -> None:
    script = small(4)
    before = filmer.film(script)
    filmer.film(small(5, size=(128, 96)))
    with Filmer() as other:
        elsewhere = other.film(script, maps=True)
    after = filmer.film(script)
    for again in (after, elsewhere):
        assert torch.equal(before.clip.frames, again.clip.frames)
        assert torch.equal(before.truth.positions_m, again.truth.positions_m)


def test_the_things_lie_where_the_truth_says(take: Take) -> None:
    segmentation, truth = take.truth.segmentation, take.truth
    assert segmentation is not None
    for frame in range(take.clip.num_frames):
        for k in range(len(take.script.shots[int(truth.shots[frame])].things)):
            rows, columns = torch.where(segmentation[frame] == k + 1)
            middle = torch.stack([columns.float().mean(), rows.float().mean()]) + 0.5
            assert (middle - truth.centres_px[frame, k]).norm() < 6  # a neighbour may hide a part


def test_depth_is_that_of_the_surface(take: Take) -> None:
    depth, segmentation, truth = take.truth.depth_m, take.truth.segmentation, take.truth
    assert depth is not None
    assert segmentation is not None
    nearest = depth[0][segmentation[0] == 1].min()
    assert 0.2 < truth.depths_m[0, 0] - nearest < 1.0  # about a radius before the centre


def test_things_are_large_enough_to_tell_their_shape(take: Take) -> None:
    assert take.truth.segmentation is not None
    pixels = (take.truth.segmentation == 1).sum(dim=(1, 2)) / take.clip.frames[0, 0].numel()
    assert pixels.min() > 0.015
    assert pixels.max() < 0.2


def test_absent_things_are_nan_and_not_visible(filmer: Filmer) -> None:
    scripts = (small(seed, num_lines=2, seconds=2.0) for seed in range(200))
    script = next(s for s in scripts if len({len(shot.things) for shot in s.shots}) == 2)
    truth = filmer.film(script).truth
    lonely = min(range(2), key=lambda index: len(script.shots[index].things))
    frames = truth.shots == lonely
    assert truth.positions_m[frames, 1].isnan().all()
    assert not truth.visible[frames, 1].any()
    assert truth.visible[:, 0].all()


def test_a_staging_that_cannot_be_is_an_error(filmer: Filmer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("misora.worlds.film._MAX_ATTEMPTS", 2)
    script = next(s for s in map(small, range(200)) if s.shots[0].beats[0].kind == "roll")
    beat = replace(script.shots[0].beats[0], kind="collide", target=0)
    impossible = replace(script, shots=(replace(script.shots[0], beats=(beat,)),))
    with pytest.raises(MisoraError, match=r"in 2 tries .*; draw another seed"):
        find_staging(Scene(), impossible, 0)


def test_one_call_films_one_script() -> None:
    assert film(small(0)).clip.num_frames == 8


def test_a_trail_is_seen_to_the_end_and_belongs_to_no_thing(filmer: Filmer) -> None:
    scripts = (draw_script(seed, split="any", num_lines=1, seconds=2.0, grammar=WIDE) for seed in range(2000))
    script = next(
        s for s in scripts
        if s.shots[0].things[0].paints and s.shots[0].camera == "still" and s.shots[0].beats[0].direction != "towards"
    )  # fmt: skip
    plain = replace(script.shots[0].things[0], paints=False)
    bare = replace(script, shots=(replace(script.shots[0], things=(plain, *script.shots[0].things[1:])),))
    painted, clean = (filmer.film(each, maps=True) for each in (script, bare))
    change = (painted.clip.frames.int() - clean.clip.frames.int()).abs().amax(1) > 12
    areas = change.flatten(1).sum(1)
    assert areas[0] < areas[areas.numel() // 2] < areas[-1]
    assert areas[-1] > 60
    assert painted.truth.segmentation is not None
    assert clean.truth.segmentation is not None
    assert torch.equal(painted.truth.segmentation, clean.truth.segmentation)


def test_patches_show_two_shades_of_a_colour(filmer: Filmer) -> None:
    scripts = (draw_script(seed, split="any", num_lines=1, seconds=1.0, grammar=WIDE) for seed in range(2000))
    script = next(
        s for s in scripts if (t := s.shots[0].things[0]).material == "checkered" and t.colour == "red"
    )  # fmt: skip
    take = filmer.film(script, maps=True)
    assert take.truth.segmentation is not None
    red = take.clip.frames[:, 0][take.truth.segmentation == 1].float()
    assert red.quantile(0.8) > 1.6 * red.quantile(0.2)
