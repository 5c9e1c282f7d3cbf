"""Where an installation keeps its keys, its store and its log: one folder, for its owner alone."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from misora.core.config import from_dict
from misora.core.errors import KeysError, OutputError, UsageError

VARIABLE = "MISORA_TRUST_HOME"
SETTINGS_NAME = "trust.toml"
_OTHERS = 0o077
_chosen: ContextVar[Path | None] = ContextVar("misora_trust_home", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignerSettings:
    """With what files are signed; empty means with keys of our own, made on first use.

    Attributes:
        certificates: the operator's chain in PEM, leaf first.
        key: the leaf's key as PKCS#8 in PEM, ES256.
        timestamp_url: an RFC 3161 authority that is asked at every signature; "" asks nobody.
    """

    certificates: Path | None = None
    key: Path | None = None
    timestamp_url: str = ""

    def __post_init__(self) -> None:
        if (self.certificates is None) != (self.key is None):
            raise UsageError("signer wants both certificates and key, or neither")
        if self.timestamp_url and not self.timestamp_url.startswith(("http://", "https://")):
            raise UsageError(
                f"timestamp_url is an address that begins with http:// or https://, got {self.timestamp_url!r}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What `trust.toml` may say.

    Attributes:
        signer: with what files are signed.
        known: certificates in PEM, such as another installation's root; what they sign is told as known.
        tampered_parents: whether an edit of a file that was changed after its signing is refused, or recorded as such.
        head: where the newest head of the log is kept, apart from the log; None chooses a folder for state.
    """

    signer: SignerSettings = field(default_factory=SignerSettings)
    known: tuple[Path, ...] = ()
    tampered_parents: Literal["refuse", "record"] = "refuse"
    head: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """The folder, and what its settings say.

    Attributes:
        folder: readable by its owner alone.
        settings: from `trust.toml` in it.
    """

    folder: Path
    settings: Settings = field(default_factory=Settings)

    @classmethod
    def open(cls, folder: Path | str | None = None) -> Home:
        """Find the folder and read its settings; nothing is made yet.

        Args:
            folder: where it lies; None takes that of `using_home`, the environment's `MISORA_TRUST_HOME`, or the user's
                data folder.

        Returns:
            The home.

        Raises:
            UsageError: if the settings cannot be read or say something unknown.
        """
        place = Path(folder) if folder is not None else _chosen.get() or default_folder()
        path = place / SETTINGS_NAME
        try:
            raw = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return cls(folder=place)
        except (OSError, ValueError) as error:
            raise UsageError(f"cannot read {path}: {error}; mend it or remove it") from error
        return cls(folder=place, settings=from_dict(Settings, raw, where=SETTINGS_NAME))

    @property
    def mark_key_path(self) -> Path:
        """Where the secret of the watermark is kept."""
        return self.folder / "watermark.key"

    @property
    def head_path(self) -> Path:
        """Where the newest head of the log is kept: apart from the log, so that cutting one does not cut both."""
        if self.settings.head is not None:
            return self.settings.head
        if not _is_default(self.folder):
            return self.folder.with_name(f"{self.folder.name}-head") / "head.json"
        return _base("XDG_STATE_HOME", ".local/state") / "misora" / "trust" / "head.json"

    def make(self) -> Path:
        """Make the folder, for its owner alone.

        Returns:
            The folder.

        Raises:
            OutputError: if it cannot be made.
        """
        return make_private(self.folder)


@contextmanager
def using_home(folder: Path | str | None) -> Generator[None]:
    """Let `Home.open` find another folder for a while, in this thread alone.

    Args:
        folder: where it lies; None changes nothing.

    Yields:
        Nothing.
    """
    token = _chosen.set(Path(folder) if folder is not None else _chosen.get())
    try:
        yield
    finally:
        _chosen.reset(token)


def default_folder() -> Path:
    """Say where the home lies: `MISORA_TRUST_HOME`, or `misora/trust` in the user's data folder."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else _base("XDG_DATA_HOME", ".local/share") / "misora" / "trust"


def read_private(path: Path) -> bytes:
    """Read a file that nobody else may read.

    Args:
        path: the file.

    Returns:
        Its bytes.

    Raises:
        KeysError: if others can read or write it.
    """
    with path.open("rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        if mode & _OTHERS:
            raise KeysError(f"others can read {path} (mode {mode & 0o777:o}); run chmod 600 on it, or make a new one")
        return file.read()


def make_private(folder: Path) -> Path:
    """Make a folder for its owner alone; one that is there is left as it is.

    Args:
        folder: the folder; missing parents are made too.

    Returns:
        The folder.

    Raises:
        OutputError: if it cannot be made.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"cannot make {folder}: {error.strerror}; keys and the log live there: set {VARIABLE} to another folder"
        ) from error
    return folder


def _base(variable: str, usual: str) -> Path:
    named = os.environ.get(variable)
    return Path(named) if named and Path(named).is_absolute() else Path.home() / usual


def _is_default(folder: Path) -> bool:
    return folder == _base("XDG_DATA_HOME", ".local/share") / "misora" / "trust"
