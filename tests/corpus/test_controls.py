"""Controls from the truth of worlds."""

from dataclasses import replace

import pytest
import torch
from safetensors.torch import save

from misora.corpus.controls import controls_of, draw_for
from misora.corpus.plan import Sample, SampleKey
from misora.model.controls import NO_CONTROLS, Controls, camera_motion
from misora.model.grid import Grid
from misora.worlds.draw import draw_script
from misora.worlds.film import film

NUM_FRAMES = 16
KEY = SampleKey(row=0, is_mirrored=False, register="plain", register_seed=0, is_still=False, frame=0)
SAMPLE = Sample(KEY, Grid(groups=4, rows=4, columns=6, seconds_per_group=0.5))


def truth(*, cut_at: int = NUM_FRAMES) -> bytes:
    """A camera that goes one metre to the right a frame and looks away from us; a thing that crosses the picture."""
    frames = torch.arange(NUM_FRAMES).float()
    zeros = torch.zeros(NUM_FRAMES)
    axes = torch.tensor([[1.0, 0, 0], [0, 0, 1], [0, 1, 0]]).expand(NUM_FRAMES, 3, 3).contiguous()
    centres = torch.stack((torch.stack((6 * frames, zeros + 16), 1), torch.full((NUM_FRAMES, 2), float("nan"))), 1)
    return save(
        {
            "camera_positions_m": torch.stack((frames, zeros, zeros), 1),
            "camera_axes": axes,
            "centres_px": centres,
            "visible": torch.stack((frames < 12, zeros > 0), 1),
            "shots": (torch.arange(NUM_FRAMES) >= cut_at).int(),
        }
    )


def known(controls: Controls) -> tuple[torch.Tensor, torch.Tensor]:
    assert controls.camera is not None
    assert controls.track is not None
    return controls.camera, controls.track


def test_footage_has_no_controls() -> None:
    assert controls_of(None, SAMPLE, draw=0) == NO_CONTROLS


def test_a_latent_frame_is_told_of_the_middle_of_its_group() -> None:
    camera, seen = known(controls_of(truth(), SAMPLE, draw=0))
    assert camera[:, 2].tolist() == [2, 6, 10, 14]
    assert camera[:, [0, 1, 3, 4]].abs().max() == 0
    assert seen.tolist() == [[-0.75, -0.5, 1], [-0.25, -0.5, 1], [0.25, -0.5, 1], [0, 0, 0]]


def test_a_thing_that_is_never_seen_is_never_tracked() -> None:
    tracks = [known(controls_of(truth(), SAMPLE, draw=draw))[1] for draw in range(4)]
    assert all(torch.equal(track, tracks[0]) for track in tracks)


def test_a_mirrored_sample_mirrors_its_controls() -> None:
    mirrored = Sample(replace(KEY, is_mirrored=True), SAMPLE.grid)
    camera, seen = known(controls_of(truth(), mirrored, draw=0))
    assert camera[:, 2].tolist() == [-2, -6, -10, -14]
    assert seen[:, 0].tolist() == [0.75, 0.25, -0.25, 0]


def test_after_a_cut_motion_begins_anew_and_the_track_ends() -> None:
    camera, _ = known(controls_of(truth(cut_at=8), SAMPLE, draw=0))
    assert camera[:, 2].tolist() == [2, 6, 2, 6]
    first, _ = (known(controls_of(truth(cut_at=8), SAMPLE, draw=draw))[1] for draw in (0, 1))
    assert first[:, 2].tolist() == [1, 1, 0, 0]


def test_a_still_has_a_place_to_be_seen_at_and_no_motion() -> None:
    still = Sample(replace(KEY, is_still=True, frame=8), Grid(groups=1, rows=4, columns=6, seconds_per_group=0.0))
    controls = controls_of(truth(), still, draw=0)
    assert controls.camera is None
    assert controls.track is not None
    assert controls.track.tolist() == [[0, -0.5, 1]]


def test_the_last_group_may_overhang() -> None:
    longer = Sample(KEY, Grid(groups=5, rows=4, columns=6, seconds_per_group=0.5))
    assert known(controls_of(truth(), longer, draw=0))[0][:, 2].tolist() == [2, 6, 10, 14, 15]


def test_what_is_drawn_depends_on_seed_step_and_row() -> None:
    assert len({draw_for(*names) for names in ((0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1))}) == 4


@pytest.mark.parametrize("seed", [3])
def test_the_truth_of_a_filmed_script_is_understood(seed: int) -> None:
    take = film(draw_script(seed, split="train"))
    sample = Sample(KEY, Grid(groups=take.clip.num_frames // 4, rows=6, columns=6, seconds_per_group=0.5))
    camera, _ = known(controls_of(save(take.truth.to_tensors()), sample, draw=seed))
    motion = camera_motion(take.truth.camera_positions_m, take.truth.camera_axes[:, 2])
    torch.testing.assert_close(camera[0], motion[2])
