"""The examples of moderation."""

from collections import Counter
from pathlib import Path

import pytest

from misora.core.errors import PolicyError
from misora.trust.examples import BENIGN, Example, load_examples
from misora.trust.policy import load_policy


def test_every_category_and_topic_has_examples_in_every_split() -> None:
    examples = load_examples()
    policy = load_policy()
    assert len(examples) > 1500
    assert {example.category for example in examples} == {*policy.categories, BENIGN} - {"third_party"}
    splits = Counter((example.category, example.split) for example in examples)
    assert min(splits.values()) >= 1
    topics = Counter(example.topic for example in examples if example.category == BENIGN and example.split == "test")
    assert min(topics.values()) >= 15


def test_the_split_follows_from_the_words_alone() -> None:
    text = "a red ball rolls left"
    assert (
        Example(text=text, category="benign", topic="world").split
        == Example(text=text, category="hate", topic="x").split
    )


def test_a_broken_file_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "e.txt"
    path.write_text("# remark\nno header\n")
    with pytest.raises(PolicyError, match=r"e\.txt:2: an example without a header"):
        load_examples(path)
    path.write_text("[benign art]\none\none\n")
    with pytest.raises(PolicyError, match=r"e\.txt:3: 'one' stands there already"):
        load_examples(path)
