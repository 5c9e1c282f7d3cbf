"""Presets: words and settings under a name, kept in small files that a person can edit.

Those that come with the package lie beside this file; a file of one's own with the same name goes before it.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from misora.core.config import from_dict
from misora.core.errors import UsageError

SHIPPED = Path(__file__).parent / "presets"
MAX_BYTES = 64 << 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """Words and settings that go together.

    Attributes:
        about: what it is for, in a line.
        before: words before the prompt.
        after: words after the prompt.
        negative: what should not be seen, where the command says nothing.
        guidance: how far the text is exaggerated, where the command says nothing.
        steps: solver steps, where the command says nothing.
    """

    about: str
    before: str = ""
    after: str = ""
    negative: str = ""
    guidance: float | None = None
    steps: int | None = None

    def said(self, prompt: str) -> str:
        """The prompt with the preset's words around it.

        Args:
            prompt: what was asked.

        Returns:
            One text; words that begin with a comma follow without a blank.
        """
        text = f"{self.before} {prompt.strip()}".strip() if self.before else prompt.strip()
        if not self.after:
            return text
        text = text.rstrip(".")
        return f"{text}{self.after}" if self.after[0] in ",." else f"{text} {self.after}"


def user_folder() -> Path:
    """Where a person's own presets lie.

    Returns:
        `misora/presets` in the folder of the user's settings.
    """
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "misora" / "presets"


def preset_files() -> Mapping[str, Path]:
    """Find the presets there are.

    Returns:
        Their files by name; a person's own go before those of the package.
    """
    found: dict[str, Path] = {}
    for folder in (SHIPPED, user_folder()):
        if folder.is_dir():
            found |= {path.stem: path for path in sorted(folder.glob("*.toml"))}
    return dict(sorted(found.items()))


def load_preset(name: str) -> Preset:
    """Read a preset.

    Args:
        name: of a preset, or the path of a `.toml` file.

    Returns:
        The preset.

    Raises:
        UsageError: if there is none, or its file says something unknown; the message names file and line.
    """
    files = preset_files()
    path = Path(name) if name.endswith(".toml") else files.get(name)
    if path is None:
        raise UsageError(f"no preset named {name!r}: there is {', '.join(files) or 'none'}; or give a .toml file")
    return read_preset(path)


def read_preset(path: Path) -> Preset:
    """Read the file of a preset.

    Args:
        path: TOML.

    Returns:
        The preset.

    Raises:
        UsageError: if it is missing, too large, no TOML, or says something unknown; the message names file and line.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UsageError(f"{path} is larger than {MAX_BYTES >> 10} KiB; a preset is a few lines")
        text = path.read_text(encoding="utf-8")
        return from_dict(Preset, tomllib.loads(text), where="preset")
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{path} is no preset: {error}") from error
    except UsageError as error:
        if str(path) in str(error):
            raise
        raise UsageError(f"{path}{_line_of(text, str(error))}: {error}") from error


def as_table(presets: Mapping[str, Path]) -> str:
    """The presets as people read them.

    Args:
        presets: from `preset_files`.

    Returns:
        A line for each: its name, what it is for, and where it lies when it is a person's own.
    """
    lines = []
    for name, path in presets.items():
        own = "" if path.parent == SHIPPED else f"  ({path})"
        lines.append(f"{name:<12} {read_preset(path).about}{own}")
    return "\n".join(lines)


def as_record(preset: Preset) -> dict[str, Any]:
    """The preset for machines.

    Args:
        preset: any.

    Returns:
        Plain values.
    """
    return {spec.name: getattr(preset, spec.name) for spec in fields(preset)}


def _line_of(text: str, message: str) -> str:
    """Where the setting that an error names stands, as ":3"."""
    named = re.search(r"preset\.(\w+)", message)
    for number, line in enumerate(text.splitlines(), 1):
        if named and re.match(rf"\s*['\"]?{re.escape(named[1])}['\"]?\s*=", line):
            return f":{number}"
    return ""
