from pathlib import Path

from misora.corpus.ledger import NAME, Failure, cause_of, read, record


def test_failures_are_read_back_in_order(tmp_path: Path) -> None:
    failures = tuple(Failure(path=f"{n}.mp4", stage="decode", cause="broken") for n in range(3))
    for failure in failures:
        record(tmp_path, failure)
    assert read(tmp_path) == failures


def test_a_corpus_without_failures_has_an_empty_ledger(tmp_path: Path) -> None:
    assert read(tmp_path) == ()


def test_a_line_torn_by_a_crash_is_skipped(tmp_path: Path) -> None:
    record(tmp_path, Failure(path="a", stage="cut", cause="b"))
    with (tmp_path / NAME).open("a") as file:
        file.write('{"path": "b", "sta')
    assert len(read(tmp_path)) == 1


def test_a_cause_is_one_line() -> None:
    assert cause_of(ValueError("first\n  second")) == "ValueError: first second"
