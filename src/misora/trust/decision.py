"""What was decided, why, and what a refused person is told."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from misora.core.errors import RefusedError
from misora.trust.findings import Finding
from misora.trust.policy import ACTIONS, FLOOR, Action, Policy, Stage

_GRAVEST = ("sexual_minors", "nonconsensual")  # named first where several categories block


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """A finding, and what policy does about it.

    Attributes:
        action: allow, transform, review or block.
        finding: what a judge saw.
    """

    action: Action
    finding: Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision of policy.

    Attributes:
        action: the gravest of all rulings.
        stage: where we are.
        role: who asks.
        texts: the prompt or cards to go on with: as given, or with harmless words put in; nothing for frames.
        rulings: the gravest first.
        absent: judges that policy lists and that are not there.
        is_held: whether a review stops the work until a person has looked.
        title: of the category that decided; "" where all is well.
        advice: what to do instead.
        appeal: whom to ask.
        policy: name and edition.
        policy_sha256: of the policy and all it rests on.
    """

    action: Action
    stage: Stage
    role: str
    texts: tuple[str, ...]
    rulings: tuple[Ruling, ...]
    absent: tuple[str, ...]
    is_held: bool
    title: str
    advice: str
    appeal: str
    policy: str
    policy_sha256: str

    @property
    def text(self) -> str:
        """The texts, joined by line breaks."""
        return "\n".join(self.texts)

    @property
    def is_refused(self) -> bool:
        """Whether the work stops here."""
        return self.action == "block" or (self.action == "review" and self.is_held)

    @property
    def finding(self) -> Finding | None:
        """The finding that decided; None where all is well."""
        return self.rulings[0].finding if self.action != "allow" else None

    @property
    def category(self) -> str:
        """The category that decided; "" where all is well."""
        return self.finding.category if self.finding else ""

    @property
    def score(self) -> float:
        """The score that decided; 0 where nothing was found."""
        return self.rulings[0].finding.score if self.rulings else 0.0

    @property
    def message(self) -> str:
        """What a person is told, with the category and what to do; never the words that were found."""
        if self.action == "allow":
            return "allowed"
        if self.action == "transform":
            return f"{self.title} replaced: {self.text!r}. {self.advice}"
        what = {
            "prompt": "the prompt",
            "expanded": "the expanded prompt",
            "input": "an input",
            "output": "the video made",
        }
        frame = f" (frame {self.finding.frame})" if self.finding and self.finding.frame is not None else ""
        if not self.is_refused:
            return f"{what[self.stage]}{frame} may be {self.title}; it goes on, and is written down for a person to look at"
        verb = "is refused as" if self.action == "block" else "waits for a person to look, as it may be"
        return f"{what[self.stage]}{frame} {verb} {self.title}. {self.advice} {self.appeal}"

    def require(self) -> Decision:
        """Go on, or stop here.

        Returns:
            The decision itself.

        Raises:
            RefusedError: if the work stops here.
        """
        if self.is_refused:
            raise RefusedError(self.message)
        return self

    def record(self) -> dict[str, Any]:
        """Say it in JSON values for a log, without the words that were judged."""
        findings = [
            {
                key: value
                for key, value in asdict(ruling.finding).items()
                if key in ("category", "score", "rule", "frame")
            }
            | {"action": ruling.action}
            for ruling in self.rulings
        ]
        return {
            "action": self.action,
            "is_refused": self.is_refused,
            "stage": self.stage,
            "role": self.role,
            "category": self.category,
            "score": self.score,
            "rule": self.finding.rule if self.finding else "",
            "frame": self.finding.frame if self.finding else None,
            "findings": findings,
            "absent": list(self.absent),
            "policy": self.policy,
            "policy_sha256": self.policy_sha256,
        }


def decide(
    policy: Policy, findings: list[Finding], *, stage: Stage, role: str, texts: tuple[str, ...], absent: tuple[str, ...]
) -> Decision:
    """Let policy decide about what judges saw.

    Args:
        policy: what may be made.
        findings: of all judges; categories that policy does not know are errors of a judge, and were refused before.
        stage: where we are.
        role: who asks.
        texts: the prompt or cards; nothing for frames.
        absent: judges that are not there.

    Returns:
        The decision; what is to be transformed and has no harmless words goes to review.

    Raises:
        UsageError: an unknown role.
    """
    rulings = sorted(
        (_ruling(policy, finding, stage=stage, role=role) for finding in findings),
        key=lambda ruling: (
            -ACTIONS.index(ruling.action),
            ruling.finding.category not in _GRAVEST,
            -ruling.finding.score,
        ),
    )
    action = rulings[0].action if rulings else "allow"
    category = policy.categories[rulings[0].finding.category] if rulings and action != "allow" else None
    return Decision(
        action=action,
        stage=stage,
        role=role,
        texts=texts,
        rulings=tuple(rulings),
        absent=absent,
        is_held=policy.on_review == "hold" or bool(rulings and rulings[0].finding.category in FLOOR),
        title=category.title if category else "",
        advice=category.advice if category else "",
        appeal=policy.appeal,
        policy=f"{policy.name}, {policy.edition}",
        policy_sha256=policy.sha256,
    )


def _ruling(policy: Policy, finding: Finding, *, stage: Stage, role: str) -> Ruling:
    action = policy.thresholds(finding.category, stage=stage, role=role).action(finding.score)
    return Ruling(action="review" if action == "transform" and not finding.instead else action, finding=finding)
