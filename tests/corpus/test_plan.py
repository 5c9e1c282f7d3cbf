import itertools
from collections import Counter
from dataclasses import replace

import pytest

from misora.core.config import from_dict
from misora.core.errors import UsageError
from misora.corpus.index import ClipEntry, CorpusIndex, Voice
from misora.corpus.plan import Plan, PlanSettings
from misora.model.grid import Grid

VOICES = tuple(
    Voice(register=register, variant=variant) for register in ("tags", "plain", "story") for variant in (0, 1)
)
GRIDS = tuple(
    Grid(groups=groups, rows=rows, columns=columns, seconds_per_group=0.5)
    for groups in (2, 4, 6)
    for rows, columns in ((6, 6), (6, 8), (8, 6))
)


def index_of(num_clips: int, *, grids: tuple[Grid, ...] = GRIDS) -> CorpusIndex:
    entries = tuple(
        ClipEntry(row=n, grid=grids[n % len(grids)], still_frame=3, voices=VOICES, mirrored_voices=VOICES)
        for n in range(num_clips)
    )
    return CorpusIndex(version="v", split="train", entries=entries, num_without_captions=0)


def test_packs_are_nearly_full_and_never_too_full() -> None:
    plan = Plan(index_of(2000), PlanSettings(), 0)
    sizes = [sum(sample.grid.num_tokens for sample in plan.samples(step)) for step in range(60)]
    assert max(sizes) <= 6912
    efficiency = sum(sizes) / (len(sizes) * 6912)
    print(f"packing efficiency {efficiency:.2%} over {len(sizes)} packs")
    assert efficiency > 0.995


def test_any_step_can_be_asked_for_at_any_time() -> None:
    def plan() -> Plan:
        return Plan(index_of(200), PlanSettings(max_tokens=1000), 7)

    onward = [plan().batch(step) for step in range(3)]
    jumping = plan()
    late = jumping.batch(140)
    assert [jumping.batch(step) for step in range(3)] == onward
    assert jumping.batch(140) == late
    walking = plan()
    assert [walking.batch(step) for step in range(141)][140] == late


@pytest.mark.parametrize("change", ["seed", "version", "settings"])
def test_another_seed_version_or_setting_gives_another_plan(change: str) -> None:
    index, settings, seed = index_of(60), PlanSettings(max_tokens=800), 0
    first = Plan(index, settings, seed).batch(0)
    if change == "seed":
        seed = 1
    elif change == "version":
        index = replace(index, version="w")
    else:
        settings = PlanSettings(max_tokens=700)
    assert Plan(index, settings, seed).batch(0) != first


def test_every_clip_comes_once_an_epoch() -> None:
    plan = Plan(index_of(300), PlanSettings(max_tokens=2000), 0)
    seen: Counter[int] = Counter(key.row for step in range(150) for key in plan.batch(step))
    assert len(seen) == 300
    assert max(seen.values()) - min(seen.values()) <= 2  # the epoch that is under way, and the packs still open


def test_clips_of_one_grid_stand_together() -> None:
    plan = Plan(index_of(300), PlanSettings(), 0)
    shapes = [s.grid.shape for s in plan.samples(5)]
    changes = sum(a != b for a, b in itertools.pairwise(shapes))
    assert changes == len(set(shapes)) - 1 > 0


def test_shares_of_mirrors_stills_and_registers_are_as_set() -> None:
    plan = Plan(index_of(500), PlanSettings(card_share=0.1), 0)
    keys = [key for step in range(64) for key in plan.batch(step)]
    stills = [key for key in keys if key.is_still]
    assert len(stills) / len(keys) == pytest.approx(0.08, abs=0.017)  # 3 standard deviations of 2,500 draws
    assert all(key.frame == 3 and not key.is_mirrored for key in stills)
    clips = [key for key in keys if not key.is_still]
    assert not any(key.has_card for key in keys if key.is_still or key.is_mirrored)
    plain = [key for key in clips if not key.is_mirrored]
    assert sum(key.has_card for key in plain) / len(plain) == pytest.approx(0.1, abs=0.03)
    assert sum(key.is_mirrored for key in clips) / len(clips) == pytest.approx(0.5, abs=0.03)
    registers = Counter(key.register for key in keys)
    assert registers["plain"] / len(keys) == pytest.approx(0.5, abs=0.03)
    assert Counter(key.register_seed for key in keys)[0] / len(keys) == pytest.approx(0.5, abs=0.03)


def test_a_clip_without_mirrored_captions_is_never_mirrored() -> None:
    index = index_of(50)
    mute = tuple(replace(entry, mirrored_voices=()) for entry in index.entries)
    plan = Plan(replace(index, entries=mute), PlanSettings(max_tokens=800), 0)
    assert not any(key.is_mirrored for step in range(20) for key in plan.batch(step))


def test_a_corpus_smaller_than_one_pack_repeats_within_it() -> None:
    plan = Plan(index_of(3), PlanSettings(still_share=0.0, max_tokens=1500), 0)
    rows = Counter(key.row for key in plan.batch(0))
    assert set(rows) == {0, 1, 2}
    assert max(rows.values()) > 1


def test_clips_longer_than_a_pack_are_left_out_and_counted() -> None:
    plan = Plan(index_of(90), PlanSettings(max_tokens=200), 0)
    assert plan.num_too_long == 30
    with pytest.raises(UsageError, match=r"max_tokens=70; the smallest has 72 tokens"):
        Plan(index_of(90), PlanSettings(max_tokens=70), 0)


def test_settings_are_read_strictly() -> None:
    settings = from_dict(PlanSettings, {"max_tokens": 100, "registers": {"plain": 5.0}}, where="plan")
    assert (settings.max_tokens, settings.registers.plain) == (100, 5.0)
    with pytest.raises(UsageError, match="still_share must lie in"):
        PlanSettings(still_share=1.5)
    with pytest.raises(UsageError, match="count from 0"):
        Plan(index_of(9), PlanSettings(), 0).batch(-1)
