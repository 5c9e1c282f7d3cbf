"""The process that decodes one file from outside, with next to nothing left for the file to misuse.

It gets the file as an open descriptor, not a name; loads what it needs; then gives up the right to open files or
connections, to start processes, to use more memory, time or output than allowed, and, where it was root, to be root.
What comes back is pixels in one descriptor and a line of JSON in another. The process on the other side believes
neither without checking.
"""

import json
import os
import resource
import sys
from io import BufferedIOBase
from typing import Any, cast

from misora.core.errors import MediaError
from misora.video.limits import DecodeLimits, Wish, check_amount
from misora.video.sniff import ANIMATIONS, HEAD_BYTES, STILLS, sniff

_NOBODY = 65534


def main(order: str) -> None:
    """Do one task and leave the reply.

    Args:
        order: JSON with the task, its wish and limits, and the descriptors of pixels and reply.
    """
    asked = json.loads(order)
    try:
        reply = _obey(asked)
    except MediaError as error:
        reply = {"error": str(error)}
    except MemoryError:
        reply = {"error": "decoding needs more memory than it may take; give a smaller clip"}
    os.write(asked["reply"], json.dumps(reply).encode())
    sys.stdout.flush()
    os._exit(0)


def _obey(asked: dict[str, Any]) -> dict[str, Any]:
    limits = DecodeLimits(**asked["limits"])
    file = cast(BufferedIOBase, sys.stdin.buffer)
    kind = sniff(file.read(HEAD_BYTES))
    if kind == "lossless":
        raise MediaError("this form is read from a corpus alone; give mp4, webm, gif, webp or an image")
    file.seek(0)
    _load_all_that_is_needed(kind)
    _give_up_rights(limits)
    if asked["task"] == "probe":
        return _probe(file, kind, limits)
    if asked["task"] == "image":
        return _image(file, kind, asked, limits)
    return _clip(file, kind, asked, Wish(**asked["wish"]), limits)


def _clip(file: BufferedIOBase, kind: str, asked: dict[str, Any], wish: Wish, limits: DecodeLimits) -> dict[str, Any]:
    if kind in STILLS:
        raise MediaError(f"this is an image ({kind}), not a clip; read it as an image")
    if kind in ANIMATIONS:
        from misora.video.animation import animation_pictures

        return _hand_over(((None, picture) for picture in animation_pictures(file, wish=wish, limits=limits)), asked)
    from misora.video.reader import opened, pictures

    with opened(file, kind, limits=limits) as (container, stream):
        return _hand_over(pictures(container, stream, wish=wish, limits=limits), asked)


def _hand_over(frames: Any, asked: dict[str, Any]) -> dict[str, Any]:
    times, turn, size = [], (False, False, False), (0, 0)
    for frame, picture in frames:
        if not times:
            size = (picture.width_px, picture.height_px)
            turn = _turn_of(frame) if frame is not None else turn
        picture.write_to(asked["pixels"])
        times.append(picture.pts_seconds)
    if not times:
        raise MediaError("the file holds no frames in that stretch; it is empty, or cut short, or ends earlier")
    return {"size": size, "times": times, "turn": turn}


def _turn_of(frame: Any) -> tuple[bool, bool, bool]:
    from misora.video.convert import orientation_of

    orientation = orientation_of(frame)
    return orientation.is_transposed, orientation.is_mirrored, orientation.is_flipped


def _probe(file: BufferedIOBase, kind: str, limits: DecodeLimits) -> dict[str, Any]:
    from dataclasses import asdict

    from misora.video.probe import probe_open

    return {"probe": asdict(probe_open(file, kind, limits=limits))}


def _image(file: BufferedIOBase, kind: str, asked: dict[str, Any], limits: DecodeLimits) -> dict[str, Any]:
    if kind not in STILLS and kind not in ANIMATIONS:
        raise MediaError("this is a video, not an image; decode it as a clip")
    from misora.video.animation import read_still

    image = read_still(file, background=asked["background"] and tuple(asked["background"]), limits=limits)
    check_amount(1, 3 * image.width * image.height, seconds=0.0, limits=limits)
    for band in image.split():
        data = memoryview(band.tobytes())
        while data:
            data = data[os.write(asked["pixels"], data) :]
    return {"size": image.size, "times": [0.0], "turn": (False, False, False)}


def _load_all_that_is_needed(kind: str) -> None:
    """Import now what could not be opened later."""
    import dataclasses  # noqa: F401

    import misora.video.probe

    if kind in STILLS or kind in ANIMATIONS:
        from PIL import Image

        import misora.video.animation

        Image.init()
    else:
        import av
        import av.audio.stream
        import av.sidedata.encparams
        import av.sidedata.motionvectors
        import av.subtitles.stream
        import av.subtitles.subtitle

        import misora.video.reader  # noqa: F401

        av.logging.set_level(None)


def _give_up_rights(limits: DecodeLimits) -> None:
    cpu = limits.max_cpu_seconds
    for name, most in (
        ("RLIMIT_CORE", (0, 0)),
        ("RLIMIT_CPU", (cpu, cpu + 1)),
        ("RLIMIT_FSIZE", (limits.max_output_bytes, limits.max_output_bytes)),
        ("RLIMIT_NPROC", (0, 0)),
        ("RLIMIT_NOFILE", (0, 0)),
        ("RLIMIT_AS", (limits.max_memory_bytes, limits.max_memory_bytes)),
    ):
        if name != "RLIMIT_AS" or sys.platform == "linux":  # elsewhere the kernel refuses or ignores it
            resource.setrlimit(getattr(resource, name), most)
    if os.geteuid() == 0:
        try:
            os.setgroups([])
            os.setresgid(_NOBODY, _NOBODY, _NOBODY)
            os.setresuid(_NOBODY, _NOBODY, _NOBODY)
        except OSError:  # a container without that user; the limits above hold all the same
            return
