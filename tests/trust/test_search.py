"""The search over sizes, shifts and the mirror, on patterns whose place is known."""

import numpy as np
import pytest

from misora.trust.search import LARGEST, SMALLEST, WINDOW_PX, best_of, spectra_of
from misora.trust.tile import MarkKey, repeated, tile_of, wanted

KEY = MarkKey(bytes(range(32)))


def pattern(rows: int = 96, columns: int = 96) -> np.ndarray:
    return repeated(tile_of(wanted(KEY, 3)), 192, 192)[:rows, :columns]


def test_a_bare_pattern_reaches_the_ceiling_where_it_was_laid() -> None:
    peak = best_of(spectra_of(pattern(128, 128)), KEY)
    assert peak.z == pytest.approx(np.sqrt(2 * 286), rel=0.02)  # every cosine 1
    assert (peak.zoom, peak.is_mirrored) == (1.0, False)


@pytest.mark.parametrize(("down", "right"), [(5, 0), (0, 11), (40, 63)])
def test_a_crop_hides_nothing(down: int, right: int) -> None:
    moved = repeated(pattern(64, 64), 192, 192)[down : down + 96, right : right + 96]
    assert best_of(spectra_of(np.ascontiguousarray(moved)), KEY).z > 20


def test_a_mirrored_pattern_is_found_in_the_mirror() -> None:
    peak = best_of(spectra_of(np.ascontiguousarray(pattern()[:, ::-1])), KEY)
    assert peak.is_mirrored
    assert peak.z > 20


@pytest.mark.parametrize("scale", [0.6, 0.7, 1.5, 1.9])
def test_a_resized_pattern_is_found_at_its_size(scale: float) -> None:
    from PIL import Image

    side = round(96 * scale)
    resized = np.asarray(Image.fromarray(pattern()).resize((side, side), Image.Resampling.LANCZOS))
    peak = best_of(spectra_of(resized), KEY)
    assert 1 / peak.zoom == pytest.approx(side / 96, rel=0.01)
    assert peak.z > 15


def test_of_a_large_picture_the_middle_is_searched_over_the_same_sizes() -> None:
    spectra = spectra_of(np.zeros((8, 1000), dtype=np.float32))
    assert spectra.size_px == (8, WINDOW_PX)
    assert spectra.zooms.min() >= 1 / LARGEST
    assert spectra.zooms.max() <= 1 / SMALLEST
    assert 1.0 in spectra.zooms[::2]


def test_nothing_to_see_is_no_error() -> None:
    assert best_of(spectra_of(np.zeros((1, 1), dtype=np.float32)), KEY).z == pytest.approx(0, abs=1e-3)
