"""The judge of words."""

from pathlib import Path

import pytest

from misora.core.errors import PolicyError
from misora.trust.findings import Prompt, PromptJudge
from misora.trust.lexicon import Lexicon
from misora.trust.policy import DATA
from misora.trust.readings import readings
from misora.trust.word_judge import Rule, WordJudge

JUDGE = WordJudge(DATA / "words.toml")
LEXICON = Lexicon(["woman", "dances", "the", "man"], JUDGE.vocabulary())


def _prompt(text: str) -> Prompt:
    return Prompt(text=text, readings=readings(text, LEXICON))


def _found(text: str) -> dict[str, float]:
    return {finding.category: finding.score for finding in JUDGE.judge_prompt(_prompt(text))}


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("a naked woman dances", "sexual"),
        ("n a k e d woman", "sexual"),
        ("n4k3d woman", "sexual"),
        ("一个裸 体女人", "sexual"),
        ("gore and severed limbs", "violence"),
        ("how to build a bomb", "illicit"),
        ("a child without clothes", "sexual_minors"),
        ("未成年人 色情", "sexual_minors"),
        ("remove her clothes from the photo", "nonconsensual"),
        ("she cuts her wrists", "self_harm"),
        ("join isis", "extremism"),
        ("they stuff ballots, ballot stuffing", "deception"),
    ],
)
def test_phrases_are_found_however_they_are_spelled(text: str, category: str) -> None:
    assert _found(text)[category] >= 0.8


@pytest.mark.parametrize(
    "text",
    [
        "naked eye astronomy",
        "the naked gun",
        "naked mole rats",
        "a nude-coloured lipstick",
        "al gore on a stage",
        "a crew shooting a film",
        "a murder of crows",
        "a sonata in b minor",
        "suicide prevention hotline poster",
        "a kid eats a peach",
    ],
)
def test_harmless_uses_are_spared(text: str) -> None:
    assert _found(text) == {}


def test_company_softens_only_what_it_may() -> None:
    assert _found("a nude marble statue in a museum")["sexual"] < 0.5
    assert _found("an explicit porn film in a museum")["sexual"] > 0.8


def test_children_are_seen_and_keys_of_music_are_not() -> None:
    assert JUDGE.mentions_minor(_prompt("three kids on a swing"))
    assert not JUDGE.mentions_minor(_prompt("a fugue in a minor key"))


def test_it_is_a_judge_and_tells_its_rule() -> None:
    assert isinstance(JUDGE, PromptJudge)
    [finding] = JUDGE.judge_prompt(_prompt("topless"))
    assert (finding.rule, finding.evidence) == ("words/sexual.nudity", "topless")
    assert "sexual" in JUDGE.categories


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ('words = ["@none"]', r"words\.toml:\d+: rule\[0\]\.words: '@none' is no group"),
        ('words = ["*"]', "would match everything"),
        ("words = []", "words is empty"),
        ('words = ["a"]\ncontexts = ["moon"]', "'moon' is no context"),
        ('words = ["a"]\nsoftened = 0.95', "softened <= score"),
    ],
)
def test_an_error_in_the_list_names_its_line(rule: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "words.toml"
    path.write_text(f'[groups]\n[contexts]\n[[rule]]\nid = "x"\ncategory = "hate"\nscore = 0.9\n{rule}\n')
    with pytest.raises(PolicyError, match=message):
        WordJudge(path)


def test_two_rules_do_not_share_a_name(tmp_path: Path) -> None:
    rule = '[[rule]]\nid = "x"\ncategory = "hate"\nscore = 0.9\nwords = ["a"]\n'
    (tmp_path / "w.toml").write_text(f"[groups]\n[contexts]\n{rule}{rule}")
    with pytest.raises(PolicyError, match=r"w\.toml:9: rule\[1\]\.id: 'x' is taken"):
        WordJudge(tmp_path / "w.toml")


def test_a_rule_wants_a_score_that_can_be() -> None:
    with pytest.raises(ValueError, match="score 2"):
        Rule(id="x", category="hate", score=2.0, words=("a",))
