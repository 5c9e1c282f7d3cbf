"""The judge of names."""

from pathlib import Path

import pytest

from misora.core.errors import PolicyError
from misora.trust.findings import Prompt, PromptJudge
from misora.trust.lexicon import Lexicon
from misora.trust.name_judge import NameJudge, Owned, Person, replaced
from misora.trust.policy import DATA
from misora.trust.readings import readings

JUDGE = NameJudge(DATA / "names.toml")
LEXICON = Lexicon(["eats", "burger", "the", "house", "dances"], JUDGE.vocabulary())


def _judge(text: str, consents: frozenset[str] = frozenset()) -> list:
    return JUDGE.judge_prompt(Prompt(text=text, readings=readings(text, LEXICON), consents=consents))


@pytest.mark.parametrize("text", ["Elon Musk eats a burger", "e l o n  m u s k dances", "El0n Mu5k", "马斯克在吃汉堡"])
def test_a_person_is_found_however_the_name_is_spelled(text: str) -> None:
    [finding] = _judge(text)
    assert (finding.category, finding.rule) == ("likeness", "names/elon-musk")


def test_consent_lets_a_name_pass() -> None:
    assert _judge("Elon Musk eats", frozenset({"elon musk"})) == []


@pytest.mark.parametrize(
    "text",
    [
        "Napoleon crosses the Alps",
        "the president of a chess club speaks",
        "how deepfakes work, a lesson",
        "a musky smell",
    ],
)
def test_history_and_lessons_pass(text: str) -> None:
    assert _judge(text) == []


@pytest.mark.parametrize("text", ["the president of the united states announces war", "a deepfake of my boss"])
def test_a_likeness_needs_no_name(text: str) -> None:
    assert [finding.category for finding in _judge(text)] == ["likeness"]


def test_names_of_others_get_harmless_words_instead() -> None:
    text = "M1ckey Mouse's house in the style of Banksy"
    findings = _judge(text)
    assert {finding.category for finding in findings} == {"third_party"}
    changed = replaced(text, findings, readings(text, LEXICON)[-1].text)
    assert "mouse's" not in changed.lower().replace("cartoon mouse", "")
    assert "banksy" not in changed.lower()
    assert "a stencil street artist" in changed
    assert replaced("A Quiet\nStreet", findings, "a quiet\nstreet") == "A Quiet\nStreet"


def test_it_is_a_judge() -> None:
    assert isinstance(JUDGE, PromptJudge)
    assert Person(name="A B").also == ()
    assert Owned(name="A", instead="b").instead == "b"


def test_a_name_of_one_letter_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "names.toml"
    text = (DATA / "names.toml").read_text(encoding="utf-8").replace('{ name = "Rihanna"', '{ name = "R"')
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError, match=r"names\.toml:\d+: people: 'R' has a spelling"):
        NameJudge(path)
