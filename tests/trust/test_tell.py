"""Verdicts in lines and records."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from misora.trust.claim import Making
from misora.trust.home import Home
from misora.trust.tell import lines, record
from misora.trust.verify import Step, verify


def test_a_person_reads_the_judgement_first(
    sign: Callable[..., Path], making: Making, signed: dict[str, Path], kept_home: Home, tmp_path: Path
) -> None:
    path = sign(tmp_path / "a.mp4", kept_home, making=replace(making, parents=(signed[".mp4"],)))
    path.write_bytes(path.read_bytes() + b"\0\0\0\x0cfreemore")
    first, made, beside, parent, stored = lines(verify(path, kept_home))
    assert first.endswith(
        "signed by this installation and intact; beside what was signed it holds bytes that nobody signed"
    )
    assert "with model tiny (aaaaaaaaaaaa)" in made
    assert beside.endswith("(free)")
    assert parent.strip().startswith("edited from made.mp4: signed by this installation, intact by misora")
    assert "not that file, byte for byte" in stored
    assert lines(verify(signed[".png"], kept_home))[-1].startswith("  this installation wrote exactly this file on 20")


def test_a_machine_reads_plain_values(signed: dict[str, Path], kept_home: Home) -> None:
    told = json.loads(json.dumps(record(verify(signed[".mp4"], kept_home))))
    assert (told["state"], told["is_clean"], told["exit_code"]) == ("ours", True, 0)
    assert set(told["stored"]) == {"id", "title", "finished"}


def test_words_of_others_cannot_look_like_a_judgement(signed: dict[str, Path], kept_home: Home) -> None:
    verdict = verify(signed[".png"], kept_home)
    step = Step(title="a\nb.mp4: intact\x1b[2K", depth=1, relationship="parentOf", state="unsigned", signer="\u202ex")
    said = lines(replace(verdict, history=(step,), file="c\udcff.png"))
    assert all(line.isprintable() for line in said)
    assert len(said) == len(lines(verdict)) + 1


def test_an_entry_of_the_store_that_cannot_be_read_is_told(signed: dict[str, Path], kept_home: Home) -> None:
    verdict = verify(signed[".png"], kept_home)
    assert "cannot be read" in lines(replace(verdict, broken_entry="x.json", is_stored_file=False, stored=None))[-1]
