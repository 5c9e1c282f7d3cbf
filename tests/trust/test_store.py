"""What was made here."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from misora.core.errors import OutputError
from misora.trust import store
from misora.trust.home import Home


def entry(mark_id: int, sha256: str = "c" * 64) -> store.Entry:
    return store.Entry(
        id=mark_id,
        finished=store.now(),
        title="a.mp4",
        mime="video/mp4",
        sha256=sha256,
        manifest=b"\0m",
        fingerprint=b"f",
    )


def test_an_id_is_never_given_away_twice(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    with ThreadPoolExecutor(8) as pool:
        drawn = list(pool.map(lambda _: store.allocate(home), range(200)))
    assert len(set(drawn)) == 200
    assert all(0 < number < 2**32 for number in drawn)
    draws = iter([drawn[0] - 1, drawn[1] - 1, 4])
    monkeypatch.setattr(store.secrets, "randbelow", lambda _: next(draws))
    assert store.allocate(home) == 5


def test_what_was_finished_is_found_by_id_and_by_hash(home: Home) -> None:
    wanted = entry(store.allocate(home))
    assert not store.has_finished(home)
    store.finish(home, wanted)
    assert store.has_finished(home)
    assert store.find(home, wanted.id) == store.find_file(home, wanted.sha256) == wanted
    assert store.find(home, wanted.id ^ 1) is None
    assert store.find_file(home, "d" * 64) is None


def test_an_id_is_finished_once_and_only_if_it_was_given_away(home: Home) -> None:
    first = entry(store.allocate(home))
    store.finish(home, first)
    for wrong in (replace(first, title="another"), entry(first.id ^ 1)):
        with pytest.raises(OutputError, match="not allocated here or is finished"):
            store.finish(home, wrong)
    assert store.find(home, first.id) == first


def test_a_broken_entry_is_no_entry_and_harms_no_other(home: Home) -> None:
    first, second = (entry(store.allocate(home), digit * 64) for digit in "ab")
    for each in (first, second):
        store.finish(home, each)
    (home.folder / "made" / first.name[:2] / f"{first.name}.json").write_text("{")
    assert store.find(home, first.id) is None
    assert store.find(home, second.id) == second
    place = store._place(home, first.id)
    assert store.broken_entry(home, first.id, first.sha256) == place, "it is not as if it never had been"
    assert store.broken_entry(home, None, first.sha256) == store._place_of_hash(home, first.sha256)
    assert store.broken_entry(home, second.id, second.sha256) is None
    assert store.broken_entry(home, store.allocate(home)) is None, "given away, not finished"
    assert store.broken_entry(home, 5, "c" * 64) is None


def test_an_entry_put_in_the_place_of_another_id_is_no_entry(home: Home) -> None:
    first, second = entry(store.allocate(home)), entry(store.allocate(home), "d" * 64)
    store.finish(home, first)
    store.finish(home, second)
    store._place(home, first.id).write_bytes(store._place(home, second.id).read_bytes())
    assert store.find(home, first.id) is None
    assert store.find(home, second.id) == second


def test_nothing_of_the_store_is_for_others(home: Home) -> None:
    store.finish(home, entry(store.allocate(home)))
    for path in home.folder.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path
