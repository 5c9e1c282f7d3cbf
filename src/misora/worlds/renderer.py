"""MuJoCo with a renderer that needs no screen, chosen before MuJoCo is first imported; import MuJoCo from here."""

from __future__ import annotations

import ctypes.util
import os
import sys
from collections.abc import Callable

from misora.core.errors import MisoraError

_INSTALL = "install one with 'apt-get install libosmesa6', or 'apt-get install libegl1 libgl1-mesa-dri'"


def choose_renderer(find_library: Callable[[str], str | None] = ctypes.util.find_library) -> str:
    """Choose how MuJoCo draws without a screen.

    Args:
        find_library: tells where a system library is, None when it is missing.

    Returns:
        "osmesa" where Mesa's off-screen library is installed, otherwise "egl"; outside Linux MuJoCo's own choice.

    Raises:
        MisoraError: neither library is installed.
    """
    if not sys.platform.startswith("linux"):
        return ""
    if find_library("OSMesa"):
        return "osmesa"
    if find_library("EGL"):
        return "egl"
    raise MisoraError(f"filming needs a renderer that works without a screen; {_INSTALL}, or set MUJOCO_GL")


if "MUJOCO_GL" not in os.environ:
    os.environ["MUJOCO_GL"] = choose_renderer()

import mujoco  # noqa: E402  only now, since it reads MUJOCO_GL when it is imported

__all__ = ["choose_renderer", "mujoco", "renderer_name"]


def renderer_name() -> str:
    """Name who draws; pixels are equal bit for bit only under equal names.

    Returns:
        The kind of context, the driver as it calls itself, and MuJoCo's version. A context must be current.
    """
    from OpenGL import GL

    name = GL.glGetString(GL.GL_RENDERER) or b"unknown renderer"
    return f"{os.environ['MUJOCO_GL'] or 'native'} {name.decode()} mujoco {mujoco.__version__}"
