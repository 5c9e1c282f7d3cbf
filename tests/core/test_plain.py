"""Words of others on a terminal."""

import pytest

from misora.core.plain import one_line


@pytest.mark.parametrize("text", ["", "a red ball.mp4", "красный мяч 红球 ½ é"])
def test_words_that_can_be_shown_stay_as_they_are(text: str) -> None:
    assert one_line(text) == text


def test_what_a_terminal_would_obey_is_spelled_out() -> None:
    said = one_line("a\nb.mp4: intact\x1b[2K\r\u202egpj\u200b\udcff")
    assert said == "a\\nb.mp4: intact\\x1b[2K\\r\\u202egpj\\u200b\\udcff"
    said.encode()
