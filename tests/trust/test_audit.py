"""The log that tells when it was touched."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from misora.core.errors import AuditError, OutputError, UsageError
from misora.trust import audit
from misora.trust.head import Head, read_head
from misora.trust.home import Home


def filled(home: Home, num: int = 5) -> list[bytes]:
    for number in range(num):
        audit.append(home, "signature", {"id": number})
    return path(home).read_bytes().splitlines(keepends=True)


def path(home: Home) -> Path:
    return home.folder / audit.NAME


def words(home: Home) -> str:
    return " / ".join(f"{finding.line} {finding.words}" for finding in audit.verify(home)[1])


def test_an_untouched_log_is_whole(home: Home) -> None:
    assert audit.verify(home) == (Head(number=0, hash="0" * 64), [])
    assert not home.folder.exists(), "judging makes nothing"
    filled(home)
    head, findings = audit.verify(home)
    assert (head.number, findings) == (5, [])
    assert read_head(home) == head
    assert [entry["data"]["id"] for entry in audit.entries(home)] == [0, 1, 2, 3, 4]
    assert path(home).stat().st_mode & 0o777 == 0o600


def test_an_edit_is_found_in_its_line(home: Home) -> None:
    lines = filled(home)
    lines[2] = lines[2].replace(b'"id": 2', b'"id": 9')
    path(home).write_bytes(b"".join(lines))
    assert words(home) == "3 was edited: its hash does not fit"


def test_an_edit_with_its_hash_mended_is_found_by_signature_and_chain(home: Home) -> None:
    lines = filled(home)
    entry = json.loads(lines[2])
    body = {name: entry[name] for name in ("n", "time", "kind", "data", "prev")} | {"data": {"id": 9}}
    forged = {**body, "hash": audit._digest(body), "sig": entry["sig"]}
    lines[2] = json.dumps(forged).encode() + b"\n"
    path(home).write_bytes(b"".join(lines))
    assert "3 was not written by this installation" in words(home)
    assert "4 does not follow line 3" in words(home)


def test_a_removed_and_a_moved_line_are_found(home: Home) -> None:
    lines = filled(home)
    path(home).write_bytes(b"".join(lines[:2] + lines[3:]))
    assert "3 does not follow line 2" in words(home)
    path(home).write_bytes(b"".join([lines[1], lines[0], *lines[2:]]))
    assert "1 does not follow line 0" in words(home)


def test_a_cut_end_is_found_by_the_head_that_is_kept_apart(home: Home) -> None:
    lines = filled(home)
    path(home).write_bytes(b"".join(lines[:3]))
    assert words(home) == "3 the log ends at line 3, but its head knows line 5: the end was cut off"
    with pytest.raises(AuditError, match="the end was cut off"):
        audit.append(home, "signature", {})
    path(home).unlink()
    assert "the log ends at line 0" in words(home)
    assert home.head_path.parent != home.folder


def test_a_log_begun_anew_is_found_by_a_head_noted_elsewhere(home: Home) -> None:
    filled(home)
    noted = audit.verify(home)[0]
    path(home).unlink()
    home.head_path.unlink()
    audit.append(home, "decision", {"begun": "anew"})  # else two logs of one second are the same, byte for byte
    filled(home, 6)
    assert audit.verify(home)[1] == []
    [finding] = audit.verify(home, head=noted)[1]
    assert finding.words == "line 5 is not the one that the head knows: the log was rewritten"


def test_a_line_that_says_a_thing_twice_or_is_spelled_anew_is_found(home: Home) -> None:
    lines = filled(home)
    twice = lines[2].replace(b'"data": {"id": 2}', b'"data": {"id": 9}, "data": {"id": 2}')
    for edited in (twice, lines[2].replace(b", ", b",")):
        path(home).write_bytes(b"".join([*lines[:2], edited, *lines[3:]]))
        assert words(home) == "3 was edited: it is not spelled as it was written"


def test_a_number_without_end_is_an_edit_and_no_crash(home: Home) -> None:
    lines = filled(home)
    path(home).write_bytes(b"".join([*lines[:4], lines[4].replace(b'"n": 5', b'"n": Infinity')]))
    assert "5 is no entry" in words(home)
    home.head_path.write_text('{"n": Infinity, "hash": "", "sig": ""}')
    with pytest.raises(AuditError, match="was edited or is broken"):
        audit.verify(home)


def test_a_cut_log_whose_head_was_removed_too_is_told(home: Home) -> None:
    lines = filled(home)
    path(home).write_bytes(b"".join(lines[:3]))
    home.head_path.unlink()
    assert "3 the log has 3 lines, but its head" in words(home)


@pytest.mark.parametrize("num_left", [1, 3, 5])
def test_nothing_is_made_on_top_of_a_log_without_its_head_until_it_is_adopted(home: Home, num_left: int) -> None:
    lines = filled(home)
    path(home).write_bytes(b"".join(lines[:num_left]))
    home.head_path.unlink()
    with pytest.raises(AuditError, match=r"is gone: its end may have been cut off.*misora audit adopt"):
        audit.append(home, "signature", {})
    assert path(home).read_bytes() == b"".join(lines[:num_left])
    assert not home.head_path.exists()
    assert audit.adopt(home).number == num_left + 1
    assert audit.verify(home)[1] == []
    assert list(audit.entries(home))[-1]["kind"] == "adopted", "what was done stays in the log"
    with pytest.raises(UsageError, match="nothing to adopt"):
        audit.adopt(home)


def test_a_log_with_another_fault_is_not_adopted(home: Home) -> None:
    with pytest.raises(UsageError, match="no lines"):
        audit.adopt(home)
    lines = filled(home)
    path(home).write_bytes(b"".join([lines[0], *lines[2:]]))
    home.head_path.unlink()
    with pytest.raises(AuditError, match=r"line 2 of .* does not follow line 1"):
        audit.adopt(home)


def test_a_last_line_that_was_put_in_place_of_another_stops_the_log(home: Home) -> None:
    lines = filled(home)
    kept = home.head_path.read_bytes()
    path(home).write_bytes(b"".join(lines[:4]))
    home.head_path.unlink()
    audit.adopt(home)
    home.head_path.write_bytes(kept)
    with pytest.raises(AuditError, match="knows another: it was rewritten"):
        audit.append(home, "signature", {})


def test_a_line_longer_than_any_is_not_written_and_one_put_there_is_one_finding(home: Home) -> None:
    filled(home, 2)
    before = path(home).read_bytes()
    with pytest.raises(OutputError, match="of at most 1048576"):
        audit.append(home, "signature", {"title": "a" * (1 << 20)})
    assert path(home).read_bytes() == before
    third = audit.append(home, "signature", {"title": "a" * ((1 << 20) - 1000)})
    assert audit.append(home, "signature", {}).number == third.number + 1
    assert audit.verify(home)[1] == []
    long = b'{"n": 5, "x": "' + b"a" * (5 << 20) + b'"}\n'
    path(home).write_bytes(path(home).read_bytes() + long)
    assert words(home) == "5 is no entry: torn by a crash, or edited"
    with pytest.raises(AuditError, match="last line is no entry"):
        audit.append(home, "signature", {})


def test_a_refused_line_leaves_what_a_crash_left(home: Home) -> None:
    lines = filled(home)
    torn = b"".join([*lines[:3], lines[3][:9]])
    path(home).write_bytes(torn)
    with pytest.raises(AuditError, match="the end was cut off"):
        audit.append(home, "signature", {})
    assert path(home).read_bytes() == torn


def test_a_head_that_lags_after_a_crash_is_no_finding(home: Home) -> None:
    filled(home, 2)
    early = home.head_path.read_bytes()
    filled(home, 1)
    home.head_path.write_bytes(early)
    assert audit.verify(home)[1] == []


def test_a_line_torn_by_a_crash_is_told_and_the_log_goes_on(home: Home) -> None:
    filled(home, 2)
    with path(home).open("ab") as file:
        file.write(b'{"n": 3, "ti')
    assert "3 is no entry" in words(home)
    audit.append(home, "signature", {})
    assert audit.verify(home)[1] == []
    assert list(audit.entries(home))[-1]["data"] == {"torn_line_before_bytes": 12}


WRITE_SOME = """
import sys
from pathlib import Path
from misora.trust import audit
from misora.trust.home import Home
for number in range(5):
    audit.append(Home(folder=Path(sys.argv[1])), "signature", {"id": number})
"""


def test_writers_at_once_make_one_chain(home: Home) -> None:
    audit.append(home, "start", {})
    writers = [subprocess.Popen([sys.executable, "-c", WRITE_SOME, str(home.folder)]) for _ in range(4)]
    assert [writer.wait() for writer in writers] == [0] * 4
    head, findings = audit.verify(home)
    assert (head.number, findings) == (21, [])
