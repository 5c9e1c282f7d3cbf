"""Durations as people write them."""

import re

from misora.core.errors import UsageError

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd])")


def parse_duration(text: str) -> float:
    """Read a duration such as `90m`, `1h30m` or `45s`.

    Args:
        text: numbers, each with its unit: s, m, h or d.

    Returns:
        Seconds, above 0.

    Raises:
        UsageError: if it is written otherwise, or is nothing.

    >>> parse_duration("1h30m")
    5400.0
    """
    parts = _PART.findall(text)
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in parts)
    if not seconds or _PART.sub("", text).strip():
        raise UsageError(f"a duration is written like 90m, 1h30m or 45s; got {text!r}")
    return seconds
