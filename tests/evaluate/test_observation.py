import numpy as np
import torch

from misora.evaluate.network import MapNetwork
from misora.evaluate.observation import observation_from_tensors, observation_to_tensors, observed


def _noise(num_frames: int) -> torch.Tensor:
    return torch.randint(0, 256, (num_frames, 3, 32, 32), dtype=torch.uint8)


def test_an_observation_survives_storage() -> None:
    seen, _ = observed(MapNetwork().eval(), _noise(5), times_seconds=np.arange(5) / 8)
    again = observation_from_tensors(observation_to_tensors(seen))
    assert torch.equal(again.floor, seen.floor)
    assert again.cuts == seen.cuts
    for name in ("area", "centre", "extent", "lean", "shape", "num_parts"):
        assert np.array_equal(getattr(again.blobs, name), getattr(seen.blobs, name))


def test_each_scene_begins_where_the_camera_then_stands() -> None:
    seen, _ = observed(MapNetwork().eval(), _noise(6), times_seconds=np.arange(6) / 8)
    scenes = seen.scenes((4,))
    assert [len(scene.times_seconds) for scene in scenes] == [4, 2]
    assert all(torch.equal(scene.ground[0], torch.eye(2, 3)) for scene in scenes)
    assert all(track.change[0] == 0 for scene in scenes for track in scene.tracks)
