import numpy as np
import torch

from misora.evaluate.cuts import NUM_FEATURES, CutNetwork, change_features, find_cuts
from misora.evaluate.network import Maps
from misora.evaluate.tracks import find_blobs


def test_the_step_over_a_cut_changes_most() -> None:
    frames = torch.full((8, 3, 32, 32), 60, dtype=torch.uint8)
    frames[4:] = 200
    floor = torch.zeros(8, 4)
    floor[:4, 0], floor[4:, 2] = 9, 9
    maps = Maps(colour=torch.zeros(8, 11, 16, 16), shape=torch.zeros(8, 5, 16, 16), floor=floor)
    rows = change_features(frames, maps, blobs=find_blobs(maps))
    assert rows.shape == (7, NUM_FEATURES)
    assert (rows[:, :5].argmax(0) == 3).all()


def test_neighbouring_steps_make_one_cut() -> None:
    network = CutNetwork()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.zero_()
        network.layers[0].weight[0, 0] = network.layers[2].weight[0, 0] = network.layers[4].weight[0, 0] = 1
        network.layers[4].bias[0] = -1
    rows = np.zeros((9, NUM_FEATURES), dtype=np.float32)
    rows[[2, 3, 7], 0] = 3, 2, 5
    assert find_cuts(network, rows) == (3, 8)
