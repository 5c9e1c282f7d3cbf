from pathlib import Path

import pytest

from misora.corpus.sidecar import CaptionError, captions_of_piece, parse_captions, read_sidecar


def test_every_line_is_another_wording_of_the_whole_clip() -> None:
    captions = captions_of_piece(parse_captions("a  dog\n\n a brown dog \n"), from_seconds=2.0, to_seconds=5.0)
    told = [(c.variant, c.is_mirrored, c.lines[0].text) for c in captions]
    assert told == [(0, False, "a dog"), (1, False, "a brown dog"), (0, True, "a dog"), (1, True, "a brown dog")]
    assert all((c.lines[0].from_seconds, c.lines[0].to_seconds) == (0.0, 3.0) for c in captions)


def test_timed_lines_are_cut_and_moved_to_the_clock_of_the_piece() -> None:
    captions = parse_captions("[2 - 5.5] it barks\n[0-2] a dog runs\n[5.5 - 9] it sleeps")
    (caption, _) = captions_of_piece(captions, from_seconds=1.0, to_seconds=4.0)
    assert [(x.text, x.from_seconds, x.to_seconds) for x in caption.lines] == [
        ("a dog runs", 0.0, 1.0),
        ("it barks", 1.0, 3.0),
    ]


def test_words_with_a_side_are_not_told_of_the_mirrored_piece() -> None:
    captions = captions_of_piece(parse_captions("it turns Left\na bright dog"), from_seconds=0.0, to_seconds=1.0)
    assert [(c.lines[0].text, c.is_mirrored) for c in captions] == [
        ("it turns Left", False),
        ("a bright dog", False),
        ("a bright dog", True),
    ]


def test_footage_without_a_text_file_has_no_captions(tmp_path: Path) -> None:
    assert read_sidecar(tmp_path / "clip.mp4") == ()


def test_a_text_file_of_the_same_name_is_read(tmp_path: Path) -> None:
    (tmp_path / "clip.txt").write_text("\ufeffa dog", encoding="utf-8")
    assert read_sidecar(tmp_path / "clip.mp4")[0].lines[0].text == "a dog"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[0 - 1] a\nb", "give times to all or to none"),
        ("[2 - 1] a", "ends after it starts"),
        ("a" * 2001, "more than 2000 characters"),
    ],
)
def test_captions_that_make_no_sense_are_refused(text: str, message: str) -> None:
    with pytest.raises(CaptionError, match=message):
        parse_captions(text)


def test_text_files_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "clip.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CaptionError, match="not UTF-8"):
        read_sidecar(tmp_path / "clip.mp4")
    (tmp_path / "clip.txt").write_bytes(b"a" * 70_000)
    with pytest.raises(CaptionError, match="more than 65536 bytes"):
        read_sidecar(tmp_path / "clip.mp4")
