import numpy as np
import torch

from misora.evaluate.viewpoint import NUM_FEATURES, CameraNetwork, camera_features, mirrored_camera


def _ground(x: float, turn: float) -> torch.Tensor:
    ground = torch.eye(2, 3).repeat(8, 1, 1)
    way = torch.linspace(0, 1, 8)
    ground[:, 0, 2], ground[:, 0, 1], ground[:, 1, 0], ground[:, 1, 2] = x * way, turn * way, -turn * way, 0.1 * way
    return ground


def test_the_features_in_a_mirror_are_those_of_the_mirrored_way() -> None:
    times = np.arange(8) / 8
    rows = torch.from_numpy(
        np.stack([camera_features(_ground(s * 0.3, s * 0.2), times_seconds=times) for s in (1, -1)])
    )
    assert rows.shape == (2, NUM_FEATURES)
    torch.testing.assert_close(mirrored_camera(rows[:1]), rows[1:])


def test_a_camera_at_rest_has_no_way() -> None:
    row = camera_features(torch.eye(2, 3).repeat(8, 1, 1), times_seconds=np.arange(8) / 8)
    assert not row[:-1].any()
    assert CameraNetwork()(torch.from_numpy(row)[None]).shape == (1, 6)
