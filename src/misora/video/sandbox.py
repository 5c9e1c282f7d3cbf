"""Files from outside, decoded in a process of their own that can do little else.

A decoder is a hundred thousand lines of C that reads what a stranger wrote. So the file is opened here, its descriptor
handed to a fresh interpreter that loads no more than the decoder, limits itself (see `misora.video.child`) and writes
pixels into shared memory, from which the clip is made without another copy.
"""

import json
import mmap
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from io import BufferedIOBase
from pathlib import Path
from typing import Any

import torch
from jaxtyping import UInt8
from torch import Tensor

import misora
from misora.core.errors import MediaError
from misora.video.clip import Clip
from misora.video.decode import upright
from misora.video.limits import DecodeLimits, Wish, check_amount, check_pixels
from misora.video.picture import Orientation
from misora.video.probe import Probe
from misora.video.sniff import open_source

_BOOT = "import json,sys;sys.path[:]=json.loads(sys.argv[1]);from misora.video.child import main;main(sys.argv[2])"
_MAX_REPLY_BYTES = 4 << 20


def decode_untrusted(
    source: bytes | Path | str,
    limits: DecodeLimits | None = None,
    *,
    from_seconds: float | int | None = None,
    to_seconds: float | int | None = None,
    short_side_px: int | None = None,
) -> Clip:
    """Decode a clip from outside in a process of its own.

    Args:
        source: the file's bytes, or its path.
        limits: bounds on the file, on what comes out of it, and on the process.
        from_seconds: frames shown before this are skipped, on the source clock; None is the start.
        to_seconds: frames shown from here on are skipped; None is the end.
        short_side_px: frames are shrunk until the shorter side has this many pixels; None keeps them.

    Returns:
        Frames turned upright, with square pixels, 8 bits a channel, on the source clock.

    Raises:
        MediaError: if it cannot be read, is transparent somewhere, or exceeds a limit.
    """
    wish = Wish(from_seconds=from_seconds, to_seconds=to_seconds, short_side_px=short_side_px)
    limits = limits or DecodeLimits()
    with _asked("clip", source, wish=wish, limits=limits) as (reply, pixels):
        return _to_clip(reply, pixels, limits)


def read_image_untrusted(
    source: bytes | Path | str,
    limits: DecodeLimits | None = None,
    *,
    background: tuple[int, int, int] | None = None,
) -> UInt8[Tensor, "3 H W"]:
    """Read an image from outside in a process of its own.

    Args:
        source: the file's bytes, or its path.
        limits: bounds on the file, on what comes out of it, and on the process.
        background: RGB laid under what is transparent; None refuses transparency.

    Returns:
        RGB 0..255, turned upright; everything else the file said is dropped.

    Raises:
        MediaError: if it cannot be read, is transparent without a background, or exceeds a limit.
    """
    limits = limits or DecodeLimits()
    with _asked("image", source, wish=Wish(), limits=limits, background=background) as (reply, pixels):
        return _to_clip(reply, pixels, limits).frames[0]


def probe_untrusted(source: bytes | Path | str, limits: DecodeLimits | None = None) -> Probe:
    """Look into a file from outside in a process of its own.

    Args:
        source: the file's bytes, or its path.
        limits: bounds on the file and on the process.

    Returns:
        What it holds.

    Raises:
        MediaError: if it cannot be read or exceeds a limit.
    """
    with _asked("probe", source, wish=Wish(), limits=limits or DecodeLimits()) as (reply, _):
        try:
            return Probe(**reply["probe"])
        except (KeyError, TypeError) as error:
            raise MediaError("the decoder answered nonsense; the file is broken or hostile") from error


@contextmanager
def _asked(
    task: str, source: bytes | Path | str, *, wish: Wish, limits: DecodeLimits, **more: Any
) -> Iterator[tuple[dict[str, Any], int]]:
    """Run the child once, and yield its reply and the descriptor of its pixels."""
    with (
        open_source(source, limits) as opened,
        _with_descriptor(opened) as file,
        _memory_file() as pixels,
        _memory_file() as answer,
    ):
        order = {"task": task, "wish": asdict(wish), "limits": asdict(limits), "pixels": pixels, "reply": answer}
        _run_child(order | more, file, limits)
        yield _read_reply(answer), pixels


def _run_child(order: dict[str, Any], file: BufferedIOBase, limits: DecodeLimits) -> None:
    search = [str(Path(misora.__file__).parents[1]), *(entry for entry in sys.path if entry)]
    command = [sys.executable, "-I", "-S", "-c", _BOOT, json.dumps(search), json.dumps(order)]
    try:
        ended = subprocess.run(
            command,
            stdin=file.fileno(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(order["pixels"], order["reply"]),
            env={name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ},
            cwd="/",
            timeout=limits.max_wall_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise MediaError(f"decoding took more than {limits.max_wall_seconds:g} s; give a shorter clip") from error
    if ended.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        raise MediaError(
            f"decoding took more than {limits.max_cpu_seconds} s of processor time or was killed; give a shorter clip"
        )
    if ended.returncode:
        raise MediaError(f"the decoder stopped (status {ended.returncode}); the file is broken, hostile or too large")


def _read_reply(answer: int) -> dict[str, Any]:
    try:
        reply = json.loads(os.pread(answer, _MAX_REPLY_BYTES, 0))
        refusal = reply.get("error")
    except (ValueError, AttributeError, RecursionError) as error:
        raise MediaError("the decoder answered nonsense; the file is broken or hostile") from error
    if refusal is not None:
        raise MediaError(str(refusal)[:500])
    return reply


def _to_clip(reply: dict[str, Any], pixels: int, limits: DecodeLimits) -> Clip:
    try:
        width, height = (int(side) for side in reply["size"])
        times = torch.tensor([float(time) for time in reply["times"]], dtype=torch.float64)
        turn = Orientation(**dict(zip(("is_transposed", "is_mirrored", "is_flipped"), reply["turn"], strict=True)))
        check_pixels(width, height, limits=limits)
        num_bytes = len(times) * 3 * height * width
        check_amount(len(times), num_bytes, seconds=0.0, limits=limits)
        if num_bytes == 0 or os.fstat(pixels).st_size != num_bytes:
            raise ValueError("not as many pixels as promised")
        frames = torch.frombuffer(mmap.mmap(pixels, num_bytes), dtype=torch.uint8)
        return Clip(frames=upright(frames.reshape(-1, 3, height, width), turn), pts_seconds=times)
    except MediaError:
        raise
    except (KeyError, TypeError, ValueError) as error:
        raise MediaError("the decoder answered nonsense; the file is broken or hostile") from error


@contextmanager
def _with_descriptor(file: BufferedIOBase) -> Iterator[BufferedIOBase]:
    """Bytes in memory get a nameless file, since the child is handed a descriptor."""
    try:
        file.fileno()
    except OSError:
        with tempfile.TemporaryFile() as copy:
            copy.write(file.read())
            copy.seek(0)
            yield copy
        return
    yield file


@contextmanager
def _memory_file() -> Iterator[int]:
    """A nameless file, in memory where the system has such; a mapping of it outlives the descriptor."""
    if hasattr(os, "memfd_create"):
        handle = os.memfd_create("misora")
    else:
        with tempfile.TemporaryFile() as file:
            handle = os.dup(file.fileno())
    try:
        yield handle
    finally:
        os.close(handle)
