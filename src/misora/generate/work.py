"""The work folder of a long run: its finished windows, so that a crash late costs the last window only.

NAME.work/   work.json   window-000.safetensors   preview.png
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jaxtyping import Float
from torch import Tensor

from misora.core.errors import OutputError, WeightsError
from misora.core.files import write_atomic

ASKED, KEY, SEED = "asked_sha256", "key", "seed"


@dataclass(frozen=True, slots=True)
class Work:
    """Windows kept in a folder under the key of what they belong to.

    Attributes:
        folder: where they lie; removed when the video is finished.
    """

    folder: Path

    @classmethod
    def open(cls, target: Path, *, key: str, asked: str = "", seed: int = 0) -> Work:
        """Go on with the work for a file, or begin it.

        Args:
            target: the video to be made.
            key: of everything that decides its latents; windows under another key are let go.
            asked: of the command, by which `seed_of_unfinished` finds it.
            seed: that the command was given or drew.

        Returns:
            The work.

        Raises:
            OutputError: if the folder cannot be made.
        """
        work = cls(folder_of(target))
        try:
            work.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"cannot make {work.folder}: {error.strerror}; choose another output") from error
        if _read(work.folder).get(KEY) != key:
            for path in work.folder.glob("window-*.safetensors"):
                path.unlink()
        write_atomic(work.folder / "work.json", json.dumps({KEY: key, ASKED: asked, SEED: seed}).encode())
        return work

    @property
    def num_done(self) -> int:
        """Windows that are kept."""
        return len(list(self.folder.glob("window-*.safetensors")))

    @property
    def preview(self) -> Path:
        """A picture of what is done so far."""
        return self.folder / "preview.png"

    def load(self, index: int) -> Float[Tensor, "t c h w"] | None:
        """Read the latents of a window.

        Args:
            index: of the window.

        Returns:
            Its latents; None where it is not finished, or its file is broken.
        """
        from misora.core.folder import load_tensors

        path = self._path(index)
        if not path.exists():
            return None
        try:
            return load_tensors(path)["latents"]
        except (WeightsError, KeyError):
            path.unlink()
            return None

    def save(self, index: int, latents: Float[Tensor, "t c h w"]) -> None:
        """Keep the latents of a window, whole or not at all.

        Args:
            index: of the window.
            latents: clean latents of all its groups.
        """
        from misora.core.folder import save_tensors

        save_tensors(self._path(index), {"latents": latents})

    def finish(self) -> None:
        """Remove what was kept; the folder too, if nothing else lies in it."""
        for path in (*self.folder.glob("window-*.safetensors"), self.folder / "work.json", self.preview):
            path.unlink(missing_ok=True)
        if not any(self.folder.iterdir()):
            self.folder.rmdir()

    def _path(self, index: int) -> Path:
        return self.folder / f"window-{index:03d}.safetensors"


def folder_of(target: Path) -> Path:
    """Name the work folder of a video: the same name, ending in `.work`."""
    return target.with_name(f"{target.name}.work")


def seed_of_unfinished(folder: Path, asked: str) -> int | None:
    """Find the seed that an interrupted command drew, so that the same command goes on.

    Args:
        folder: in which its video was to be written.
        asked: hash of what the command was asked.

    Returns:
        The seed of the latest such work; None where there is none.
    """
    works = sorted(folder.glob("*.work"), key=lambda path: path.stat().st_mtime, reverse=True)
    for known in map(_read, works):
        if known.get(ASKED) == asked and isinstance(known.get(SEED), int):
            return known[SEED]
    return None


def _read(folder: Path) -> Mapping[str, Any]:
    """What the folder says of itself; nothing where it does not."""
    try:
        known = json.loads((folder / "work.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}
