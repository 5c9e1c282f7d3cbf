"""The policy: a TOML file that a person can read, and from which every decision follows.

The bundled file is `data/policy.toml`; an operator's own is given by path or by the environment variable `MISORA_POLICY`.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Literal

from misora.core.errors import UsageError
from misora.trust.strict_toml import Key, placed_error, read_strict

Action = Literal["allow", "transform", "review", "block"]
Stage = Literal["prompt", "expanded", "input", "output"]
Mode = Literal["required", "optional", "off"]

ACTIONS: tuple[Action, ...] = ("allow", "transform", "review", "block")
STAGES: tuple[Stage, ...] = ("prompt", "expanded", "input", "output")
FLOOR = {"sexual_minors": 0.5, "nonconsensual": 0.5, "likeness": 0.6}
"""Categories that no role may be given more of, each with the highest score at which a policy may begin to stop."""

FORMAT = 1
DATA = Path(__file__).parent / "data"
ENVIRONMENT = "MISORA_POLICY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Scores from which something is done; what is not named never happens.

    Attributes:
        transform: from here the words found are replaced by harmless ones, where the judge offers such.
        review: from here a person should look.
        block: from here nothing is made.
    """

    transform: float | None = None
    review: float | None = None
    block: float | None = None

    def __post_init__(self) -> None:
        for name, value in (("transform", self.transform), ("review", self.review), ("block", self.block)):
            if value is not None and not 0 < value <= 1:
                raise ValueError(f"{name} must lie above 0 and at most at 1, got {value}")
        if self.review is not None and self.block is not None and self.review > self.block:
            raise ValueError(f"review at {self.review} would never happen: block begins at {self.block}")

    def action(self, score: float) -> Action:
        """Say what happens at a score, the gravest first."""
        if self.block is not None and score >= self.block:
            return "block"
        if self.review is not None and score >= self.review:
            return "review"
        if self.transform is not None and score >= self.transform:
            return "transform"
        return "allow"

    def or_else(self, other: Thresholds) -> Thresholds:
        """Take from another what is not named here."""
        pairs = ((self.transform, other.transform), (self.review, other.review), (self.block, other.block))
        transform, review, block = (own if own is not None else theirs for own, theirs in pairs)
        return Thresholds(transform=transform, review=review, block=block)

    def strictest(self, other: Thresholds) -> Thresholds:
        """Take the lower of each."""
        pairs = ((self.transform, other.transform), (self.review, other.review), (self.block, other.block))
        transform, review, block = (min((value for value in pair if value is not None), default=None) for pair in pairs)
        if review is not None and block is not None:
            review = min(review, block)
        return Thresholds(transform=transform, review=review, block=block)


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """One kind of thing that policy knows.

    Attributes:
        title: what a refusal calls it.
        advice: what a refused person can do instead.
        transform: see `Thresholds`.
        review: see `Thresholds`.
        block: see `Thresholds`.
    """

    title: str
    advice: str
    transform: float | None = None
    review: float | None = None
    block: float | None = None

    def __post_init__(self) -> None:
        self.thresholds  # noqa: B018  refuses what cannot be

    @property
    def thresholds(self) -> Thresholds:
        """The scores from which something is done."""
        return Thresholds(transform=self.transform, review=self.review, block=self.block)


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """Who asks, and what differs for them.

    Attributes:
        title: who that is.
        thresholds: by category, in the place of the category's own.
    """

    title: str
    thresholds: Mapping[str, Thresholds] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRules:
    """What differs at one stage.

    Attributes:
        thresholds: by category; the stricter of these and the role's holds.
    """

    thresholds: Mapping[str, Thresholds] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeSettings:
    """Whether a judge speaks, and how one that runs elsewhere is reached.

    Attributes:
        mode: required (its failure or absence closes the door), optional (its absence is reported) or off.
        url: where a remote judge listens.
        key_env: the environment variable that holds its key; none if empty.
        model: what the remote judge is asked for.
        timeout_seconds: how long an answer may take in all.
        plugin: where a judge of the operator's own is found, as `package.module:maker`; called without arguments, it gives
            an object with `judge_prompt`, `judge_frames` or both.
    """

    mode: Mode
    url: str = ""
    key_env: str = ""
    model: str = ""
    timeout_seconds: float = 5.0
    plugin: str = ""

    def __post_init__(self) -> None:
        if self.url and not re.match(r"https?://", self.url):
            raise ValueError(f"url must begin with https:// or http://, got {self.url!r}")
        if self.plugin and not re.fullmatch(r"\w+(\.\w+)*:\w+", self.plugin):
            raise ValueError(f"plugin must be written as package.module:maker, got {self.plugin!r}")
        if not 0 < self.timeout_seconds <= 60:
            raise ValueError(f"timeout_seconds must lie above 0 and at most at 60, got {self.timeout_seconds}")

    @property
    def has_key(self) -> bool:
        """Whether the environment holds the key it wants; a remote judge without one is not there."""
        return not self.key_env or bool(os.environ.get(self.key_env))


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameRules:
    """How frames are looked at.

    Attributes:
        rate_hz: frames looked at in a second of clip; one that is stopped stops the clip.
        max_distance: bits of 64 by which a perceptual hash may differ from a listed one.
    """

    rate_hz: float = 2.0
    max_distance: int = 8

    def __post_init__(self) -> None:
        if not self.rate_hz >= 1:
            raise ValueError(f"rate_hz must be at least 1 frame a second, got {self.rate_hz}")
        if not 0 <= self.max_distance <= 16:
            raise ValueError(f"max_distance must lie within 0 and 16 bits, got {self.max_distance}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """Files of the operator that the judges read, beside the policy file; the bundled ones where empty.

    Attributes:
        words: words and phrases, TOML.
        names: protected names, TOML.
        hashes: perceptual hashes of frames, one a line.
    """

    words: str = ""
    names: str = ""
    hashes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What may be made.

    Attributes:
        name: what the policy is called.
        edition: its date, told with every decision.
        appeal: whom a refused person can ask.
        on_review: hold (a review stops the work, as on a server) or record (it goes on, and the log tells of it);
            categories of the floor are always held.
        default_role: the role of who names none.
        categories: everything that is judged.
        roles: who may ask.
        stages: what differs at a stage.
        judges: who judges.
        frames: how frames are looked at.
        lists: files that the judges read.
        visible_mark: asked (drawn where it is asked for) or always (on every file).
        path: where the file lies.
        sha256: of the file and of every list it names.
    """

    name: str
    edition: str
    appeal: str
    on_review: Literal["hold", "record"]
    default_role: str
    categories: Mapping[str, Category]
    roles: Mapping[str, Role]
    stages: Mapping[str, StageRules]
    judges: Mapping[str, JudgeSettings]
    frames: FrameRules
    lists: Lists
    visible_mark: Literal["asked", "always"]
    path: Path
    sha256: str

    def thresholds(self, category: str, *, stage: Stage, role: str) -> Thresholds:
        """Say from which scores something is done.

        Args:
            category: one of the policy's.
            stage: where we are.
            role: who asks.

        Returns:
            The role's thresholds, or the category's own, or the stage's where those are stricter.

        Raises:
            UsageError: an unknown role or category.
        """
        if role not in self.roles:
            raise UsageError(f"unknown role {role!r}; {self.path.name} knows {', '.join(self.roles)}")
        if category not in self.categories:
            raise UsageError(f"unknown category {category!r}; {self.path.name} knows {', '.join(self.categories)}")
        own = self.roles[role].thresholds.get(category, Thresholds()).or_else(self.categories[category].thresholds)
        strict = self.stages.get(stage, StageRules()).thresholds.get(category)
        return own if strict is None else own.strictest(strict)

    def list_path(self, name: Literal["words", "names", "hashes"]) -> Path:
        """Find a list: the operator's beside the policy file, or the bundled one."""
        own = {"words": self.lists.words, "names": self.lists.names, "hashes": self.lists.hashes}[name]
        suffix = "txt" if name == "hashes" else "toml"
        return self.path.parent / own if own else DATA / f"{name}.{suffix}"


def policy_path(path: Path | str | None = None) -> Path:
    """Name the policy file that holds here.

    Args:
        path: the one asked for; else the one that the environment names, else the bundled one.

    Returns:
        Its path.
    """
    return Path(path or os.environ.get(ENVIRONMENT) or DATA / "policy.toml")


def load_policy(path: Path | str | None = None) -> Policy:
    """Read a policy strictly: nothing unknown, nothing missing, no floor lowered.

    Args:
        path: the file; see `policy_path`.

    Returns:
        The policy, with the hash of all it rests on.

    Raises:
        PolicyError: what is wrong, with the file, the line and the key.
    """
    source = policy_path(path)
    written, text = read_strict(_Written, source, check=_problems)
    values = {f.name: getattr(written, f.name) for f in fields(_Written) if f.name != "format"}
    policy = Policy(**values, path=source, sha256="")
    return replace(policy, sha256=_digest(policy, text))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    """The file as it is written."""

    format: int
    name: str
    edition: str
    appeal: str
    on_review: Literal["hold", "record"]
    default_role: str
    categories: Mapping[str, Category]
    roles: Mapping[str, Role]
    judges: Mapping[str, JudgeSettings]
    stages: Mapping[str, StageRules] = field(default_factory=dict)
    frames: FrameRules = field(default_factory=FrameRules)
    lists: Lists = field(default_factory=Lists)
    visible_mark: Literal["asked", "always"] = "asked"


def _problems(written: _Written) -> Iterator[tuple[Key, str]]:
    if written.format != FORMAT:
        yield ("format",), f"is {written.format}; this version of misora reads format {FORMAT}"
    if written.default_role not in written.roles:
        yield ("default_role",), f"is {written.default_role!r}, which is no role; known are {', '.join(written.roles)}"
    for name, limit in FLOOR.items():
        if name not in written.categories:
            yield ("categories",), f"lacks {name!r}, a category of the floor; add [categories.{name}]"
        elif (block := written.categories[name].block) is None or block > limit:
            yield ("categories", name, "block"), f"is of the floor and must be given, at most {limit:g}; it is {block}"
    for stage in written.stages:
        if stage not in STAGES:
            yield ("stages", stage), f"is no stage; stages are {', '.join(STAGES)}"
    for kind, tables in (("roles", written.roles), ("stages", written.stages)):
        for holder, rules in tables.items():
            for name, thresholds in rules.thresholds.items():
                yield from _problems_of(written, (kind, holder, "thresholds", name), thresholds)


def _problems_of(written: _Written, key: Key, thresholds: Thresholds) -> Iterator[tuple[Key, str]]:
    name = str(key[-1])
    if name not in written.categories:
        yield key, f"is no category; known are {', '.join(written.categories)}"
        return
    own = written.categories[name].thresholds
    if name in FLOOR and own.strictest(thresholds.or_else(own)) != thresholds.or_else(own):
        yield key, "is of the floor: no role or stage can be allowed more than the category's own; remove the line"
    try:
        thresholds.or_else(own)
    except ValueError as error:
        yield key, str(error)


def _digest(policy: Policy, text: str) -> str:
    digest = hashlib.sha256(text.encode())
    for name in ("words", "names", "hashes"):
        path = policy.list_path(name)
        try:
            digest.update(f"\n{name} {hashlib.sha256(path.read_bytes()).hexdigest()}".encode())
        except OSError as error:
            raise placed_error(
                policy.path, text, ("lists", name), f"cannot read {path}: {error.strerror}; correct the path"
            ) from error
    return digest.hexdigest()
