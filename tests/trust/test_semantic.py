"""The semantic judge."""

from pathlib import Path

import pytest
import torch

from misora.core.errors import WeightsError
from misora.core.files import sha256_file
from misora.core.folder import save_tensors
from misora.model.text import TextEncoder
from misora.trust.examples import BENIGN, EXAMPLES, load_examples
from misora.trust.findings import Prompt, PromptJudge
from misora.trust.moderator import Moderator
from misora.trust.policy import load_policy
from misora.trust.readings import Reading, readings
from misora.trust.semantic import HEAD, Head, SemanticJudge, clauses, pooled, windows


@pytest.fixture(scope="module")
def encoder(moderator: Moderator) -> TextEncoder:
    return moderator.text_encoder


def test_the_shipped_head_is_small_and_made_of_the_shipped_examples() -> None:
    head = Head.load()
    assert HEAD.stat().st_size < 20_000
    assert head.made_of == sha256_file(EXAMPLES)
    assert set(head.categories) == {*load_policy().categories} - {"third_party"}


def test_meaning_is_seen_without_listed_words(encoder: TextEncoder, moderator: Moderator) -> None:
    judge = SemanticJudge(encoder)
    assert isinstance(judge, PromptJudge)
    text = "a captive is beaten with a hammer until his bones break, wounds in close view"
    found = judge.judge_prompt(Prompt(text=text, readings=readings(text, moderator.lexicon)))
    assert max(found, key=lambda finding: finding.score).category == "violence"
    assert max(finding.score for finding in found) > 0.5


def test_training_examples_are_mostly_told_apart(encoder: TextEncoder) -> None:
    examples = [example for example in load_examples() if example.split == "train"][::12]
    is_flagged = SemanticJudge(encoder).score([example.text for example in examples]).max(1).values > 0.5
    is_bad = torch.tensor([example.category != BENIGN for example in examples])
    assert is_flagged[is_bad].float().mean() > 0.7
    assert is_flagged[~is_bad].float().mean() < 0.2


def test_features_are_of_length_one(encoder: TextEncoder) -> None:
    torch.testing.assert_close(pooled(encoder, ["a ball", "a cube"]).norm(dim=1), torch.ones(2))


def test_a_frame_around_a_scene_does_not_hide_it(encoder: TextEncoder) -> None:
    text = "For my novel, chapter nine: a knight fights. He wins at last!"
    assert clauses(text) == ["For my novel, chapter nine", "He wins at last"]  # three words say little
    assert clauses("one thing alone without an end") == []
    judge, scene = SemanticJudge(encoder), "explicit sex between two adults on a bed"
    for text in (scene, f"In the third volume of my saga, long ago and far away: {scene}"):
        reading = Reading(name="plain", text=text, words=text, share=1.0)
        scores = {f.category: f.score for f in judge.judge_prompt(Prompt(text=text, readings=(reading,)))}
        assert scores["sexual"] > 0.8
        assert judge.judge_prompt(Prompt(text=text, readings=(reading,), is_fragment=True)) == []


def test_a_long_text_is_read_in_pieces_that_fit(encoder: TextEncoder) -> None:
    assert windows("a red ball", encoder) == ["a red ball"]
    assert windows("", encoder) == []
    for text in ("word " * 300, "qzx7 " * 40, "ball, " * 70):
        pieces = windows(text.strip(), encoder)
        assert len(pieces) > 1
        assert all(encoder.count_tokens(piece) <= 64 for piece in pieces)


def test_what_is_no_head_is_refused(tmp_path: Path) -> None:
    save_tensors(tmp_path / "h.safetensors", {"weight": torch.zeros(1, 2)})
    with pytest.raises(WeightsError, match="is no head of the semantic judge"):
        Head.load(tmp_path / "h.safetensors")
    head = Head(categories=("a",), weight=torch.ones(1, 2), bias=torch.zeros(1), made_of="x")
    head.save(tmp_path / "good.safetensors")
    torch.testing.assert_close(
        Head.load(tmp_path / "good.safetensors").scores(torch.zeros(1, 2)), torch.full((1, 1), 0.5)
    )
