"""Records of consent: who may be shown, or what used, on whose word, by whom and until when; each can be revoked."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from misora.core.config import from_dict, to_dict
from misora.core.errors import UsageError
from misora.core.files import write_atomic
from misora.trust.fold import fold

Kind = Literal["character", "face", "asset"]

EVERYONE = "everyone"
_HOME_VARIABLE = "MISORA_TRUST_HOME"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """One person's word.

    Attributes:
        id: names the record.
        kind: a character, a face or an asset.
        subject: who or what may be shown or used.
        attested_by: who vouches for it.
        statement: their words.
        also: other names that the subject goes by.
        sha256: of files that it covers, such as a photograph; hexadecimal.
        users: who may use it; `everyone` for all.
        granted_at: time, ISO 8601, UTC.
        expires_at: from when it no longer holds; "" for never.
        revoked_at: when it was taken back; "" while it holds.
    """

    id: str
    kind: Kind
    subject: str
    attested_by: str
    statement: str
    also: tuple[str, ...] = ()
    sha256: tuple[str, ...] = ()
    users: tuple[str, ...] = (EVERYONE,)
    granted_at: str = ""
    expires_at: str = ""
    revoked_at: str = ""

    def holds(self, user: str, *, now: datetime) -> bool:
        """Say whether it covers a user at a time."""
        if self.revoked_at or (self.expires_at and datetime.fromisoformat(self.expires_at) <= now):
            return False
        return EVERYONE in self.users or user in self.users


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    consents: tuple[Consent, ...] = field(default=())


class ConsentStore:
    """A JSON file of consents; read anew at every question, so that a revocation holds at once."""

    def __init__(
        self, path: Path | str | None = None, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Name the file.

        Args:
            path: where it lies; the user's data folder when not given. It need not exist.
            clock: tells the time.
        """
        self.path = Path(path) if path is not None else default_path()
        self._clock = clock

    def all(self) -> tuple[Consent, ...]:
        """Read every record, revoked ones too.

        Returns:
            In the order of granting.

        Raises:
            UsageError: if the file cannot be read; nothing counts as agreed then.
        """
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise UsageError(f"cannot read {self.path}: {error.strerror}; see to its permissions") from error
        try:
            return from_dict(_Written, json.loads(text), where="consents").consents
        except (ValueError, RecursionError, AttributeError, TypeError) as error:
            raise UsageError(f"{self.path} is no file of consents ({error}); mend it or move it away") from error

    def grant(
        self,
        kind: Kind,
        subject: str,
        *,
        attested_by: str,
        statement: str,
        also: tuple[str, ...] = (),
        sha256: tuple[str, ...] = (),
        users: tuple[str, ...] = (EVERYONE,),
        expires_at: str = "",
    ) -> Consent:
        """Keep somebody's word.

        Args:
            kind: a character, a face or an asset.
            subject: who or what may be shown or used.
            attested_by: who vouches for it.
            statement: their words, at least three of them.
            also: other names that the subject goes by.
            sha256: of files that it covers.
            users: who may use it.
            expires_at: ISO 8601; "" for never.

        Returns:
            The record.

        Raises:
            UsageError: if something is missing, or a time or hash is none.
            OutputError: if the file cannot be written.
        """
        _check(subject, attested_by, statement, sha256)
        now = self._clock().isoformat(timespec="seconds")
        consent = Consent(
            id=f"consent_{secrets.token_hex(8)}",
            kind=kind,
            subject=subject.strip(),
            attested_by=attested_by.strip(),
            statement=statement.strip(),
            also=also,
            sha256=tuple(digest.lower() for digest in sha256),
            users=users,
            granted_at=now,
            expires_at=_time(expires_at),
        )
        with self._locked():
            self._write((*self.all(), consent))
        return consent

    def revoke(self, consent_id: str) -> Consent:
        """Take a word back; the record stays, and no longer holds.

        Args:
            consent_id: names the record.

        Returns:
            The record as it is now.

        Raises:
            UsageError: if there is no such record.
            OutputError: if the file cannot be written.
        """
        with self._locked():
            known = {consent.id: consent for consent in self.all()}
            if consent_id not in known:
                raise UsageError(f"no consent {consent_id!r} in {self.path}; `misora consent show` lists them")
            now = self._clock().isoformat(timespec="seconds")
            known[consent_id] = replace(known[consent_id], revoked_at=known[consent_id].revoked_at or now)
            self._write(tuple(known.values()))
        return known[consent_id]

    def names(self, user: str = "") -> frozenset[str]:
        """Name everybody whose likeness a user may ask for, folded."""
        held = (consent for consent in self.all() if consent.holds(user, now=self._clock()) and consent.kind != "asset")
        return frozenset(fold(name) for consent in held for name in (consent.subject, *consent.also))

    def covers(self, sha256: str, user: str = "") -> Consent | None:
        """Find a consent that covers a file.

        Args:
            sha256: of the file.
            user: who wants to use it.

        Returns:
            The record; None where nobody agreed.
        """
        held = (consent for consent in self.all() if consent.holds(user, now=self._clock()))
        return next((consent for consent in held if sha256.lower() in consent.sha256), None)

    def _write(self, consents: tuple[Consent, ...]) -> None:
        data: dict[str, Any] = {"consents": [to_dict(consent) for consent in consents]}
        write_atomic(self.path, json.dumps(data, indent=2, ensure_ascii=False).encode() + b"\n")

    @contextmanager
    def _locked(self) -> Generator[None]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.with_name(f".{self.path.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def default_path() -> Path:
    """Name the file that holds here: in the trust folder of this installation."""
    data = os.environ.get("XDG_DATA_HOME")
    base = Path(data) if data and Path(data).is_absolute() else Path.home() / ".local" / "share"
    return Path(os.environ.get(_HOME_VARIABLE) or base / "misora" / "trust") / "consents.json"


def _check(subject: str, attested_by: str, statement: str, sha256: tuple[str, ...]) -> None:
    for name, value in (("subject", subject), ("attested_by", attested_by)):
        if not value.strip():
            raise UsageError(f"a consent wants {name}; say who")
    if len(statement.split()) < 3:
        raise UsageError(f"the statement {statement!r} attests nothing; write what was agreed, in a sentence")
    for digest in sha256:
        if len(digest) != 64 or set(digest.lower()) - set("0123456789abcdef"):
            raise UsageError(f"{digest!r} is no SHA-256; give 64 hexadecimal digits")


def _time(text: str) -> str:
    if not text:
        return ""
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no time; write it as 2027-01-31 or 2027-01-31T12:00:00+00:00") from error
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).isoformat(timespec="seconds")
