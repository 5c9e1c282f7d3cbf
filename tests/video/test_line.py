"""Lines: what is said, and when."""

import pytest

from misora.core.errors import UsageError
from misora.video.line import Line


def test_a_line_covers_its_start_and_not_its_end() -> None:
    line = Line("a red ball falls", 1.0, 2.5)
    assert [line.covers(at) for at in (0.99, 1.0, 2.49, 2.5)] == [False, True, True, False]
    assert line.seconds == 1.5


@pytest.mark.parametrize("span", [(-1.0, 1.0), (1.0, 1.0), (2.0, 1.0), (0.0, float("inf")), (float("nan"), 1.0)])
def test_a_line_that_takes_no_time_or_all_time_is_refused(span: tuple[float, float]) -> None:
    with pytest.raises(UsageError, match="runs from"):
        Line("a red ball falls", *span)
