import sys

import pytest

from misora.core.errors import MisoraError
from misora.worlds.draw import draw_script
from misora.worlds.film import Filmer
from misora.worlds.renderer import choose_renderer, mujoco, renderer_name

on_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere MuJoCo chooses")


@on_linux
def test_osmesa_comes_before_egl_and_neither_is_an_error_that_teaches() -> None:
    assert choose_renderer(lambda name: f"lib{name}.so") == "osmesa"
    assert choose_renderer(lambda name: "libEGL.so.1" if name == "EGL" else None) == "egl"
    with pytest.raises(MisoraError, match="apt-get install libosmesa6"):
        choose_renderer(lambda name: None)


def test_the_name_tells_driver_and_version() -> None:
    with Filmer() as filmer:
        filmer.film(draw_script(0, split="any", seconds=1.0))
        assert renderer_name() == filmer.renderer
        assert mujoco.__version__ in filmer.renderer
