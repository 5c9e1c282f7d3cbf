"""The keyed ring: one key, one tile; another key, nothing in common."""

import numpy as np
import pytest

from misora.core.errors import UsageError
from misora.trust.tile import HIGHEST, LOWEST, MarkKey, bins_of, folded, repeated, ring, spectrum_of, tile_of, wanted

KEY, OTHER = MarkKey(bytes(range(32))), MarkKey(bytes(32))


def test_a_key_is_thirty_two_bytes_and_never_printed() -> None:
    with pytest.raises(UsageError, match="32 bytes, got 5"):
        MarkKey(b"short")
    assert "secret" not in repr(KEY)


def test_a_key_always_gives_the_same_bins() -> None:
    bins = bins_of(KEY)  # marks made today must be found by every later version
    assert bins.phases[:3].tolist() == pytest.approx([4.8407898, 6.1682153, 5.2638960], abs=1e-6)
    assert bins.sync[:4].tolist() == [1, 2, 5, 8]


def test_every_bin_has_one_role() -> None:
    bins = bins_of(KEY)
    assert sorted([*bins.sync.tolist(), *bins.data.flatten().tolist()]) == list(range(len(ring()[0])))


def test_phases_are_spread_evenly() -> None:
    phases = np.concatenate([bins_of(MarkKey(bytes([n]) * 32)).phases for n in range(20)])
    assert abs(np.exp(1j * phases).mean()) < 4 / np.sqrt(len(phases))


def test_the_ring_holds_one_of_each_pair() -> None:
    rows, columns = ring()
    both = {
        *zip(rows.tolist(), columns.tolist(), strict=True),
        *zip((-rows).tolist(), (-columns).tolist(), strict=True),
    }
    assert len(both) == 2 * len(rows)
    assert np.hypot(rows, columns).min() >= LOWEST
    assert np.hypot(rows, columns).max() <= HIGHEST


def test_a_tile_has_unit_variance_and_another_keys_tile_is_foreign_to_it() -> None:
    one, two = tile_of(wanted(KEY, 5)), tile_of(wanted(OTHER, 5))
    assert one.std() == pytest.approx(1, rel=1e-3)
    assert abs((one * two).mean()) < 0.15
    assert (one * tile_of(wanted(KEY, 6))).mean() > 0.8  # ids share the bins that find the mark


def test_folding_sums_what_repeating_laid_out() -> None:
    tile = tile_of(wanted(KEY, 1))
    assert np.allclose(folded(repeated(tile, 128, 192)), 6 * tile, atol=1e-4)
    assert np.allclose(folded(repeated(tile, 20, 30))[:20, :30], tile[:20, :30])


def test_a_tile_transformed_back_is_its_spectrum() -> None:
    spectrum = wanted(KEY, 7)
    found = spectrum_of(tile_of(spectrum))
    assert np.allclose(found / np.abs(found).mean(), spectrum, atol=1e-3)
