"""What policy decides about findings."""

import json

import pytest

from misora.core.errors import RefusedError
from misora.trust.decision import Decision, Ruling, decide
from misora.trust.findings import Finding
from misora.trust.policy import Policy, load_policy


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy()


def _decide(policy: Policy, *found: tuple[str, float], role: str = "creator", instead: str = "") -> Decision:
    findings = [Finding(category=c, score=s, rule=f"r/{c}", evidence="secret words", instead=instead) for c, s in found]
    return decide(policy, findings, stage="prompt", role=role, texts=("a text",), absent=("images",))


def test_nothing_found_is_allowed(policy: Policy) -> None:
    decision = _decide(policy)
    assert (decision.action, decision.category, decision.score, decision.is_refused) == ("allow", "", 0.0, False)
    assert decision.require() is decision
    assert decision.message == "allowed"


def test_the_gravest_decides_and_the_floor_is_named_first(policy: Policy) -> None:
    decision = _decide(policy, ("sexual", 0.99), ("sexual_minors", 0.6), ("hate", 0.5))
    assert (decision.action, decision.category, decision.score) == ("block", "sexual_minors", 0.6)
    assert [ruling.action for ruling in decision.rulings] == ["block", "block", "review"]
    assert isinstance(decision.rulings[0], Ruling)


def test_a_refusal_names_category_and_what_to_do_and_never_the_words(policy: Policy) -> None:
    decision = _decide(policy, ("sexual", 0.9))
    with pytest.raises(
        RefusedError, match=r"refused as sexual content\. Leave out .* If this is a mistake, ask"
    ) as caught:
        decision.require()
    assert "secret" not in str(caught.value)
    assert caught.value.exit_code == 3


def test_a_review_is_recorded_or_held_as_policy_says(policy: Policy) -> None:
    recorded = _decide(policy, ("hate", 0.6))
    assert (recorded.action, recorded.is_refused) == ("review", False)
    assert "written down" in recorded.message
    held = _decide(policy, ("likeness", 0.55))  # of the floor
    assert (held.action, held.is_refused) == ("review", True)
    assert "waits for a person" in held.message


def test_a_role_is_given_what_policy_says(policy: Policy) -> None:
    assert [_decide(policy, ("sexual", 0.85), role=role).action for role in ("creator", "artist", "young")] == [
        "block",
        "review",
        "block",
    ]


def test_without_harmless_words_a_transformation_is_a_review(policy: Policy) -> None:
    assert _decide(policy, ("third_party", 0.6)).action == "review"
    assert _decide(policy, ("third_party", 0.6), instead="a mouse").action == "transform"


def test_the_record_is_json_without_the_words(policy: Policy) -> None:
    record = _decide(policy, ("hate", 0.9), ("sexual", 0.3)).record()
    text = json.dumps(record)
    assert "secret" not in text
    assert "a text" not in text
    assert (record["action"], record["rule"], record["absent"]) == ("block", "r/hate", ["images"])
    assert record["policy_sha256"] == policy.sha256
    assert [finding["action"] for finding in record["findings"]] == ["block", "allow"]
