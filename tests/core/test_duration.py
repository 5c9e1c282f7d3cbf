import pytest

from misora.core.duration import parse_duration
from misora.core.errors import UsageError


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90m", 5400), ("1h30m", 5400), ("45s", 45), ("0.5 h", 1800), ("2d", 172_800), ("1h 1s", 3601)],
)
def test_durations_are_read_as_people_write_them(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "90", "ninety m", "-3m", "0s", "3m!", "1y"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="written like 90m"):
        parse_duration(text)
