"""What the detector sees: structure, as loud in texture as on plain ground."""

import numpy as np
import pytest

from misora.trust.whiten import NEAR_PX, box, luma_of, passed, whitened


def test_brightness_is_that_of_the_standard() -> None:
    frame = np.zeros((3, 1, 3), dtype=np.uint8)
    frame[[0, 1, 2], 0, [0, 1, 2]] = 255
    assert luma_of(frame)[0].tolist() == pytest.approx([76.245, 149.685, 29.07], abs=1e-3)


def test_plain_ground_and_slopes_show_nothing() -> None:
    slope = np.tile(np.arange(64, dtype=np.float32), (64, 1))
    structure, _ = whitened(slope)
    assert np.abs(structure[8:-8, 8:-8]).max() < 1e-3


def test_strong_and_faint_texture_look_alike() -> None:
    noise = np.random.default_rng(0).normal(0, 1, (96, 96)).astype(np.float32)
    faint, loud = (whitened(128 + size * noise)[0] for size in (8, 32))
    assert np.corrcoef(faint.flatten(), loud.flatten())[0, 1] > 0.99
    assert loud.std() == pytest.approx(faint.std(), rel=0.1)


def test_a_speck_is_limited() -> None:
    frame = np.full((32, 32), 100, dtype=np.float32)
    frame[16, 16] = 255
    assert np.abs(whitened(frame)[0]).max() <= 1.5


def test_the_boxs_response_is_the_measured_one() -> None:
    x = np.arange(640)
    for cycles in (0.0, 0.05, 0.2, 0.3):
        wave = np.cos(2 * np.pi * cycles * x).astype(np.float32)[None].repeat(9, 0)
        kept = box(wave, NEAR_PX)[4, 8:-8] @ wave[4, 8:-8] / (wave[4, 8:-8] @ wave[4, 8:-8])
        assert kept == pytest.approx(float(passed(np.array([cycles]))[0]), abs=0.02)
