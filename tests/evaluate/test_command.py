import pytest

from misora.core.errors import UsageError
from misora.evaluate.command import evaluate


def test_an_unknown_suite_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"unknown suite 'sound'; there is text"):
        evaluate("playroom-nano", suite="sound")


def test_one_prompt_is_too_few() -> None:
    with pytest.raises(UsageError, match="2 to 10000 prompts, got 1"):
        evaluate("playroom-nano", prompts=1)
