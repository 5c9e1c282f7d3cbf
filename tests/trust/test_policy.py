"""The policy file."""

import re
from pathlib import Path

import pytest

from misora.core.errors import PolicyError, UsageError
from misora.trust.policy import DATA, FLOOR, Policy, Thresholds, load_policy, policy_path

SHIPPED = (DATA / "policy.toml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy(DATA / "policy.toml")


def _changed(folder: Path, old: str, new: str) -> Path:
    assert old in SHIPPED
    path = folder / "policy.toml"
    path.write_text(SHIPPED.replace(old, new, 1), encoding="utf-8")
    return path


def _line(old: str, within: int = 0) -> int:
    return SHIPPED[: SHIPPED.index(old)].count("\n") + 1 + within


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[roles.artist.thresholds]\n", "[roles.artist.thresholds]\nlikeness = { block = 0.9 }\n", "floor"),
        ("[stages.output.thresholds]\n", "[stages.output.thresholds]\nsexual_minors = { block = 0.9 }\n", "floor"),
        ("[roles.artist.thresholds]\n", "[roles.artist.thresholds]\nsexuel = { block = 0.9 }\n", "is no category"),
        ("[roles.artist.thresholds]\n", "[roles.artist.thresholds]\nhate = { review = 0.9 }\n", "would never happen"),
    ],
)
def test_no_role_or_stage_lowers_the_floor(old: str, new: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=rf"policy\.toml:{_line(old, 1)}: (roles|stages)\..*{message}"):
        load_policy(_changed(tmp_path, old, new))


def test_a_file_cannot_lower_the_floor_for_everybody(tmp_path: Path) -> None:
    for name, limit in FLOOR.items():
        table = re.search(rf"\[categories\.{name}\].*?block = [\d.]+", SHIPPED, re.DOTALL)
        assert table
        looser = re.sub(r"block = [\d.]+", f"block = {limit + 0.1}", table.group())
        with pytest.raises(PolicyError, match=rf"categories\.{name}\.block: is of the floor"):
            load_policy(_changed(tmp_path, table.group(), looser))
        with pytest.raises(PolicyError, match=f"lacks '{name}'"):
            load_policy(_changed(tmp_path, f"[categories.{name}]", f"[categories.{name}_not]"))


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("format = 1", "format = 2", "format"),
        ('on_review = "record"', 'on_review = "maybe"', "on_review"),
        ('default_role = "creator"', 'default_role = "nobody"', "default_role"),
        ("rate_hz = 2.0", "rate_hz = 0.2", "frames"),
        ("[stages.input.thresholds]", "[stages.inputs.thresholds]", r"stages\.inputs"),
        ('url = "https://api', 'url = "ftp://api', r"judges\.openai"),
        ("max_distance = 8", "max_distanse = 8", r"frames\.max_distanse"),
    ],
)
def test_an_error_names_file_line_and_key(old: str, new: str, key: str, tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=rf"policy\.toml:\d+: {key}"):
        load_policy(_changed(tmp_path, old, new))


def test_the_stricter_of_role_and_stage_holds(policy: Policy) -> None:
    assert policy.thresholds("sexual", stage="prompt", role="artist") == Thresholds(review=0.7, block=0.9)
    assert policy.thresholds("sexual", stage="input", role="artist") == Thresholds(review=0.4, block=0.6)
    assert policy.thresholds("sexual", stage="input", role="young") == Thresholds(review=0.3, block=0.5)
    with pytest.raises(UsageError, match="unknown role 'king'"):
        policy.thresholds("sexual", stage="input", role="king")
    with pytest.raises(UsageError, match="unknown category"):
        policy.thresholds("fun", stage="input", role="young")


def test_no_role_at_any_stage_is_allowed_more_of_the_floor(policy: Policy) -> None:
    for name, limit in FLOOR.items():
        for role in policy.roles:
            for stage in ("prompt", "expanded", "input", "output"):
                assert policy.thresholds(name, stage=stage, role=role).action(limit) == "block"  # type: ignore[arg-type]


def test_the_gravest_action_wins() -> None:
    thresholds = Thresholds(transform=0.2, review=0.5, block=0.8)
    assert [thresholds.action(s) for s in (0.1, 0.2, 0.5, 0.8)] == ["allow", "transform", "review", "block"]
    assert Thresholds().action(1.0) == "allow"


def test_the_hash_tells_of_the_file_and_of_its_lists(policy: Policy, tmp_path: Path) -> None:
    path = _changed(tmp_path, "[frames]", '[lists]\nhashes = "mine.txt"\n\n[frames]')
    with pytest.raises(PolicyError, match=r"lists\.hashes: cannot read"):
        load_policy(path)
    (tmp_path / "mine.txt").write_text("# none\n")
    first = load_policy(path)
    (tmp_path / "mine.txt").write_text("# none yet\n")
    assert len({policy.sha256, first.sha256, load_policy(path).sha256}) == 3
    assert first.list_path("hashes") == tmp_path / "mine.txt"


def test_the_environment_names_a_policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MISORA_POLICY", str(tmp_path / "own.toml"))
    assert policy_path() == tmp_path / "own.toml"
    assert policy_path("given.toml") == Path("given.toml")
    monkeypatch.delenv("MISORA_POLICY")
    assert policy_path() == DATA / "policy.toml"


def test_what_asks_the_network_is_off(policy: Policy) -> None:
    assert {name for name, judge in policy.judges.items() if judge.url and judge.mode != "off"} == set()
    assert not policy.judges["openai"].has_key or policy.judges["openai"].mode == "off"
