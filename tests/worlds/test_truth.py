import torch
from safetensors.torch import load, save

from misora.worlds.truth import Truth


def test_truth_survives_safetensors_with_and_without_maps() -> None:
    f, k = 3, 2
    truth = Truth(
        positions_m=torch.rand(f, k, 3),
        quaternions=torch.rand(f, k, 4),
        velocities=torch.rand(f, k, 3),
        angular_velocities=torch.rand(f, k, 3),
        centres_px=torch.rand(f, k, 2),
        depths_m=torch.rand(f, k),
        visible=torch.ones(f, k, dtype=torch.bool),
        camera_positions_m=torch.rand(f, 3),
        camera_axes=torch.rand(f, 3, 3),
        focal_px=torch.rand(f),
        shots=torch.zeros(f, dtype=torch.int32),
        contacts=torch.zeros(0, 4),
        depth_m=torch.rand(f, 4, 5),
        renderer="osmesa – test",
    )
    back = Truth.from_tensors(load(save(truth.to_tensors())))
    assert back.renderer == truth.renderer
    assert back.segmentation is None
    assert all(torch.equal(value, back.to_tensors()[name]) for name, value in truth.to_tensors().items())
