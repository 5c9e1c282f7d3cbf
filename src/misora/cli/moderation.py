"""Commands of policy: check it, explain a decision, keep consents, play the red team."""

from __future__ import annotations

import json as json_format
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

from tyro.conf import Positional, arg


def policy_check(path: Positional[Path | None] = None, /, *, json: bool = False) -> None:
    """Read a policy and the lists it names; tell its hash, or file, line and key of the first error.

    Args:
        path: the policy; the one that holds here if not given.
        json: print one JSON object instead of lines.
    """
    from misora.trust.moderator import Moderator
    from misora.trust.policy import load_policy

    policy = load_policy(path)
    Moderator(policy)  # reads the lists too
    judges = {name: settings.mode for name, settings in policy.judges.items()}
    record = {
        "path": policy.path,
        "name": policy.name,
        "edition": policy.edition,
        "sha256": policy.sha256,
        "on_review": policy.on_review,
        "categories": list(policy.categories),
        "roles": list(policy.roles),
        "judges": judges,
    }
    lines = [
        f"{policy.path}: {policy.name}, {policy.edition}",
        f"sha256 {policy.sha256}",
        f"roles: {', '.join(policy.roles)}; a review means {policy.on_review}",
        f"judges: {', '.join(f'{name} {mode}' for name, mode in judges.items())}",
    ]
    _tell(json, "\n".join(lines), record)


def policy_explain(
    prompt: Positional[str],
    /,
    *,
    policy: Path | None = None,
    role: str | None = None,
    stage: Literal["prompt", "expanded"] = "prompt",
    parent: tuple[str, ...] = (),
    json: bool = False,
) -> None:
    """Tell what policy decides about a prompt, which rules spoke, and how the prompt was read.

    Args:
        prompt: what someone might type.
        policy: the policy; the one that holds here if not given.
        role: who asks; the policy's default if not given.
        stage: whether it is as typed, or as rewritten.
        parent: prompts of what is remixed, the oldest first.
        json: print one JSON object instead of lines.
    """
    from misora.trust.moderator import Moderator

    decision = Moderator.load(policy).prompt(prompt, role=role, stage=stage, parents=parent)
    lines = [decision.message, f"policy: {decision.policy}, {decision.policy_sha256[:16]}; role {decision.role}"]
    lines += [
        f"{ruling.action:<9} {ruling.finding.category:<14} {ruling.finding.score:.2f}  {ruling.finding.rule}"
        + (f"  {ruling.finding.evidence!r}" if ruling.finding.evidence else "")
        for ruling in decision.rulings
    ]
    lines += [f"absent    {name}" for name in decision.absent]
    rulings = [{"action": ruling.action, **asdict(ruling.finding)} for ruling in decision.rulings]
    _tell(
        json,
        "\n".join(lines),
        {**decision.record(), "text": decision.text, "findings": rulings, "message": decision.message},
    )


def policy_hash(picture: Positional[Path], /, *, category: str, rule: str, json: bool = False) -> None:
    """Print the line by which frames that look like a picture are refused, for the list of hashes that a policy names.

    Args:
        picture: an image file.
        category: of the policy.
        rule: a name for it, without spaces.
        json: print one JSON object instead of a line.
    """
    from misora.trust.hash_judge import hash_line
    from misora.video.image import read_image

    line = hash_line(read_image(picture), category=category, rule=rule)
    _tell(json, line, {"hash": line.split()[0], "category": category, "rule": rule})


def consent_grant(
    subject: Positional[str],
    /,
    *,
    by: str,
    statement: str,
    kind: Literal["character", "face", "asset"] = "face",
    also: tuple[str, ...] = (),
    file: tuple[Path, ...] = (),
    users: tuple[str, ...] = ("everyone",),
    expires: str = "",
    store: Path | None = None,
    json: bool = False,
) -> None:
    """Keep a record of somebody's consent to be shown, or of a right to use an asset.

    Args:
        subject: who or what may be shown or used.
        by: who vouches for it.
        statement: what was agreed, in a sentence.
        kind: a character, a face or an asset.
        also: other names that the subject goes by.
        file: files that it covers, such as a photograph; their SHA-256 is kept, not they.
        users: who may use it.
        expires: from when it no longer holds, such as 2027-01-31.
        store: the file of consents; the installation's if not given.
        json: print one JSON object instead of a line.
    """
    from misora.core.files import sha256_file
    from misora.trust.consent import ConsentStore

    consent = ConsentStore(store).grant(
        kind,
        subject,
        attested_by=by,
        statement=statement,
        also=also,
        sha256=tuple(map(sha256_file, file)),
        users=users,
        expires_at=expires,
    )
    _tell(json, f"{consent.id}: {subject} ({kind}), on the word of {by}", asdict(consent))


def consent_revoke(consent_id: Positional[str], /, *, store: Path | None = None, json: bool = False) -> None:
    """Take a consent back; it no longer holds from this moment on.

    Args:
        consent_id: as `misora consent show` lists it.
        store: the file of consents; the installation's if not given.
        json: print one JSON object instead of a line.
    """
    from misora.trust.consent import ConsentStore

    consent = ConsentStore(store).revoke(consent_id)
    _tell(json, f"{consent.id}: revoked at {consent.revoked_at}", asdict(consent))


def consent_show(*, store: Path | None = None, json: bool = False) -> None:
    """List the records of consent.

    Args:
        store: the file of consents; the installation's if not given.
        json: print one JSON object instead of lines.
    """
    from misora.trust.consent import ConsentStore

    kept = ConsentStore(store)
    consents = kept.all()
    lines = [
        f"{c.id}  {c.kind:<9}  {c.subject}  by {c.attested_by} on {c.granted_at}: {c.statement}"
        + (f"  revoked {c.revoked_at}" if c.revoked_at else f"  until {c.expires_at}" if c.expires_at else "")
        for c in consents
    ]
    _tell(json, "\n".join(lines or [f"{kept.path}: no consents"]), {"consents": [asdict(c) for c in consents]})


def redteam(
    *,
    prompts: Annotated[Path | None, arg(metavar="FILE.csv")] = None,
    policy: Path | None = None,
    obfuscations: tuple[str, ...] = (),
    role: str | None = None,
    seed: int = 0,
    json: bool = False,
) -> None:
    """Play prompts under every obfuscation against the policy: recall, precision and false refusals with intervals.

    Args:
        prompts: CSV with the columns prompt and category (or benign), or text with a prompt a line; our own test if not given.
        policy: the policy; the one that holds here if not given.
        obfuscations: how prompts are written; every way if not given.
        role: who asks; the policy's default if not given.
        seed: draws which letters change.
        json: print one JSON object instead of tables.
    """
    from misora.evaluate.redteam import redteam as play

    print(
        play(
            prompts,
            policy=policy,
            obfuscations=obfuscations,
            seed=seed,
            role=role,
            is_json=json,
            on_trial=_progress if sys.stderr.isatty() else None,
        )
    )


MODERATION: dict[str, Callable[..., None]] = {
    "policy check": policy_check,
    "policy explain": policy_explain,
    "policy hash": policy_hash,
    "consent grant": consent_grant,
    "consent revoke": consent_revoke,
    "consent show": consent_show,
    "redteam": redteam,
}


def _progress(done: int, total: int) -> None:
    print(f"\r{done} of {total} prompts", end="\n" if done == total else "", file=sys.stderr, flush=True)


def _tell(is_json: bool, line: str, record: dict[str, Any]) -> None:
    print(json_format.dumps(record, default=str, ensure_ascii=False) if is_json else line)
